//! Errors about Cargo features that this build of the command lacks.

use crate::exit::CommandError;

/// Returns the error for an option that needs `feature`, which provides `capability`.
#[cfg_attr(
    all(feature = "sdk", feature = "chain"),
    expect(dead_code, reason = "no option lacks its feature")
)]
pub(crate) fn error(capability: &str, feature: &str) -> CommandError {
    CommandError::usage(format!("this build does not include {capability}"))
        .with_code("missing-feature")
        .with_help(hint(feature))
}

/// Returns how to build the command with `feature`.
pub(crate) fn hint(feature: &str) -> String {
    format!("in a checkout of upsign: cargo install --path crates/upsign-cli --features {feature}")
}
