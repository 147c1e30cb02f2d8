//! Everything to look up.
//!
//! | page | lists |
//! | --- | --- |
//! | [`configuration`] | every key of `upsign.toml` |
//! | [`variables`] | how variables override keys, and every other variable that is read |
//! | [`commands`] | every command of `upsign`, with its options |
//! | [`contract`] | what `POST /upload-url` and the calls of multipart uploads accept and answer |
//! | [`dialects`] | the same for the clients of other services: Uppy, Companion, better-upload, Active Storage and Git LFS |
//! | [`errors`] | every error code: its cause, what to do, and who can do it |
//! | [`metrics`] | the metrics of the server and of the Lambda function, and what to set alarms on |
//! | [`features`] | the Cargo features of every crate |

pub mod commands;
pub mod configuration;
pub mod contract;
pub mod dialects;
pub mod errors;
pub mod features;
pub mod metrics;
pub mod variables;
