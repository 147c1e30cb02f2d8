//! The JSON of a token's payload.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use upsign_cognito::fuzzing::claims;
use upsign_fuzz::{Judge, soon};

static JUDGE: LazyLock<Judge> = LazyLock::new(Judge::new);

fuzz_target!(|json: &[u8]| {
    let accepted = soon(|| claims(json, JUDGE.verifier.config(), JUDGE.at)).is_ok();
    assert!(
        !accepted || serde_json::from_slice::<serde_json::Value>(json).is_ok(),
        "more than JSON is accepted"
    );
});
