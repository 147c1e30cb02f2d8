//! Issuers and times in lines of `verify --batch` and `identity --batch`.

use upsign_cognito::{TrustedIssuer, UserPool};
use upsign_core::Timestamp;

use super::error::LineError;

/// Returns the issuer that a line names.
///
/// The issuer of a user pool is accepted in both forms that Cognito writes. No keys are fetched, because a line brings its
/// own.
pub(super) fn issuer(issuer: &str) -> Result<TrustedIssuer, LineError> {
    let pool = issuer.rsplit('/').next().and_then(|id| id.parse::<UserPool>().ok());
    if let Some(pool) = pool.map(|pool| pool.trusted_issuer())
        && pool.names().any(|name| name == issuer)
    {
        return Ok(pool);
    }
    TrustedIssuer::offline(issuer).map_err(|error| LineError::member("issuer", &error))
}

/// Converts the member `name`, in seconds since the epoch.
pub(super) fn at(name: &str, seconds: u64) -> Result<Timestamp, LineError> {
    let at = Timestamp::from_unix(seconds);
    at.ok_or_else(|| LineError::member(name, &"must be a time before the year 10000, in seconds since 1970"))
}
