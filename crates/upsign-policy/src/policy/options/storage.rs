//! Options for the storage of an object.

use upsign_core::{InvalidHeader, SignedHeaders};

use crate::object::storage::{CacheControl, CannedAcl, Encryption, StorageClass};

/// Options for the storage of an object. Each option is a signed header, or a field of a form, with a value that the
/// policy fixes.
///
/// TOML keys: `cache_control`, `encryption` with `kms_key`, `storage_class`, `acl`.
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

    /// Adds one header for each option that is set.
    pub(in crate::policy) fn add_headers(&self, headers: &mut SignedHeaders) -> Result<(), InvalidHeader> {
        if let Some(cache_control) = &self.cache_control {
            headers.insert("cache-control", cache_control.as_str())?;
        }
        if let Some(encryption) = &self.encryption {
            headers.insert("x-amz-server-side-encryption", encryption.as_str())?;
            if let Some(key) = encryption.customer_key() {
                headers.insert("x-amz-server-side-encryption-aws-kms-key-id", key.as_str())?;
            }
        }
        if let Some(class) = self.storage_class {
            headers.insert("x-amz-storage-class", class.as_str())?;
        }
        if let Some(acl) = self.acl {
            headers.insert("x-amz-acl", acl.as_str())?;
        }
        Ok(())
    }
}
