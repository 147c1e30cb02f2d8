//! When a URL or a form is valid.

use upsign_core::Timestamp;

/// The time in which a URL or a form is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Validity {
    /// When it was signed, or from when it is valid.
    pub signed_at: Option<Timestamp>,
    /// The instant from which the store refuses it.
    pub expires_at: Option<Timestamp>,
    /// What that means at the time of the explanation.
    pub state: ValidityState,
}

/// Whether a URL or a form is valid at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValidityState {
    /// It is valid for these seconds.
    Valid {
        /// The seconds that are left.
        seconds: u64,
    },
    /// It has expired.
    Expired {
        /// The seconds since then.
        seconds: u64,
    },
    /// It is not valid yet.
    NotYet {
        /// The seconds until then.
        seconds: u64,
    },
    /// It does not say when it expires.
    Unknown,
}

/// How far in the future the time of signing may be: 15 minutes.
///
/// Source: `MaxAllowedSkewMilliseconds` of the error `RequestTimeTooSkewed`,
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.
const MAX_SKEW: u64 = 900;

impl Validity {
    pub(super) const fn new(
        signed_at: Option<Timestamp>,
        expires_at: Option<Timestamp>,
        at: Timestamp,
    ) -> Self {
        Self { signed_at, expires_at, state: ValidityState::new(signed_at, expires_at, at) }
    }
}

impl ValidityState {
    const fn new(signed_at: Option<Timestamp>, expires_at: Option<Timestamp>, at: Timestamp) -> Self {
        if let Some(signed_at) = signed_at
            && signed_at.seconds_since(at) > MAX_SKEW
        {
            return Self::NotYet { seconds: signed_at.seconds_since(at) };
        }
        match expires_at {
            Some(end) if end.as_unix() <= at.as_unix() => Self::Expired { seconds: at.seconds_since(end) },
            Some(end) => Self::Valid { seconds: end.seconds_since(at) },
            None => Self::Unknown,
        }
    }
}
