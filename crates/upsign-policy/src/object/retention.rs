//! Object Lock: protection of an object against deletion.

use std::fmt;
use std::str::FromStr;

use upsign_core::Timestamp;

/// Who can remove the protection of an object before its retention ends.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html#object-lock-retention-modes>.
///
/// ```
/// use upsign_policy::LockMode;
/// let mode: LockMode = "governance".parse()?;
/// assert_eq!(mode.as_str(), "GOVERNANCE");
/// # Ok::<(), upsign_policy::InvalidLockMode>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LockMode {
    /// `GOVERNANCE`: users with the permission `s3:BypassGovernanceRetention`.
    Governance,
    /// `COMPLIANCE`: nobody, not even the root user of the account.
    Compliance,
}

/// The text is not the name of a lock mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a lock mode must be governance or compliance")]
#[non_exhaustive]
pub struct InvalidLockMode;

/// How long S3 protects each object of a route against deletion, counted from the time of the grant.
///
/// TOML key: `object_lock`.
///
/// ```
/// use upsign_policy::{LockMode, Retention, Timestamp};
/// let retention = Retention::new(LockMode::Governance, 30)?;
/// let grant: Timestamp = "2026-01-31T12:00:00Z".parse()?;
/// assert_eq!(retention.until(grant).to_string(), "2026-03-02T12:00:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Retention {
    mode: LockMode,
    days: u32,
}

/// The number of days is 0 or more than [`Retention::MAX_DAYS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a retention must be 1 to {max} days, not {0}", max = Retention::MAX_DAYS)]
pub struct InvalidRetention(pub u32);

impl LockMode {
    /// Every mode.
    pub const ALL: [Self; 2] = [Self::Governance, Self::Compliance];

    /// Returns the value of the header `x-amz-object-lock-mode`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }
}

impl FromStr for LockMode {
    type Err = InvalidLockMode;

    fn from_str(text: &str) -> Result<Self, InvalidLockMode> {
        Self::ALL.into_iter().find(|mode| mode.as_str().eq_ignore_ascii_case(text)).ok_or(InvalidLockMode)
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Retention {
    /// The largest number of days: a century. A mistake in compliance mode cannot be corrected, so longer times, which S3
    /// might accept, are refused.
    pub const MAX_DAYS: u32 = 36_500;

    /// Creates a retention.
    ///
    /// # Errors
    /// Returns [`InvalidRetention`] if `days` is 0 or more than [`MAX_DAYS`](Self::MAX_DAYS).
    pub const fn new(mode: LockMode, days: u32) -> Result<Self, InvalidRetention> {
        if days == 0 || days > Self::MAX_DAYS { Err(InvalidRetention(days)) } else { Ok(Self { mode, days }) }
    }

    /// Returns who can remove the protection.
    #[must_use]
    pub const fn mode(self) -> LockMode {
        self.mode
    }

    /// Returns the number of days.
    #[must_use]
    pub const fn days(self) -> u32 {
        self.days
    }

    /// Returns the length in seconds.
    #[must_use]
    pub(crate) const fn seconds(self) -> u64 {
        self.days as u64 * 86_400
    }

    /// Returns the time until which an object is protected whose upload is granted at `at`.
    #[must_use]
    pub const fn until(self, at: Timestamp) -> Timestamp {
        at.saturating_add(self.seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retention_has_one_day_to_a_century() {
        for days in [0, 36_501, u32::MAX] {
            assert_eq!(Retention::new(LockMode::Compliance, days), Err(InvalidRetention(days)));
        }
        let day = Retention::new(LockMode::Compliance, 1).unwrap();
        assert_eq!(day.until(Timestamp::UNIX_EPOCH).to_string(), "1970-01-02T00:00:00Z");
        let century = Retention::new(LockMode::Compliance, 36_500).unwrap();
        assert_eq!(century.until(Timestamp::MAX), Timestamp::MAX);
    }

    #[test]
    fn modes_parse_in_any_case() {
        for mode in LockMode::ALL {
            assert_eq!(mode.to_string().parse(), Ok(mode));
            assert_eq!(mode.as_str().to_lowercase().parse(), Ok(mode));
        }
        assert_eq!("legal".parse::<LockMode>(), Err(InvalidLockMode));
    }
}
