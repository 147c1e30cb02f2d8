//! The result of `upsign verify`.

use serde_json::{Map, Value};
use upsign_cognito::VerifiedClaims;
use upsign_core::IssuerName;

/// Returns the result for a valid token, with its claims.
pub(crate) fn accepted(claims: &VerifiedClaims) -> Map<String, Value> {
    Map::from_iter([
        ("result".to_owned(), "accept".into()),
        ("claims".to_owned(), Value::Object(claims.claims().clone())),
    ])
}

/// Adds the name of the issuer and what to do to a result of `--json`. A batch has no configuration file to name them from.
pub(crate) fn with_context(
    mut result: Map<String, Value>,
    issuer_name: Option<&IssuerName>,
    help: Option<String>,
) -> Map<String, Value> {
    if let Some(name) = issuer_name {
        result.insert("issuer_name".to_owned(), name.as_str().into());
    }
    if let Some(help) = help {
        result.insert("help".to_owned(), help.into());
    }
    result
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
