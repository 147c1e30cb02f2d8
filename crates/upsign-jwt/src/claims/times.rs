//! The times of a token: `exp`, `nbf` and `iat`.

use upsign_core::Timestamp;

use crate::claims::reader::{Claim, ClaimSource, Claims};
use crate::rejection::Rejection;

/// The times between which a token is valid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Times {
    expires_at: Timestamp,
    not_before: Option<Timestamp>,
    issued_at: Option<Timestamp>,
}

impl Times {
    pub(crate) fn read<M: ClaimSource>(claims: Claims<'_, M>) -> Result<Self, Rejection> {
        let expires_at =
            claims.time("exp", Rounding::Down)?.ok_or_else(|| Rejection::missing_claim("exp"))?;
        let not_before = claims.time("nbf", Rounding::Up)?;
        let issued_at = claims.time("iat", Rounding::Down)?;
        Ok(Self { expires_at, not_before, issued_at })
    }

    pub(crate) const fn expires_at(self) -> Timestamp {
        self.expires_at
    }

    pub(crate) fn check(self, leeway: u32, at: Timestamp) -> Result<(), Rejection> {
        check_expiry(self.expires_at, leeway, at)?;
        let is_later = |time: &Timestamp| time.as_unix() > at.as_unix() + u64::from(leeway);
        if let Some(not_before) = self.not_before.filter(is_later) {
            let seconds_ahead = not_before.seconds_since(at);
            return Err(Rejection::NotYetValid { at: not_before, seconds_ahead });
        }
        match self.issued_at {
            Some(issued_at) if is_later(&issued_at) => {
                let seconds_ahead = issued_at.seconds_since(at);
                Err(Rejection::IssuedLater { at: issued_at, seconds_ahead })
            }
            Some(issued_at) if issued_at > self.expires_at => {
                Err(Rejection::invalid_claim("iat", "later than `exp`"))
            }
            _ => Ok(()),
        }
    }
}

impl<M: ClaimSource> Claims<'_, M> {
    /// Returns `exp`, if present, unless it has passed.
    ///
    /// # Errors
    /// Returns [`Rejection::Expired`] if it has passed by more than `leeway` seconds, and [`Rejection::InvalidClaim`] if it is
    /// not a time.
    pub fn unexpired(self, leeway: u32, at: Timestamp) -> Result<Option<Timestamp>, Rejection> {
        let expires_at = self.time("exp", Rounding::Down)?;
        if let Some(expires_at) = expires_at {
            check_expiry(expires_at, leeway, at)?;
        }
        Ok(expires_at)
    }

    fn time(self, claim: &str, rounding: Rounding) -> Result<Option<Timestamp>, Rejection> {
        let time = match self.0.claim(claim) {
            None => return Ok(None),
            Some(Claim::Integer(seconds)) => Timestamp::from_unix(seconds),
            Some(Claim::Float(seconds)) => from_float(seconds, rounding),
            Some(_) => None,
        };
        let problem = "not a time in seconds from 1970 to 9999";
        time.map(Some).ok_or_else(|| Rejection::invalid_claim(claim, problem))
    }
}

/// The comparison is in plain seconds, because adding the leeway to a `Timestamp` would saturate at the year 9999.
fn check_expiry(expires_at: Timestamp, leeway: u32, at: Timestamp) -> Result<(), Rejection> {
    if at.as_unix() >= expires_at.as_unix() + u64::from(leeway) {
        return Err(Rejection::Expired { at: expires_at, seconds_ago: at.seconds_since(expires_at) });
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Rounding {
    Down,
    Up,
}

/// RFC 7519, section 2, `NumericDate`: seconds, possibly with a fraction. The caller chooses the rounding so that a fraction
/// counts against the token.
fn from_float(seconds: f64, rounding: Rounding) -> Option<Timestamp> {
    let whole = match rounding {
        Rounding::Down => seconds.floor(),
        Rounding::Up => seconds.ceil(),
    };
    let latest = Timestamp::MAX.as_unix();
    #[expect(clippy::cast_precision_loss, reason = "the year 9999 is far below 2^53")]
    let is_in_range = (0.0..=latest as f64).contains(&whole);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and in range")]
    is_in_range.then(|| Timestamp::from_unix(whole as u64)).flatten()
}
