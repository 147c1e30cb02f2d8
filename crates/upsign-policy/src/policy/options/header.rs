//! Options for the headers that describe an object, and for those without an option of their own.

use upsign_core::{InvalidHeader, SignedHeaders};

use crate::object::content_headers::{
    BucketOwner, CacheExpiry, ContentEncoding, ContentLanguage, WebsiteRedirect,
};
use crate::object::object_field::ObjectField;
use crate::object::other_headers::OtherHeaders;

/// Options for headers that S3 stores with an object, and for headers of the request. Each is signed with a value that the
/// policy fixes. `Cache-Control` is one of the [`StorageOptions`](crate::StorageOptions).
///
/// TOML keys: `content_encoding`, `content_language`, `expires`, `website_redirect`, `expected_bucket_owner`, `headers`.
///
/// ```
/// use upsign_policy::HeaderOptions;
/// let headers = HeaderOptions::new()
///     .content_encoding("gzip".parse()?)
///     .content_language("de".parse()?)
///     .expected_bucket_owner("123456789012".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderOptions {
    content_encoding: Option<ContentEncoding>,
    content_language: Option<ContentLanguage>,
    expires: Option<CacheExpiry>,
    website_redirect: Option<WebsiteRedirect>,
    expected_bucket_owner: Option<BucketOwner>,
    pub(in crate::policy) others: OtherHeaders,
}

impl HeaderOptions {
    /// Returns the defaults: no header is sent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `Content-Encoding`. Default: not sent. Browsers decode the object, so every file must be encoded so.
    #[must_use]
    pub fn content_encoding(mut self, encoding: ContentEncoding) -> Self {
        self.content_encoding = Some(encoding);
        self
    }

    /// Sets `Content-Language`. Default: not sent. A form has no such field.
    #[must_use]
    pub fn content_language(mut self, language: ContentLanguage) -> Self {
        self.content_language = Some(language);
        self
    }

    /// Sets `Expires`, until when caches may keep the object. Default: not sent.
    #[must_use]
    pub const fn expires(mut self, expiry: CacheExpiry) -> Self {
        self.expires = Some(expiry);
        self
    }

    /// Sets where a website of S3 redirects readers of the object. Default: not sent.
    #[must_use]
    pub fn website_redirect(mut self, redirect: WebsiteRedirect) -> Self {
        self.website_redirect = Some(redirect);
        self
    }

    /// Sets the account that must own the bucket. Default: not checked. A form has no such field.
    #[must_use]
    pub fn expected_bucket_owner(mut self, owner: BucketOwner) -> Self {
        self.expected_bucket_owner = Some(owner);
        self
    }

    /// Sets headers without an option of their own. Default: none. They are headers of a `PUT`; a form cannot have them.
    #[must_use]
    pub fn others(mut self, headers: OtherHeaders) -> Self {
        self.others = headers;
        self
    }

    pub(in crate::policy) const fn redirect(&self) -> Option<&WebsiteRedirect> {
        self.website_redirect.as_ref()
    }

    pub(in crate::policy) const fn owner(&self) -> Option<&BucketOwner> {
        self.expected_bucket_owner.as_ref()
    }

    /// Adds one header for each option that is set.
    pub(in crate::policy) fn add_headers(&self, headers: &mut SignedHeaders) -> Result<(), InvalidHeader> {
        if let Some(encoding) = &self.content_encoding {
            headers.insert(ObjectField::ContentEncoding.header(), encoding.as_str())?;
        }
        if let Some(language) = &self.content_language {
            headers.insert(ObjectField::ContentLanguage.header(), language.as_str())?;
        }
        if let Some(expiry) = self.expires {
            headers.insert(ObjectField::Expires.header(), &expiry.to_string())?;
        }
        if let Some(redirect) = &self.website_redirect {
            headers.insert(ObjectField::WebsiteRedirect.header(), redirect.as_str())?;
        }
        if let Some(owner) = &self.expected_bucket_owner {
            headers.insert(ObjectField::ExpectedBucketOwner.header(), owner.as_str())?;
        }
        for (name, value) in self.others.iter() {
            headers.insert(name, value)?;
        }
        Ok(())
    }
}
