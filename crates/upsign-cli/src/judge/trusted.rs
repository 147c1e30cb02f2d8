//! Whose tokens count, from the words of a request.

use upsign_cognito::{TrustedIssuer, UserPool};

use super::lines::BadLine;

/// A Cognito user pool in both of its issuer forms when `issuer` is one of them, else this issuer alone. Nothing is
/// fetched: the request brings its keys, so the address of the key set is of no account.
pub(super) fn issuer(issuer: &str) -> Result<TrustedIssuer, BadLine> {
    let pool = issuer.rsplit('/').next().and_then(|id| id.parse::<UserPool>().ok());
    if let Some(pool) = pool.map(|pool| TrustedIssuer::user_pool(&pool))
        && pool.names().any(|name| name == issuer)
    {
        return Ok(pool);
    }
    let keys = format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/'));
    let trusted = if issuer.starts_with("http:") { TrustedIssuer::danger_http } else { TrustedIssuer::other };
    trusted(issuer, &keys).map_err(|error| BadLine::member("issuer", &error))
}

/// The instant of a request.
pub(super) fn at(name: &str, seconds: u64) -> Result<upsign_core::Timestamp, BadLine> {
    let at = upsign_core::Timestamp::from_unix(seconds);
    at.ok_or_else(|| BadLine::member(name, &"not an instant before the year 10000"))
}
