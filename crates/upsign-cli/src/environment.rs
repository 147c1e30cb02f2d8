//! Environment variables.

use std::env;

/// Returns the value of a variable, or `None` if it is not set or not valid UTF-8.
#[expect(clippy::disallowed_methods, reason = "a command line tool may read the environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// Returns the names of all variables that are valid UTF-8.
#[expect(clippy::disallowed_methods, reason = "a command line tool may read the environment")]
pub(crate) fn names() -> Vec<String> {
    env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
}
