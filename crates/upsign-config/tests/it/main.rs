//! `upsign.toml`: what it means, and what each mistake is answered with.
#![expect(clippy::unwrap_used, reason = "a test's panic is its report")]

mod effective;
mod good;
mod problems;
mod routes;
