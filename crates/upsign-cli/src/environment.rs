//! What the environment says.

use std::env;
use std::path::{Path, PathBuf};

use upsign::AssumeLifetime;
use upsign_config::{Config, UnknownExpiry};
use upsign_core::{Credentials, CredentialsSource, Expiry};

use crate::args::ConfigFile;
use crate::exit::Failed;

/// A variable's value, if it is set and text.
#[expect(clippy::disallowed_methods, reason = "the command is where the environment is read")]
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// The configuration: the named file, else `upsign.toml` if there is one, with the variables over it.
pub(crate) fn config(file: &ConfigFile) -> Result<Config, Failed> {
    config_under(file, |_| None)
}

/// The same, with what the command line says in the place of variables over it.
pub(crate) fn config_under(
    file: &ConfigFile,
    over: impl Fn(&str) -> Option<String>,
) -> Result<Config, Failed> {
    let path = file.config.clone().unwrap_or_else(|| PathBuf::from("upsign.toml"));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if file.config.is_none() && error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(unreadable(&path, &error)),
    };
    Config::read(&path.display().to_string(), &text, |name| over(name).or_else(|| variable(name))).map_err(
        |error| {
            let hint = "`upsign init -` prints a commented file, `upsign schema` every key";
            Failed::usage(error.to_string()).hint(hint)
        },
    )
}

pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Failed {
    Failed::usage(format!("{} cannot be read: {error}", path.display()))
}

/// The credentials in the environment as a source that keeps its word: where nobody states their end, the
/// configuration has to say what is to be done.
pub(crate) fn credentials_for(config: &Config) -> Result<Box<dyn CredentialsSource>, Failed> {
    let credentials = credentials()?;
    match (credentials.expiry(), config.unknown_expiry()) {
        (Expiry::Unknown, Some(UnknownExpiry::Assume(seconds))) => {
            Ok(Box::new(AssumeLifetime::new(credentials, seconds)))
        }
        (Expiry::Unknown, _) => {
            let hint = "say for how long they may be taken to live, as in [credentials] unknown_expiry = \"assume\" and \
                        assume_for = \"1h\"; grants then carry \"expiresAtIs\": \"upper-bound\"";
            Err(Failed::usage("AWS_SESSION_TOKEN is set, and nothing says when these credentials end")
                .hint(hint))
        }
        _ => Ok(Box::new(credentials)),
    }
}

/// The credentials in `AWS_ACCESS_KEY_ID` and its kin. A session token's end is unknown here: nobody states it.
pub(crate) fn credentials() -> Result<Credentials, Failed> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let (Some(id), Some(secret)) = (set("AWS_ACCESS_KEY_ID"), set("AWS_SECRET_ACCESS_KEY")) else {
        let hint = "set both; for temporary credentials AWS_SESSION_TOKEN too. `aws configure export-credentials \
                    --format env` prints them for a profile";
        return Err(Failed::usage("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set").hint(hint));
    };
    let credentials = match set("AWS_SESSION_TOKEN") {
        Some(token) => Credentials::temporary(&id, &secret, &token, Expiry::Unknown),
        None => Credentials::long_term(&id, &secret),
    };
    credentials.map_err(|error| Failed::caused("the credentials in the environment", &error).into_usage())
}
