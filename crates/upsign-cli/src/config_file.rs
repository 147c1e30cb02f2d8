//! The `--config` option, and reading `upsign.toml`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use upsign_config::Config;

use crate::environment;
use crate::exit::CommandError;

/// The configuration file of every command that reads `upsign.toml`.
#[derive(Debug, Args)]
pub(crate) struct ConfigFile {
    /// Configuration file; default: upsign.toml, if it exists. UPSIGN_… variables override its values.
    #[arg(long, value_name = "FILE", env = "UPSIGN_CONFIG")]
    pub(crate) config: Option<PathBuf>,
}

impl ConfigFile {
    fn path(&self) -> &Path {
        self.config.as_deref().unwrap_or(Path::new("upsign.toml"))
    }

    /// Returns whether the file exists, or has to because `--config` names it.
    pub(crate) fn exists(&self) -> bool {
        self.config.is_some() || self.path().exists()
    }

    /// Reads the file named by `--config`, or else `upsign.toml` if it exists, and applies the variables.
    ///
    /// Without `--config`, a missing file counts as an empty one: variables alone may be enough.
    pub(crate) fn load(&self) -> Result<Config, CommandError> {
        self.load_with(|_| None)
    }

    /// Reads the configuration as [`load`](Self::load) does. `overrides` is called for each variable first, so that an
    /// option of the command line takes precedence over the variable with the same meaning.
    pub(crate) fn load_with(
        &self,
        overrides: impl Fn(&str) -> Option<String>,
    ) -> Result<Config, CommandError> {
        let path = self.path();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if self.config.is_none() && error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(CommandError::unreadable(path, &error)),
        };
        let variable = |name: &str| overrides(name).or_else(|| environment::variable(name));
        let names = environment::names();
        let names = names.iter().map(String::as_str);
        Config::read_with_names(&path.display().to_string(), &text, variable, names).map_err(|error| {
            let hint = "`upsign init -` prints a commented example, `upsign schema` lists every key";
            CommandError::usage(error.to_string()).with_help(hint)
        })
    }
}
