//! The conformance suites: what supports only a part passes, and what does a part of something it supports fails.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's panic is its report")]

mod credentials;
mod parts;
mod presigner;

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

/// Runs a suite and returns the message of its panic, or `None` if it passes.
async fn failure_of(suite: impl Future<Output = ()>) -> Option<String> {
    let panic = AssertUnwindSafe(suite).catch_unwind().await.err()?;
    let text = |panic: &dyn Any| {
        let owned = panic.downcast_ref::<String>().cloned();
        owned.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
    };
    Some(text(&*panic).unwrap())
}
