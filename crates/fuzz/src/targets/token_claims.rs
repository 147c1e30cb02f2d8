//! The JSON payload of a token: only JSON is accepted.

use std::sync::LazyLock;

use upsign_cognito::fuzzing::claims;

use crate::{Pool, within_time_limit};

static POOL: LazyLock<Pool> = LazyLock::new(Pool::new);

pub(super) fn run(json: &[u8]) {
    let accepted = within_time_limit(|| claims(json, POOL.check.config(), POOL.at)).is_ok();
    assert!(
        !accepted || serde_json::from_slice::<serde_json::Value>(json).is_ok(),
        "accepted a payload that is not JSON"
    );
}
