//! Grants from policy to signature, and how long they live.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's panic is its report")]

mod lifetimes;
mod presigner;
mod service;
