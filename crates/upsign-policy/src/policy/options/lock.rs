//! Options for Object Lock.

use upsign_core::{InvalidHeader, SignedHeaders, Timestamp};

use crate::object::checksum::Checksums;
use crate::object::object_field::ObjectField;
use crate::object::retention::Retention;
use crate::policy::error::InvalidUploadPolicy;

/// Options for Object Lock, which protects objects against deletion. The bucket must have Object Lock enabled.
///
/// S3 requires a checksum or `Content-MD5` of such uploads, so the policy must
/// [require a checksum](crate::Checksums::Required). A form cannot lock its object.
///
/// TOML keys: `object_lock`, `legal_hold`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>.
///
/// ```
/// use upsign_policy::{LockMode, LockOptions, Retention};
/// let lock = LockOptions::new().retention(Retention::new(LockMode::Governance, 30)?);
/// # Ok::<(), upsign_policy::InvalidRetention>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockOptions {
    pub(in crate::policy) retention: Option<Retention>,
    pub(in crate::policy) legal_hold: bool,
}

impl LockOptions {
    /// Returns the defaults: no header is sent, so the default retention of the bucket applies, if it has one.
    #[must_use]
    pub const fn new() -> Self {
        Self { retention: None, legal_hold: false }
    }

    /// Sets how long objects are protected, from the time of the grant. Default: not sent.
    #[must_use]
    pub const fn retention(mut self, retention: Retention) -> Self {
        self.retention = Some(retention);
        self
    }

    /// Sets whether objects are protected until the hold is removed. Default: `false`.
    #[must_use]
    pub const fn legal_hold(mut self, hold: bool) -> Self {
        self.legal_hold = hold;
        self
    }

    const fn is_set(self) -> bool {
        self.retention.is_some() || self.legal_hold
    }

    /// Adds the headers with fixed values.
    pub(in crate::policy) fn add_headers(self, headers: &mut SignedHeaders) -> Result<(), InvalidHeader> {
        if let Some(retention) = self.retention {
            headers.insert(ObjectField::LockMode.header(), retention.mode().as_str())?;
        }
        if self.legal_hold {
            headers.insert(ObjectField::LegalHold.header(), "ON")?;
        }
        Ok(())
    }

    /// Adds the header whose value depends on the time of the grant.
    pub(in crate::policy) fn add_retain_until(
        self,
        headers: &mut SignedHeaders,
        at: Timestamp,
    ) -> Result<(), InvalidHeader> {
        match self.retention {
            Some(retention) => {
                headers.insert(ObjectField::RetainUntil.header(), &retention.until(at).to_string())
            }
            None => Ok(()),
        }
    }

    /// Checks that S3 would accept an upload for as long as it can be made: at most `longest_grant` seconds.
    pub(in crate::policy) fn check(
        self,
        checksums: &Checksums,
        longest_grant: u64,
    ) -> Result<(), InvalidUploadPolicy> {
        if self.is_set() && !checksums.is_required() {
            return Err(InvalidUploadPolicy::LockWithoutChecksum);
        }
        match self.retention {
            // S3 refuses a date that has passed when the upload begins.
            Some(retention) if retention.seconds() <= longest_grant => {
                Err(InvalidUploadPolicy::LockEndsBeforeGrant { days: retention.days() })
            }
            _ => Ok(()),
        }
    }
}
