//! What the targets share.

use std::time::Duration;

use cpu_time::ThreadTime;
use serde_json::Value;
use upsign_cognito::{KeySet, TokenUse, TokenVerifier, TrustedIssuer, VerifierConfig};
use upsign_core::Timestamp;

/// The longest that one input may keep a thread busy.
const ALARM: Duration = Duration::from_millis(50);

/// Runs `work`, whose effort has to be bounded by the input's length.
///
/// # Panics
/// When it takes longer than 50 ms of CPU time.
pub fn soon<T>(work: impl FnOnce() -> T) -> T {
    let start = ThreadTime::now();
    let made = work();
    let taken = start.elapsed();
    assert!(taken < ALARM, "one input took {taken:?}");
    made
}

/// What the corpus of attacks is judged by.
pub struct Judge {
    pub verifier: TokenVerifier,
    pub keys: KeySet,
    pub at: Timestamp,
}

impl Judge {
    /// # Panics
    /// When the corpus is not what it was.
    pub fn new() -> Self {
        let corpus = include_str!("../upsign-testing/vectors/jwt_attack.json");
        let corpus: Value = serde_json::from_str(corpus).unwrap();
        let defaults = &corpus["defaults"];
        let pool = defaults["user_pool_id"].as_str().unwrap().parse().unwrap();
        let clients = defaults["client_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap());
        let config = VerifierConfig::new(TrustedIssuer::user_pool(&pool), clients, TokenUse::Any).unwrap();
        let verifier = TokenVerifier::new(config);
        let keys = verifier.key_set(corpus["jwks_sets"]["main"].to_string().as_bytes()).unwrap();
        let at = Timestamp::from_unix(defaults["now_epoch"].as_u64().unwrap()).unwrap();
        Self { verifier, keys, at }
    }
}

impl Default for Judge {
    fn default() -> Self {
        Self::new()
    }
}
