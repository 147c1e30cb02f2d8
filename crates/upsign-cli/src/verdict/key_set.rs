//! The result of `upsign jwks`.

use serde_json::{Value, json};
use upsign_cognito::{Algorithm, Backend, FetchError, FetchedKeys, KeySet};

/// Returns the keys that can verify tokens with one of these algorithms.
pub(crate) fn usable_keys(fetched: &FetchedKeys, algorithms: &[Algorithm]) -> Result<KeySet, FetchError> {
    fetched.key_set(algorithms, Backend::default())
}

pub(crate) fn usable(keys: &KeySet) -> Value {
    json!({"usable_kids": keys.kids()})
}
