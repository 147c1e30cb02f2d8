//! The headers and form fields that carry the settings of an object.

/// A setting that a request carries as a header, or a form as a field.
///
/// This is the one place that knows the names: of the header, of the form field and of the key of `upsign.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectField {
    CacheControl,
    ContentDisposition,
    ContentEncoding,
    ContentLanguage,
    Expires,
    WebsiteRedirect,
    Encryption,
    KmsKey,
    KmsContext,
    BucketKey,
    StorageClass,
    Acl,
    LockMode,
    RetainUntil,
    LegalHold,
    ExpectedBucketOwner,
}

impl ObjectField {
    /// Every setting.
    pub(crate) const ALL: [Self; 16] = [
        Self::CacheControl,
        Self::ContentDisposition,
        Self::ContentEncoding,
        Self::ContentLanguage,
        Self::Expires,
        Self::WebsiteRedirect,
        Self::Encryption,
        Self::KmsKey,
        Self::KmsContext,
        Self::BucketKey,
        Self::StorageClass,
        Self::Acl,
        Self::LockMode,
        Self::RetainUntil,
        Self::LegalHold,
        Self::ExpectedBucketOwner,
    ];

    /// Returns the name of the header.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>.
    pub(crate) const fn header(self) -> &'static str {
        match self {
            Self::CacheControl => "cache-control",
            Self::ContentDisposition => "content-disposition",
            Self::ContentEncoding => "content-encoding",
            Self::ContentLanguage => "content-language",
            Self::Expires => "expires",
            Self::WebsiteRedirect => "x-amz-website-redirect-location",
            Self::Encryption => "x-amz-server-side-encryption",
            Self::KmsKey => "x-amz-server-side-encryption-aws-kms-key-id",
            Self::KmsContext => "x-amz-server-side-encryption-context",
            Self::BucketKey => "x-amz-server-side-encryption-bucket-key-enabled",
            Self::StorageClass => "x-amz-storage-class",
            Self::Acl => "x-amz-acl",
            Self::LockMode => "x-amz-object-lock-mode",
            Self::RetainUntil => "x-amz-object-lock-retain-until-date",
            Self::LegalHold => "x-amz-object-lock-legal-hold",
            Self::ExpectedBucketOwner => "x-amz-expected-bucket-owner",
        }
    }

    /// Returns the name of the form field, or `None` if the documentation of forms lists none.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>.
    pub(crate) const fn form_field(self) -> Option<&'static str> {
        match self {
            Self::CacheControl => Some("Cache-Control"),
            Self::ContentDisposition => Some("Content-Disposition"),
            Self::ContentEncoding => Some("Content-Encoding"),
            Self::Expires => Some("Expires"),
            Self::Acl => Some("acl"),
            Self::WebsiteRedirect
            | Self::Encryption
            | Self::KmsKey
            | Self::KmsContext
            | Self::BucketKey
            | Self::StorageClass => Some(self.header()),
            Self::ContentLanguage
            | Self::LockMode
            | Self::RetainUntil
            | Self::LegalHold
            | Self::ExpectedBucketOwner => None,
        }
    }

    /// Returns the key of `upsign.toml`.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::CacheControl => "cache_control",
            Self::ContentDisposition => "disposition",
            Self::ContentEncoding => "content_encoding",
            Self::ContentLanguage => "content_language",
            Self::Expires => "expires",
            Self::WebsiteRedirect => "website_redirect",
            Self::Encryption => "encryption",
            Self::KmsKey => "kms_key",
            Self::KmsContext => "kms_context",
            Self::BucketKey => "bucket_key",
            Self::StorageClass => "storage_class",
            Self::Acl => "acl",
            Self::LockMode | Self::RetainUntil => "object_lock",
            Self::LegalHold => "legal_hold",
            Self::ExpectedBucketOwner => "expected_bucket_owner",
        }
    }

    /// Returns what the setting is, for the sentence that a grant does not bind it. `None` if another setting implies it.
    pub(crate) const fn constraint(self) -> Option<&'static str> {
        match self {
            Self::CacheControl => Some("cache control"),
            Self::ContentDisposition => Some("content disposition"),
            Self::ContentEncoding => Some("content encoding"),
            Self::ContentLanguage => Some("content language"),
            Self::Expires => Some("expiry of caches"),
            Self::WebsiteRedirect => Some("website redirect"),
            Self::Encryption => Some("encryption"),
            Self::StorageClass => Some("storage class"),
            Self::Acl => Some("ACL"),
            Self::LockMode => Some("object lock"),
            Self::LegalHold => Some("legal hold"),
            Self::ExpectedBucketOwner => Some("expected bucket owner"),
            Self::KmsKey | Self::KmsContext | Self::BucketKey | Self::RetainUntil => None,
        }
    }

    /// Returns whether a copy of the object gets the setting from the request to copy, so that an object that is not confirmed yet
    /// does without it. Other settings are copied with the object, or protect both.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>.
    pub(crate) const fn is_only_of_copy(self) -> bool {
        matches!(
            self,
            Self::WebsiteRedirect
                | Self::StorageClass
                | Self::Acl
                | Self::LockMode
                | Self::RetainUntil
                | Self::LegalHold
        )
    }

    /// Returns whether S3 encrypts a copy as the request to copy states, and not as the source is encrypted.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>.
    pub(crate) const fn is_encryption(self) -> bool {
        matches!(self, Self::Encryption | Self::KmsKey | Self::KmsContext | Self::BucketKey)
    }

    /// Returns the setting that has this header.
    pub(crate) fn of_header(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.header() == name)
    }
}
