//! Compact tokens: the message of a rejection has a bounded length.

use std::sync::LazyLock;

use crate::{Pool, within_time_limit};

static POOL: LazyLock<Pool> = LazyLock::new(Pool::new);

pub(super) fn run(token: &str) {
    let Pool { check, keys, at, .. } = &*POOL;
    if let Err(rejection) = within_time_limit(|| check.check(keys, token, *at)) {
        assert!(rejection.to_string().len() < 1_500, "a long message: {rejection}");
    }
}
