//! What the environment says.

use std::env;
use std::path::{Path, PathBuf};

use upsign_config::Config;
use upsign_core::{Credentials, Expiry};

use crate::args::ConfigFile;
use crate::exit::Failed;

/// A variable's value, if it is set and text.
#[expect(clippy::disallowed_methods, reason = "the command is where the environment is read")]
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// The configuration: the named file, else `upsign.toml` if there is one, with the variables over it.
pub(crate) fn config(file: &ConfigFile) -> Result<Config, Failed> {
    let path = file.config.clone().unwrap_or_else(|| PathBuf::from("upsign.toml"));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if file.config.is_none() && error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(unreadable(&path, &error)),
    };
    Config::read(&path.display().to_string(), &text, variable).map_err(|error| {
        let hint = "every key is in the manual: upsign::manual::configuration";
        Failed::usage(error.to_string()).hint(hint)
    })
}

pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Failed {
    Failed::usage(format!("{} cannot be read: {error}", path.display()))
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
