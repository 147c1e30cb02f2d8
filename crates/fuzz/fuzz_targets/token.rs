//! Compact tokens, whole.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use upsign_fuzz::{Judge, soon};

static JUDGE: LazyLock<Judge> = LazyLock::new(Judge::new);

fuzz_target!(|token: &str| {
    let judge = &*JUDGE;
    let verdict = soon(|| judge.verifier.verify(&judge.keys, token, judge.at));
    if let Err(why) = verdict {
        assert!(why.to_string().len() < 600, "a reason is short");
    }
});
