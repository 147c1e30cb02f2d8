//! The store on real servers: the suite of every store, 1,000 reservations at once while the server is killed, a cluster, and two
//! processes.
//!
//! The path of `redis-server` comes from `TEST_REDIS_SERVER`; `cargo xtask test --only quotas` sets it. Without it, only the tests
//! that need no server run.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's panic is its report")]

mod cluster;
mod processes;
mod restart;
mod server;
mod suite;
mod urls;
