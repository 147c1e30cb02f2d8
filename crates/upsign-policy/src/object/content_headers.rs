//! Headers that describe the content of an object to those who read it.

use std::fmt;
use std::str::FromStr;

use upsign_core::Timestamp;

use crate::encoding::token::is_token;

/// A value of `Content-Encoding`: the codings that readers must undo, such as `gzip` or `br`.
///
/// Browsers decode the object when they read it. Every upload of the route must really be encoded so.
///
/// TOML key: `content_encoding`.
///
/// Source: <https://www.rfc-editor.org/rfc/rfc9110#name-content-encoding>.
///
/// ```
/// use upsign_policy::{ContentEncoding, HeaderOptions};
/// let compressed: ContentEncoding = "gzip".parse()?;
/// let options = HeaderOptions::new().content_encoding(compressed);
/// # Ok::<(), upsign_policy::InvalidContentEncoding>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentEncoding(Box<str>);

/// The text is not a value of `Content-Encoding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidContentEncoding {
    /// The text is not a list of codings.
    #[error("a content encoding must be one or more codings, separated by commas, for example `gzip`")]
    Form,
    /// `aws-chunked` describes how an SDK transfers a body. S3 does not store it.
    #[error("`aws-chunked` is an encoding of requests by AWS SDKs, not of objects")]
    AwsChunked,
}

/// A value of `Content-Language`: the languages of the intended readers, such as `de` or `en, fr`.
///
/// TOML key: `content_language`.
///
/// Source: <https://www.rfc-editor.org/rfc/rfc9110#name-content-language>.
///
/// ```
/// use upsign_policy::ContentLanguage;
/// let language: ContentLanguage = "de-AT".parse()?;
/// assert!("de_AT".parse::<ContentLanguage>().is_err());
/// # Ok::<(), upsign_policy::InvalidContentLanguage>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentLanguage(Box<str>);

/// The text is not a value of `Content-Language`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a content language must be one or more language tags such as `de` or `en-GB`, separated by commas, with at most 256 characters"
)]
#[non_exhaustive]
pub struct InvalidContentLanguage;

/// A value of `Expires`: the time until which caches may keep the object. It does not delete the object.
///
/// It is a fixed date. For a time that begins when the object is read, use [`CacheControl`](crate::CacheControl).
///
/// TOML key: `expires`.
///
/// Source: <https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats>.
///
/// ```
/// use upsign_policy::CacheExpiry;
/// let expiry: CacheExpiry = "2037-01-01T00:00:00Z".parse()?;
/// assert_eq!(expiry.to_string(), "Thu, 01 Jan 2037 00:00:00 GMT");
/// assert_eq!("Thu, 01 Jan 2037 00:00:00 GMT".parse(), Ok(expiry));
/// # Ok::<(), upsign_policy::InvalidCacheExpiry>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CacheExpiry(Timestamp);

/// The text is not a date and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an expiry must be a date and time such as `2037-01-01T00:00:00Z` or `Thu, 01 Jan 2037 00:00:00 GMT`"
)]
#[non_exhaustive]
pub struct InvalidCacheExpiry;

/// Where a website of S3 redirects readers of the object: a key of the same bucket with `/` in front, or a URL.
///
/// TOML key: `website_redirect`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html>.
///
/// ```
/// use upsign_policy::WebsiteRedirect;
/// assert!("/moved.html".parse::<WebsiteRedirect>().is_ok());
/// assert!("moved.html".parse::<WebsiteRedirect>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebsiteRedirect(Box<str>);

/// The text is not the target of a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a website redirect must begin with `/`, `http://` or `https://`, without spaces, and have at most 2048 characters of ASCII"
)]
#[non_exhaustive]
pub struct InvalidWebsiteRedirect;

/// The id of the AWS account that must own the bucket, 12 digits. Otherwise S3 refuses the upload with 403.
///
/// It protects against a bucket that was deleted and whose name somebody else took.
///
/// TOML key: `expected_bucket_owner`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html>.
///
/// ```
/// use upsign_policy::BucketOwner;
/// assert!("123456789012".parse::<BucketOwner>().is_ok());
/// assert!("12345".parse::<BucketOwner>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketOwner(Box<str>);

/// The text is not the id of an AWS account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of an AWS account must be 12 digits")]
#[non_exhaustive]
pub struct InvalidBucketOwner;

/// The maximum length of a header's value, in bytes. S3 limits only all headers together.
const MAX_VALUE: usize = 256;

upsign_core::text_type!(ContentEncoding, ContentLanguage, WebsiteRedirect, BucketOwner);

impl ContentEncoding {
    /// Returns the value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ContentEncoding {
    type Err = InvalidContentEncoding;

    fn from_str(text: &str) -> Result<Self, InvalidContentEncoding> {
        let items = items(text).ok_or(InvalidContentEncoding::Form)?;
        if items.iter().any(|item| item.eq_ignore_ascii_case("aws-chunked")) {
            return Err(InvalidContentEncoding::AwsChunked);
        }
        if !items.iter().all(|item| is_token(item)) {
            return Err(InvalidContentEncoding::Form);
        }
        Ok(Self(items.join(", ").into()))
    }
}

impl ContentLanguage {
    /// Returns the value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ContentLanguage {
    type Err = InvalidContentLanguage;

    fn from_str(text: &str) -> Result<Self, InvalidContentLanguage> {
        let items = items(text).ok_or(InvalidContentLanguage)?;
        if items.iter().all(|item| is_language(item)) {
            Ok(Self(items.join(", ").into()))
        } else {
            Err(InvalidContentLanguage)
        }
    }
}

/// Returns whether the text has the form of a language tag (RFC 5646 section 2.1).
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let fits =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    parts.next().is_some_and(|first| fits(first) && first.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && parts.all(fits)
}

/// Splits a list at its commas. `None` if it is empty, has an empty item, or is too long.
fn items(text: &str) -> Option<Vec<&str>> {
    let items: Vec<&str> = text.split(',').map(str::trim).collect();
    (text.len() <= MAX_VALUE && items.iter().all(|item| !item.is_empty())).then_some(items)
}

impl CacheExpiry {
    /// Creates the header of an instant.
    #[must_use]
    pub const fn new(at: Timestamp) -> Self {
        Self(at)
    }

    /// Returns the instant.
    #[must_use]
    pub const fn at(self) -> Timestamp {
        self.0
    }
}

impl fmt::Display for CacheExpiry {
    /// Writes the date in the form of HTTP headers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_http_date())
    }
}

impl FromStr for CacheExpiry {
    type Err = InvalidCacheExpiry;

    /// Reads the form of HTTP headers (IMF-fixdate), or `YYYY-MM-DDThh:mm:ssZ`.
    fn from_str(text: &str) -> Result<Self, InvalidCacheExpiry> {
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(Self(at));
        }
        // The weekday must be right too.
        let at = Timestamp::from_http_date(text).filter(|at| at.to_http_date() == text);
        at.map(Self).ok_or(InvalidCacheExpiry)
    }
}

impl WebsiteRedirect {
    /// Returns the value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WebsiteRedirect {
    type Err = InvalidWebsiteRedirect;

    fn from_str(text: &str) -> Result<Self, InvalidWebsiteRedirect> {
        let begins = ["/", "http://", "https://"].iter().any(|prefix| text.starts_with(prefix));
        // The limit is that of the page, 2 KB.
        if begins && text.len() <= 2_048 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidWebsiteRedirect)
        }
    }
}

impl BucketOwner {
    /// Returns the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BucketOwner {
    type Err = InvalidBucketOwner;

    fn from_str(text: &str) -> Result<Self, InvalidBucketOwner> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidBucketOwner)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_lists_of_tokens() {
        assert_eq!("gzip".parse::<ContentEncoding>().unwrap(), "gzip");
        assert_eq!(" br,gzip ".parse::<ContentEncoding>().unwrap(), "br, gzip");
        for text in ["", " ", "gzip,", "g zip", "gzip;q=1", "é", &"a".repeat(257)] {
            assert_eq!(text.parse::<ContentEncoding>(), Err(InvalidContentEncoding::Form), "{text}");
        }
        assert_eq!("AWS-chunked,gzip".parse::<ContentEncoding>(), Err(InvalidContentEncoding::AwsChunked));
    }

    #[test]
    fn languages_are_lists_of_tags() {
        for text in ["de", "en-GB", "zh-Hant-TW", "de-1996", "x-klingon", "en, fr", "de-12345678"] {
            assert_eq!(text.parse::<ContentLanguage>().unwrap(), text);
        }
        for text in ["", "de_AT", "1de", "deutschland", "de-123456789", "de-", "-de", "de,", "de fr", "é"] {
            assert_eq!(text.parse::<ContentLanguage>(), Err(InvalidContentLanguage), "{text}");
        }
    }

    #[test]
    fn expiry_has_the_form_of_http_dates() {
        for (iso, http) in [
            ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("2024-02-29T23:59:59Z", "Thu, 29 Feb 2024 23:59:59 GMT"),
            ("2037-12-31T12:00:00Z", "Thu, 31 Dec 2037 12:00:00 GMT"),
        ] {
            let expiry: CacheExpiry = iso.parse().unwrap();
            assert_eq!(expiry.to_string(), http);
            assert_eq!(http.parse(), Ok(expiry));
        }
        for text in
            ["", "0", "Fri, 01 Jan 1970 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00", "2037-01-01", "tomorrow"]
        {
            assert_eq!(text.parse::<CacheExpiry>(), Err(InvalidCacheExpiry), "{text}");
        }
    }

    #[test]
    fn redirects_and_owners() {
        for text in ["/a.html", "https://example.com/b?c=d", "http://example.com"] {
            assert_eq!(text.parse::<WebsiteRedirect>().unwrap(), text);
        }
        let long = format!("/{}", "a".repeat(2_048));
        for text in ["", "a.html", "ftp://example.com", "/a b", "/é", "/a\n", &long] {
            assert_eq!(text.parse::<WebsiteRedirect>(), Err(InvalidWebsiteRedirect), "{text}");
        }
        assert_eq!("123456789012".parse::<BucketOwner>().unwrap(), "123456789012");
        for text in ["", "12345678901", "1234567890123", "12345678901a", "１23456789012"] {
            assert_eq!(text.parse::<BucketOwner>(), Err(InvalidBucketOwner), "{text}");
        }
    }
}
