//! Lifetimes of signatures, limited by those of the credentials.

use std::time::Duration;

use crate::credentials::{Credentials, Expiry};
use crate::error::PresignError;
use crate::time::Timestamp;

/// The lifetime of a presigned request in seconds: 1 to 604,800 (seven days), the range of `X-Amz-Expires`.
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

/// The number of seconds is not in the range 1 to 604,800.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lifetime of a presigned request must be 1 to 604800 seconds (7 days), not {0}")]
#[non_exhaustive]
pub struct InvalidExpiresIn(pub u64);

impl ExpiresIn {
    /// The maximum lifetime: seven days.
    pub const MAX: Self = Self(604_800);

    /// Creates a lifetime from a number of seconds.
    ///
    /// # Errors
    /// Returns an error if the number is 0 or greater than 604,800.
    pub const fn from_secs(seconds: u64) -> Result<Self, InvalidExpiresIn> {
        if seconds >= 1 && seconds <= Self::MAX.0 as u64 {
            #[expect(clippy::cast_possible_truncation, reason = "at most 604800")]
            Ok(Self(seconds as u32))
        } else {
            Err(InvalidExpiresIn(seconds))
        }
    }

    /// Returns the lifetime in seconds.
    #[must_use]
    pub const fn as_secs(self) -> u32 {
        self.0
    }

    /// Returns the lifetime as a [`Duration`].
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}

/// What to do if the credentials expire before the requested lifetime of a signature ends.
///
/// S3 rejects a URL once the credentials that signed it have expired, even if `X-Amz-Expires` allows a later use.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html>.
///
/// ```
/// use upsign_core::{Credentials, ExpiresIn, Expiry, Operation, PresignError, PresignRequest, ShortCredentials, Target};
///
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let request = PresignRequest::new(target, Operation::PutObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?);
/// let end = Expiry::At("2026-01-01T00:05:00Z".parse()?);
/// let credentials = Credentials::temporary("ASIAEXAMPLE", "secret", "session-token", end)?;
/// let at = "2026-01-01T00:00:00Z".parse()?;
///
/// assert_eq!(request.limited_by(&credentials, at)?.expires_in().as_secs(), 270); // 5 minutes less the margin
/// let strict = request.with_short_credentials(ShortCredentials::Refuse);
/// assert!(matches!(strict.limited_by(&credentials, at), Err(PresignError::CredentialsTooShort { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ShortCredentials {
    /// Shorten the lifetime of the signature to that of the credentials, less [`SAFETY_MARGIN`] seconds. The result
    /// states the shorter expiry. This is the default, because a shorter URL is still usable.
    #[default]
    Clamp,
    /// Do not sign; fail with [`PresignError::CredentialsTooShort`].
    Refuse,
}

impl ShortCredentials {
    /// Returns the lifetime of a signature made at the time `at`: `requested`, or the credentials' remaining lifetime
    /// less [`SAFETY_MARGIN`] if that is shorter.
    pub(crate) fn lifetime(
        self,
        requested: ExpiresIn,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<ExpiresIn, PresignError> {
        let end = match credentials.expiry() {
            Expiry::Never => return Ok(requested),
            Expiry::Unknown => return Err(PresignError::UnknownExpiry),
            Expiry::At(end) | Expiry::AtMost(end) => end,
        };
        let remaining = end.seconds_since(at).saturating_sub(u64::from(SAFETY_MARGIN));
        if remaining >= u64::from(requested.as_secs()) {
            return Ok(requested);
        }
        match (self, ExpiresIn::from_secs(remaining)) {
            (Self::Clamp, Ok(expires_in)) => Ok(expires_in),
            _ => Err(PresignError::CredentialsTooShort { remaining, requested: requested.as_secs() }),
        }
    }
}

/// The number of seconds by which a signature expires before its credentials: 30.
///
/// The margin covers clock differences and the time until the client starts the upload. Without it, a URL could be
/// handed out that fails although its stated expiry has not been reached.
pub const SAFETY_MARGIN: u32 = 30;

/// How precisely the expiry of a presigned request is known.
///
/// [`WithCredentials`](crate::WithCredentials) sets it; its example shows where to find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExpiryPrecision {
    /// The request is valid until the stated expiry.
    Exact,
    /// The request is valid until the stated expiry at the latest, and may be rejected earlier, because the expiry of
    /// the credentials is an assumption ([`Expiry::AtMost`]).
    UpperBound,
}

impl ExpiryPrecision {
    /// Returns the precision of the expiry of a signature made with these credentials.
    pub(crate) const fn of(credentials: &Credentials) -> Self {
        match credentials.expiry() {
            Expiry::AtMost(_) | Expiry::Unknown => Self::UpperBound,
            Expiry::Never | Expiry::At(_) => Self::Exact,
        }
    }
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
    fn lifetimes_outside_the_range_are_rejected() {
        assert_eq!(ExpiresIn::from_secs(0), Err(InvalidExpiresIn(0)));
        assert_eq!(ExpiresIn::from_secs(1).unwrap().as_secs(), 1);
        assert_eq!(ExpiresIn::from_secs(604_800), Ok(ExpiresIn::MAX));
        assert_eq!(ExpiresIn::from_secs(604_801), Err(InvalidExpiresIn(604_801)));
        assert_eq!(ExpiresIn::from_secs(u64::MAX), Err(InvalidExpiresIn(u64::MAX)));
    }
}
