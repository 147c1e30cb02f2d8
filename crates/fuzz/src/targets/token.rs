//! Compact tokens: the error message of a rejection is bounded.

use std::sync::LazyLock;

use crate::{Pool, within_alarm};

static POOL: LazyLock<Pool> = LazyLock::new(Pool::new);

pub(super) fn run(token: &str) {
    let Pool { check, keys, at } = &*POOL;
    if let Err(rejection) = within_alarm(|| check.check(keys, token, *at)) {
        assert!(rejection.to_string().len() < 600, "a long message: {rejection}");
    }
}
