//! Tests of the accepted grammar, of numbers and limits, and of the agreement with `serde_json`.
//!
//! These tests also run in a host that enables every feature of `serde_json`
//! (`crates/upsign-cognito/tests/feature-host`), so they must not depend on a feature being off.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a panic in a test reports the failure")]

mod agreement;
mod grammar;
mod limits;
mod numbers;

use upsign_json::Limits;

/// Limits that no test text reaches, apart from those that test limits.
const WIDE: Limits = Limits::new(1 << 20, 64);
