//! `upsign jwks`: lists the usable keys of a key set.

use std::path::{Path, PathBuf};

use clap::Args;
use upsign_cognito::FetchedKeys;

use crate::batch;
use crate::exit::{CommandError, Exit};
use crate::output;
use crate::verdict::key_set;

#[derive(Debug, Args)]
pub(crate) struct JwksArgs {
    /// File with the JWKS document.
    #[arg(value_name = "FILE", required_unless_present = "batch")]
    file: Option<PathBuf>,
    /// Check one response of a key endpoint per line of standard input (format: end of --help).
    #[arg(long)]
    batch: bool,
}

pub(crate) async fn run(args: &JwksArgs, json: bool) -> Result<Exit, CommandError> {
    match &args.file {
        Some(path) if !args.batch => list(path, json),
        _ => batch::jwks::run().await,
    }
}

/// Lists the usable keys of a document, as if a key endpoint had returned it.
fn list(path: &Path, json: bool) -> Result<Exit, CommandError> {
    let document = std::fs::read(path).map_err(|error| CommandError::unreadable(path, &error))?;
    let keys = match key_set::usable_keys(&FetchedKeys::new(200, document)) {
        Ok(keys) => keys,
        Err(error) if json => {
            output::result(&key_set::unusable(&error).to_string());
            return Ok(Exit::Failure);
        }
        Err(error) => return Err(CommandError::caused("no key of this document is usable", &error)),
    };
    if json {
        output::result(&key_set::usable(&keys).to_string());
    } else {
        keys.kids().into_iter().for_each(output::result);
    }
    Ok(Exit::Success)
}
