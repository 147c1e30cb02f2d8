//! The result of `upsign jwks`.

use serde_json::{Value, json};
use upsign_cognito::{Algorithm, Backend, FetchError, FetchedKeys, KeySet};

/// Returns the keys that can verify tokens. Cognito signs with RS256, so keys for other algorithms do not count.
pub(crate) fn usable_keys(fetched: &FetchedKeys) -> Result<KeySet, FetchError> {
    fetched.key_set(&[Algorithm::Rs256], Backend::default())
}

pub(crate) fn usable(keys: &KeySet) -> Value {
    json!({"usable_kids": keys.kids()})
}
