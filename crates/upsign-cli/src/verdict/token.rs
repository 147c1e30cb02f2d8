//! The result of `upsign verify`.

use serde_json::{Map, Value};
use upsign_cognito::VerifiedClaims;

/// Returns the result for a valid token, with its claims.
pub(crate) fn accepted(claims: &VerifiedClaims) -> Map<String, Value> {
    Map::from_iter([
        ("result".to_owned(), "accept".into()),
        ("claims".to_owned(), Value::Object(claims.claims().clone())),
    ])
}

/// Returns the result for a valid signature whose payload was not checked.
pub(crate) fn signature_accepted() -> Map<String, Value> {
    Map::from_iter([("result".to_owned(), "accept".into())])
}

/// Returns the result for a token, signature or key set that was rejected for `reason`.
pub(crate) fn rejected(code: &str, reason: &dyn std::fmt::Display) -> Map<String, Value> {
    Map::from_iter([
        ("result".to_owned(), "reject".into()),
        ("code".to_owned(), code.into()),
        ("reason".to_owned(), reason.to_string().into()),
    ])
}
