//! The manual: how upsign is built, and how to use it.
//!
//! - [`layers`]: the crates, what each may know, and the walk of one request.
//! - [`configuration`]: every key of `upsign.toml` and the variables that override them.
//! - [`enforcement`]: what S3 enforces, what only confirmation can, what nobody can.
//! - [`performance`]: where the time of a presigned URL goes.
//! - [`contract`]: the request and the answers on the wire.
//! - [`runtimes`]: the server, the function, a service of your own: limits, metrics, variables.
//! - [`threats`]: attack, defence, test.

pub mod configuration;
pub mod contract;
pub mod enforcement;
pub mod layers;
pub mod performance;
pub mod runtimes;
pub mod threats;
