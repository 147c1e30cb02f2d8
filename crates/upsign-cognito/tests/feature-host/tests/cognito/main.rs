//! The integration tests of `upsign-cognito` in a host application that enables both crypto backends of `jsonwebtoken` and
//! every feature of `serde_json`, and tests that need such a host.

#[path = "../../../it/main.rs"]
mod it;
mod providers;
mod reference;

// The shared tests refer to these modules by their path from the root of the crate.
use it::{corpus, events, gateways, jwt_attack, pool};
