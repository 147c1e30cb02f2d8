//! The user pool of the attack corpus.

use serde_json::Value;
use upsign_cognito::{KeySet, TokenCheck, TokenUse, UserPool};
use upsign_core::Timestamp;

/// The configuration, keys and time that `jwt_attack.json` assumes.
pub struct Pool {
    pub check: TokenCheck,
    pub keys: KeySet,
    /// The document of `keys`.
    pub jwks: String,
    pub at: Timestamp,
}

impl Pool {
    /// Reads the corpus.
    ///
    /// # Panics
    /// Panics if the corpus does not have the expected members.
    pub fn new() -> Self {
        let corpus = include_str!("../../upsign-testing/vectors/jwt_attack.json");
        let corpus: Value = serde_json::from_str(corpus).unwrap();
        let defaults = &corpus["defaults"];
        let pool: UserPool = defaults["user_pool_id"].as_str().unwrap().parse().unwrap();
        let clients = defaults["client_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap());
        let config = pool.verifier_config(clients, TokenUse::Any).unwrap();
        let check = TokenCheck::new(config.with_max_token_bytes(64 * 1024).unwrap());
        let jwks = corpus["jwks_sets"]["main"].to_string();
        let keys = check.key_set(jwks.as_bytes()).unwrap();
        let at = Timestamp::from_unix(defaults["now_epoch"].as_u64().unwrap()).unwrap();
        Self { check, keys, jwks, at }
    }
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}
