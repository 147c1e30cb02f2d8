//! Environment variables, and the credentials in them.

use std::env;

use upsign_config::{Config, LoadCredentialsError, environment_credentials};
use upsign_core::{Credentials, CredentialsSource};

use crate::exit::CommandError;

/// Returns the value of a variable, or `None` if it is not set or not valid UTF-8.
#[expect(
    clippy::disallowed_methods,
    reason = "the command line tool is one of the places that read the environment"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// Returns a source for the credentials in the environment.
///
/// Temporary credentials in the environment have no known expiry, so `[credentials] unknown_expiry` must say how to treat
/// them: a grant must never claim to be valid longer than its credentials.
pub(crate) fn credentials_for(config: &Config) -> Result<Box<dyn CredentialsSource>, CommandError> {
    config.credentials_source(credentials()?).map_err(|error| load_error(&error))
}

/// Returns the credentials in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
pub(crate) fn credentials() -> Result<Credentials, CommandError> {
    environment_credentials(variable).map_err(|error| load_error(&error))
}

pub(crate) fn load_error(error: &LoadCredentialsError) -> CommandError {
    match error {
        LoadCredentialsError::Missing(_) => {
            let hint = "set both, and AWS_SESSION_TOKEN for temporary credentials; `aws configure export-credentials \
                        --format env` prints them for a profile";
            CommandError::usage("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set").with_hint(hint)
        }
        LoadCredentialsError::UnknownExpiry => {
            let hint = "set [credentials] unknown_expiry = \"assume\" and assume_for = \"1h\" in upsign.toml to state how \
                        long they are valid; grants then carry \"expiresAtIs\": \"upper-bound\"";
            CommandError::usage("AWS_SESSION_TOKEN is set, but the expiry of these credentials is unknown")
                .with_hint(hint)
        }
        error => CommandError::caused("no credentials could be loaded", error).into_usage(),
    }
}
