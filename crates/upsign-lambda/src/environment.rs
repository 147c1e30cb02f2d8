//! What a function finds in its environment.

use std::path::PathBuf;
use std::{env, fs, io};

use upsign_config::{Config, InvalidConfig};
use upsign_core::{Credentials, Expiry, InvalidCredentials};

/// A configuration, and the credentials of the function's role.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Start {
    /// What `upsign.toml` and the variables say.
    pub config: Config,
    /// The credentials in the environment. Nobody says when they end.
    pub credentials: Credentials,
}

impl Start {
    /// A configuration and credentials that you have read elsewhere.
    #[must_use]
    pub const fn new(config: Config, credentials: Credentials) -> Self {
        Self { config, credentials }
    }
}

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEnvironment {
    /// The file that `UPSIGN_CONFIG` names cannot be read.
    #[error("{} cannot be read", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// The configuration is wrong.
    #[error("the configuration is not valid")]
    Config(#[from] InvalidConfig),
    /// A variable that Lambda itself sets is absent.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// The credentials are none.
    #[error("the credentials in the environment are not valid")]
    Credentials(#[from] InvalidCredentials),
}

/// Reads `UPSIGN_CONFIG`, else `upsign.toml` in `LAMBDA_TASK_ROOT`, else variables alone; and the role's credentials
/// from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
///
/// # Errors
/// [`InvalidEnvironment`]; a function should end with it, so that a bad deployment fails at once.
pub fn read() -> Result<Start, InvalidEnvironment> {
    let (name, text) = file()?;
    let config = Config::read(&name, &text, variable)?;
    Ok(Start { config, credentials: credentials()? })
}

#[expect(clippy::disallowed_methods, reason = "a door is where the environment is read")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn file() -> Result<(String, String), InvalidEnvironment> {
    let named = variable("UPSIGN_CONFIG").map(PathBuf::from);
    let required = named.is_some();
    let usual = || variable("LAMBDA_TASK_ROOT").map(|root| PathBuf::from(root).join("upsign.toml"));
    let Some(path) = named.or_else(usual) else { return Ok(("the environment".into(), String::new())) };
    match fs::read_to_string(&path) {
        Ok(text) => Ok((path.display().to_string(), text)),
        Err(error) if !required && error.kind() == io::ErrorKind::NotFound => {
            Ok(("the environment".into(), String::new()))
        }
        Err(error) => Err(InvalidEnvironment::File(path, error)),
    }
}

fn credentials() -> Result<Credentials, InvalidEnvironment> {
    let required = |name| variable(name).ok_or(InvalidEnvironment::Missing(name));
    let (id, secret) = (required("AWS_ACCESS_KEY_ID")?, required("AWS_SECRET_ACCESS_KEY")?);
    Ok(match variable("AWS_SESSION_TOKEN") {
        Some(token) => Credentials::temporary(&id, &secret, &token, Expiry::Unknown)?,
        None => Credentials::long_term(&id, &secret)?,
    })
}
