//! Issuing grants: lifetimes, failing presigners, routes, authorization, the rate limit and observers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's panic is its report")]

mod lifetimes;
mod presigner;
mod service;
