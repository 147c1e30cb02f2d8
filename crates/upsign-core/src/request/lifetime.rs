//! How long a signature may live.

use std::time::Duration;

use crate::credentials::{Credentials, Expiry};
use crate::error::PresignError;
use crate::time::Timestamp;

/// Seconds a presigned request stays valid: 1 to 604,800 (seven days), the range of `X-Amz-Expires`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.
///
/// ```
/// use upsign_core::ExpiresIn;
/// assert_eq!(ExpiresIn::from_secs(900)?.as_secs(), 900);
/// assert!(ExpiresIn::from_secs(604_801).is_err());
/// # Ok::<(), upsign_core::InvalidExpiresIn>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExpiresIn(u32);

/// The number of seconds is outside 1..=604800.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a presigned request lives 1 to 604800 seconds (7 days), not {0}")]
pub struct InvalidExpiresIn(pub u64);

impl ExpiresIn {
    /// Seven days.
    pub const MAX: Self = Self(604_800);

    /// A lifetime in seconds.
    ///
    /// # Errors
    /// [`InvalidExpiresIn`] outside 1..=604800.
    pub const fn from_secs(seconds: u64) -> Result<Self, InvalidExpiresIn> {
        if seconds >= 1 && seconds <= Self::MAX.0 as u64 {
            #[expect(clippy::cast_possible_truncation, reason = "at most 604800")]
            Ok(Self(seconds as u32))
        } else {
            Err(InvalidExpiresIn(seconds))
        }
    }

    /// The lifetime in seconds.
    #[must_use]
    pub const fn as_secs(self) -> u32 {
        self.0
    }

    /// The lifetime as a [`Duration`].
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}

/// What to do when the credentials end before the request asked for would.
///
/// A URL dies with the credentials that signed it, whatever its `X-Amz-Expires` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ShortCredentials {
    /// Sign for as long as they live, less [`SAFETY_MARGIN`] seconds, and say so.
    #[default]
    Clamp,
    /// Sign nothing.
    Refuse,
}

impl ShortCredentials {
    /// The lifetime that these credentials can honour at `at`: the least of what is asked and what is left of them less
    /// [`SAFETY_MARGIN`] seconds.
    pub(crate) fn lifetime(
        self,
        asked: ExpiresIn,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<ExpiresIn, PresignError> {
        let end = match credentials.expiry() {
            Expiry::Never => return Ok(asked),
            Expiry::Unknown => return Err(PresignError::UnknownExpiry),
            Expiry::At(end) | Expiry::AtMost(end) => end,
        };
        let remaining = end.seconds_since(at).saturating_sub(u64::from(SAFETY_MARGIN));
        if remaining >= u64::from(asked.as_secs()) {
            return Ok(asked);
        }
        match (self, ExpiresIn::from_secs(remaining)) {
            (Self::Clamp, Ok(expires_in)) => Ok(expires_in),
            _ => Err(PresignError::CredentialsTooShort { remaining, requested: asked.as_secs() }),
        }
    }
}

/// Seconds by which a signature ends before its credentials do: clocks differ, and an upload takes a moment to begin.
pub const SAFETY_MARGIN: u32 = 30;

impl ExpiryPrecision {
    /// How exact the end of a signature by these credentials is.
    pub(crate) const fn of(credentials: &Credentials) -> Self {
        match credentials.expiry() {
            Expiry::AtMost(_) | Expiry::Unknown => Self::UpperBound,
            Expiry::Never | Expiry::At(_) => Self::Exact,
        }
    }
}

/// How exact an end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExpiryPrecision {
    /// It works until then.
    Exact,
    /// It works until then at the longest: the end of the credentials is assumed, not known.
    UpperBound,
}

impl TryFrom<u64> for ExpiresIn {
    type Error = InvalidExpiresIn;

    fn try_from(seconds: u64) -> Result<Self, InvalidExpiresIn> {
        Self::from_secs(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_range() {
        assert_eq!(ExpiresIn::from_secs(0), Err(InvalidExpiresIn(0)));
        assert_eq!(ExpiresIn::from_secs(1).unwrap().as_secs(), 1);
        assert_eq!(ExpiresIn::from_secs(604_800), Ok(ExpiresIn::MAX));
        assert_eq!(ExpiresIn::from_secs(604_801), Err(InvalidExpiresIn(604_801)));
        assert_eq!(ExpiresIn::from_secs(u64::MAX), Err(InvalidExpiresIn(u64::MAX)));
    }
}
