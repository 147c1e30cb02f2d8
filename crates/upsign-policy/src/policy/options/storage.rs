//! Options for the storage of an object.

use upsign_core::{InvalidHeader, SignedHeaders};

use crate::object::encryption_context::EncryptionContext;
use crate::object::object_field::ObjectField;
use crate::object::storage::{CacheControl, CannedAcl, Encryption, StorageClass};
use crate::policy::error::InvalidUploadPolicy;

/// Options for the storage of an object. Each option is a signed header, or a field of a form, with a value that the
/// policy fixes.
///
/// TOML keys: `cache_control`, `encryption` with `kms_key`, `kms_context` and `bucket_key`, `storage_class`, `acl`.
///
/// ```
/// use upsign_policy::{Encryption, KmsKey, StorageClass, StorageOptions};
/// let storage = StorageOptions::new()
///     .cache_control("public, max-age=31536000, immutable".parse()?)
///     .encryption(Encryption::Kms(KmsKey::CustomerManaged("alias/uploads".parse()?)))
///     .storage_class(StorageClass::StandardIa);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StorageOptions {
    pub(in crate::policy) cache_control: Option<CacheControl>,
    pub(in crate::policy) encryption: Option<Encryption>,
    pub(in crate::policy) kms_context: EncryptionContext,
    bucket_key: Option<bool>,
    pub(in crate::policy) storage_class: Option<StorageClass>,
    pub(in crate::policy) acl: Option<CannedAcl>,
}

impl StorageOptions {
    /// Returns the defaults: no header is sent, so the settings of the bucket apply.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `Cache-Control`. Default: not sent.
    #[must_use]
    pub fn cache_control(mut self, cache_control: CacheControl) -> Self {
        self.cache_control = Some(cache_control);
        self
    }

    /// Sets the encryption at rest. Default: not sent; the bucket's default encryption applies.
    #[must_use]
    pub fn encryption(mut self, encryption: Encryption) -> Self {
        self.encryption = Some(encryption);
        self
    }

    /// Sets the encryption context of the KMS key. Default: none. It requires [`Encryption::Kms`] or
    /// [`Encryption::KmsDsse`].
    #[must_use]
    pub fn kms_context(mut self, context: EncryptionContext) -> Self {
        self.kms_context = context;
        self
    }

    /// Sets whether S3 encrypts with a key of the bucket that it derives from the KMS key, which saves requests to KMS.
    /// Default: not sent; the setting of the bucket applies. It requires [`Encryption::Kms`].
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html>.
    #[must_use]
    pub const fn bucket_key(mut self, enabled: bool) -> Self {
        self.bucket_key = Some(enabled);
        self
    }

    /// Sets the storage class. Default: not sent; S3 uses `STANDARD`.
    #[must_use]
    pub const fn storage_class(mut self, storage_class: StorageClass) -> Self {
        self.storage_class = Some(storage_class);
        self
    }

    /// Sets a canned ACL. Default: not sent. Most buckets refuse every ACL; see [`CannedAcl`].
    #[must_use]
    pub const fn acl(mut self, acl: CannedAcl) -> Self {
        self.acl = Some(acl);
        self
    }

    /// Checks that the encryption has the options that are set.
    pub(in crate::policy) fn check(&self) -> Result<(), InvalidUploadPolicy> {
        let is_kms = matches!(self.encryption, Some(Encryption::Kms(_) | Encryption::KmsDsse(_)));
        if !self.kms_context.is_empty() && !is_kms {
            return Err(InvalidUploadPolicy::NoKmsForContext);
        }
        // DSSE-KMS has no bucket keys:
        // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingDSSEncryption.html>.
        if self.bucket_key.is_some() && !matches!(self.encryption, Some(Encryption::Kms(_))) {
            return Err(InvalidUploadPolicy::NoKmsForBucketKey);
        }
        Ok(())
    }

    /// Adds one header for each option that is set.
    pub(in crate::policy) fn add_headers(&self, headers: &mut SignedHeaders) -> Result<(), InvalidHeader> {
        if let Some(cache_control) = &self.cache_control {
            headers.insert(ObjectField::CacheControl.header(), cache_control.as_str())?;
        }
        if let Some(encryption) = &self.encryption {
            headers.insert(ObjectField::Encryption.header(), encryption.as_str())?;
            if let Some(key) = encryption.customer_key() {
                headers.insert(ObjectField::KmsKey.header(), key.as_str())?;
            }
        }
        if !self.kms_context.is_empty() {
            headers.insert(ObjectField::KmsContext.header(), &self.kms_context.header())?;
        }
        if let Some(enabled) = self.bucket_key {
            headers.insert(ObjectField::BucketKey.header(), if enabled { "true" } else { "false" })?;
        }
        if let Some(class) = self.storage_class {
            headers.insert(ObjectField::StorageClass.header(), class.as_str())?;
        }
        if let Some(acl) = self.acl {
            headers.insert(ObjectField::Acl.header(), acl.as_str())?;
        }
        Ok(())
    }
}
