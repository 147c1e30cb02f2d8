//! The JSON payload of a token: only JSON is accepted, and the message of a rejection has a bounded length.

use std::sync::LazyLock;

use upsign_cognito::fuzzing::claims;

use crate::{Pool, within_time_limit};

static POOL: LazyLock<Pool> = LazyLock::new(Pool::new);

pub(super) fn run(json: &[u8]) {
    let result = within_time_limit(|| claims(json, POOL.check.config(), POOL.at));
    if let Err(rejection) = &result {
        assert!(rejection.to_string().len() < 1_500, "a long message: {rejection}");
    }
    let accepted = result.is_ok();
    assert!(
        !accepted || serde_json::from_slice::<serde_json::Value>(json).is_ok(),
        "accepted a payload that is not JSON"
    );
}
