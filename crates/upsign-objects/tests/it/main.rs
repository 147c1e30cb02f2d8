//! The calls against a scripted server: requests, retries, time limits, and answers that no store should give.
#![expect(clippy::unwrap_used, reason = "a test's panic is its report")]

mod answers;
mod limits;
mod proxy;
mod requests;
mod retries;
mod script;
mod seam;
#[path = "../../../upsign-jwt/tests/it/tunnel.rs"]
mod tunnel;
