//! The manual: how upsign works and how to run it.
//!
//! | chapter | answers |
//! | --- | --- |
//! | [`layers`] | Which crates are there, what may each depend on, and which steps does one request take? |
//! | [`howto`] | How do I …? Recipes: a pending row, a bucket per tenant, own sessions, own handlers, no async, no tokio |
//! | [`distributed`] | How do several programs handle an upload: a queue, a signer elsewhere, a worker, a download? |
//! | [`configuration`] | Which keys does `upsign.toml` have, and which variables override them? |
//! | [`contract`] | What does `POST /upload-url` accept, and what does it answer? |
//! | [`enforcement`] | Which limits does S3 enforce, which need a check after the upload, and which cannot be enforced? |
//! | [`runtimes`] | How do I run it as a server, inside my own service, or as a Lambda function? |
//! | [`threats`] | Which attacks are considered, what stops each, and which test proves it? |
//! | [`performance`] | How long does a presigned URL take, and where does the time go? |
//! | [`weights`] | How many crates does each crate compile, how long does that take, and which feature adds what? |
//!
//! Three terms recur. The *two-step upload design* is what this project implements: the client first asks an API for a
//! presigned URL, then sends the file to S3 itself, so the file never passes through the API. The *original contract* is
//! the smallest form of that design: a request without a body, answered with `uploadUrl`, `key`, `articleId` and
//! `expiresIn`. An *adapter* connects the request path to one runtime: axum, Lambda or the command line.

pub mod configuration;
pub mod contract;
pub mod distributed;
pub mod enforcement;
pub mod howto;
pub mod layers;
pub mod performance;
pub mod runtimes;
pub mod threats;
pub mod weights;
