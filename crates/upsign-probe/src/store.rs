//! The store to examine.

use upsign_core::{Credentials, Expiry, SignatureFamily, Target};

use crate::error::UnsupportedStore;

/// A bucket, and the credentials that may write to it.
#[derive(Clone, Debug)]
pub struct ProbedStore {
    pub(crate) target: Target,
    pub(crate) credentials: Credentials,
}

impl ProbedStore {
    /// Creates the store. Nothing is sent.
    ///
    /// The expiry of the credentials is ignored: every URL is used at once, and some are signed with a time that is off by an hour.
    ///
    /// # Errors
    /// Returns [`UnsupportedStore`] for signatures of Google Cloud Storage, access points of several regions, and directory buckets.
    pub fn new(target: Target, credentials: &Credentials) -> Result<Self, UnsupportedStore> {
        if target.signature_family() != SignatureFamily::Aws {
            return Err(UnsupportedStore::GoogleSignatures);
        }
        if target.requires_sigv4a() {
            return Err(UnsupportedStore::SigV4a);
        }
        if target.bucket().is_directory() {
            return Err(UnsupportedStore::DirectoryBucket);
        }
        Ok(Self { target, credentials: credentials.with_expiry(Expiry::Never) })
    }

    /// Returns the address of the bucket.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }
}
