//! Errors about features that this build of the command was built without.
#![cfg_attr(
    all(feature = "sdk", feature = "chain", feature = "live"),
    expect(dead_code, reason = "a build with every feature lacks none")
)]

use crate::exit::CommandError;

/// Returns the error for an option that needs `feature`, which provides `what`.
pub(crate) fn error(what: &str, feature: &str) -> CommandError {
    CommandError::usage(format!("this build does not include {what}")).with_hint(hint(feature))
}

/// Returns how to build the command with `feature`.
pub(crate) fn hint(feature: &str) -> String {
    format!("in a checkout of upsign: cargo install --path crates/upsign-cli --features {feature}")
}
