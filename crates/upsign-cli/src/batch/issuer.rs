//! Issuers and times in lines of `verify --batch` and `identity --batch`.

use upsign_cognito::{TrustedIssuer, UserPool};
use upsign_core::Timestamp;

use super::error::LineError;

/// Returns the issuer that a line names.
///
/// The issuer of a user pool is accepted in both forms that Cognito writes. No keys are fetched, because a line brings its
/// own, so the address of the key set does not matter.
pub(super) fn issuer(issuer: &str) -> Result<TrustedIssuer, LineError> {
    let pool = issuer.rsplit('/').next().and_then(|id| id.parse::<UserPool>().ok());
    if let Some(pool) = pool.map(|pool| pool.trusted_issuer())
        && pool.names().any(|name| name == issuer)
    {
        return Ok(pool);
    }
    let keys = format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/'));
    let trusted =
        if issuer.starts_with("http:") { TrustedIssuer::danger_http } else { TrustedIssuer::custom };
    trusted(issuer, &keys).map_err(|error| LineError::member("issuer", &error))
}

/// Converts the member `name`, in seconds since the epoch.
pub(super) fn at(name: &str, seconds: u64) -> Result<Timestamp, LineError> {
    let at = Timestamp::from_unix(seconds);
    at.ok_or_else(|| LineError::member(name, &"must be a time before the year 10000, in seconds since 1970"))
}
