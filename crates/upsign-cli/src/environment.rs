//! Environment variables, and the credentials in them.

use std::env;

use upsign_config::{LoadCredentialsError, environment_credentials};
use upsign_core::Credentials;

use crate::exit::CommandError;

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

/// Returns the credentials in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
///
/// With a session token their expiry is unknown, because no variable states it.
pub(crate) fn credentials() -> Result<Credentials, CommandError> {
    environment_credentials(variable).map_err(|error| credentials_error(&error))
}

/// Describes why no credentials could be loaded, with what to set.
pub(crate) fn credentials_error(error: &LoadCredentialsError) -> CommandError {
    let described = CommandError::caused("cannot load credentials", error).into_usage();
    match error {
        LoadCredentialsError::Missing(_) => described.with_help(
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN for temporary credentials; \
             `aws configure export-credentials --format env` prints them for a profile",
        ),
        LoadCredentialsError::UnknownExpiry => described.with_help(
            "add to upsign.toml, under [credentials]: unknown_expiry = \"assume\" and assume_for = \"1h\"; grants then \
             carry \"expiresAtIs\": \"upper-bound\"",
        ),
        _ => described,
    }
}
