//! Fixed headers that no other setting has.

use upsign_core::{InvalidHeader, SignedHeaders};

use super::object_field::ObjectField;

/// Headers with fixed values for which a policy has no setting of its own, for example `x-amz-request-payer`.
///
/// A header that another setting signs, that pages cannot set, or that changes what the request does, is refused.
///
/// TOML key: `headers`.
///
/// ```
/// use upsign_policy::{HeaderOptions, OtherHeaders};
/// let mut headers = OtherHeaders::new();
/// headers.insert("x-amz-request-payer", "requester")?;
/// assert_eq!(
///     headers.insert("Cache-Control", "no-store").unwrap_err().to_string(),
///     "the header `cache-control` has a setting of its own: cache_control",
/// );
/// let options = HeaderOptions::new().others(headers);
/// # Ok::<(), upsign_policy::InvalidOtherHeader>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherHeaders(SignedHeaders);

/// The reason why a header cannot be one of [`OtherHeaders`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOtherHeader {
    /// Another setting signs this header.
    #[error("the header `{name}` has a setting of its own: {key}")]
    OwnSetting {
        /// The name of the header in lower case.
        name: Box<str>,
        /// The key of `upsign.toml`.
        key: &'static str,
    },
    /// Browsers do not let pages set this header, so no page could use the grant.
    #[error("pages cannot set the header `{0}`: browsers set it themselves, or not at all")]
    SetByBrowsers(Box<str>),
    /// The header makes the request something else than the upload of a file.
    #[error("the header `{name}` cannot be fixed: {why}")]
    Refused {
        /// The name of the header in lower case.
        name: Box<str>,
        /// Why it is refused.
        why: &'static str,
    },
    /// The header cannot be signed.
    #[error(transparent)]
    Unsignable(InvalidHeader),
}

/// Headers of other settings, by the beginning of their names.
const OWN_SETTINGS: [(&str, &str); 9] = [
    ("content-length", "max_size"),
    ("content-md5", "checksums"),
    ("content-type", "types"),
    ("if-match", "replace"),
    ("if-none-match", "replace"),
    ("x-amz-checksum-", "checksums"),
    ("x-amz-meta-", "metadata"),
    ("x-amz-sdk-checksum-algorithm", "checksums"),
    ("x-amz-tagging", "tags"),
];

/// Headers that change what the request does, by the beginning of their names.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>.
const REFUSED: [(&str, &str); 5] = [
    ("x-amz-copy-source", "it makes the request a copy of another object"),
    ("x-amz-decoded-content-length", "it describes a body that an AWS SDK has encoded"),
    ("x-amz-grant-", "the signing role has no permission to grant access; set acl, or a bucket policy"),
    (
        "x-amz-server-side-encryption-customer-",
        "it contains an encryption key, which every client would receive",
    ),
    ("x-amz-trailer", "it describes a body that an AWS SDK has encoded"),
];

impl OtherHeaders {
    /// Creates an empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a header. Its name is converted to lower case.
    ///
    /// # Errors
    /// Returns an error if the header has another setting, cannot be set by pages, changes what the request does, is present
    /// already, or cannot be signed.
    pub fn insert(&mut self, name: &str, value: &str) -> Result<(), InvalidOtherHeader> {
        let name = name.to_ascii_lowercase();
        let begins = |prefix: &str| match prefix.ends_with('-') {
            true => name.starts_with(prefix),
            false => name == prefix,
        };
        let own = OWN_SETTINGS.iter().find(|(prefix, _)| begins(prefix)).map(|(_, key)| *key);
        if let Some(key) = own.or_else(|| ObjectField::of_header(&name).map(ObjectField::key)) {
            return Err(InvalidOtherHeader::OwnSetting { name: name.into(), key });
        }
        if let Some((_, why)) = REFUSED.iter().find(|(prefix, _)| name.starts_with(prefix)) {
            return Err(InvalidOtherHeader::Refused { name: name.into(), why });
        }
        // The check for reserved names comes first: `host` is both.
        let mut headers = self.0.clone();
        headers.insert(&name, value).map_err(InvalidOtherHeader::Unsignable)?;
        if !SignedHeaders::is_settable(&name) {
            return Err(InvalidOtherHeader::SetByBrowsers(name.into()));
        }
        self.0 = headers;
        Ok(())
    }

    /// Returns whether there are no headers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_with_another_setting_name_it() {
        let fields = ObjectField::ALL.map(|field| (field.header(), field.key()));
        let named =
            [("x-amz-meta-a", "metadata"), ("X-Amz-Checksum-Sha256", "checksums"), ("IF-MATCH", "replace")];
        for (name, key) in fields.into_iter().chain(named) {
            let refused = OtherHeaders::new().insert(name, "x").unwrap_err();
            let name = name.to_ascii_lowercase().into();
            assert_eq!(refused, InvalidOtherHeader::OwnSetting { name, key });
        }
    }

    #[test]
    fn headers_that_change_the_request_are_refused() {
        let mut headers = OtherHeaders::new();
        for name in [
            "x-amz-copy-source",
            "x-amz-copy-source-if-match",
            "x-amz-grant-read",
            "x-amz-server-side-encryption-customer-key",
            "x-amz-trailer",
        ] {
            let refused = headers.insert(name, "x");
            assert!(matches!(refused, Err(InvalidOtherHeader::Refused { .. })), "{name}: {refused:?}");
        }
        for name in ["cookie", "Origin", "sec-fetch-site", "transfer-encoding"] {
            let refused = headers.insert(name, "x");
            assert!(matches!(refused, Err(InvalidOtherHeader::SetByBrowsers(_))), "{name}: {refused:?}");
        }
        for (name, value) in [("host", "x"), ("authorization", "x"), ("a b", "x"), ("a", "é")] {
            let refused = headers.insert(name, value);
            assert!(matches!(refused, Err(InvalidOtherHeader::Unsignable(_))), "{name}: {refused:?}");
        }
        assert!(headers.is_empty());
        headers.insert("X-Amz-Request-Payer", "requester").unwrap();
        assert!(headers.insert("x-amz-request-payer", "requester").is_err());
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("x-amz-request-payer", "requester")]);
    }
}
