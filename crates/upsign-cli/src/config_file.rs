//! The `--config` option, and reading `upsign.toml`.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use upsign_config::{Config, InvalidConfig, Override, Place, ProblemCode, Warning, WarningCode};

use crate::diagnostic::{self, Severity};
use crate::environment;
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::shell::quote;

/// The configuration file of every command that reads `upsign.toml`.
#[derive(Debug, Args)]
pub(crate) struct ConfigFile {
    /// Configuration file [default: upsign.toml]. UPSIGN_… variables override its values.
    #[arg(long, value_name = "FILE", env = "UPSIGN_CONFIG")]
    pub(crate) config: Option<PathBuf>,
}

/// The file that commands read if none is named.
pub(crate) const DEFAULT_FILE: &str = "upsign.toml";

/// The largest file that is read, in bytes. A configuration with 10,000 routes has about 2 MiB.
const MAX_FILE: u64 = 16 << 20;

/// A configuration, and the text of its file for excerpts.
pub(crate) struct Loaded {
    pub(crate) config: Config,
    pub(crate) text: String,
}

impl ConfigFile {
    pub(crate) fn path(&self) -> &Path {
        self.config.as_deref().unwrap_or(Path::new(DEFAULT_FILE))
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
        self.load_with_text(overrides).map(|loaded| loaded.config)
    }

    /// Reads the configuration as [`load`](Self::load) does, with the values of options in place of those of the file.
    pub(crate) fn load_overridden(&self, options: &[Override]) -> Result<Config, CommandError> {
        self.read(|_| None, options).map(|loaded| loaded.config)
    }

    /// Reads the configuration as [`load`](Self::load) does, for a server. Values that are still the examples of
    /// `upsign init` are errors: no upload could succeed. So are settings that need an application around the library.
    pub(crate) fn load_to_serve(&self) -> Result<Config, CommandError> {
        let Loaded { config, text } = self.load_with_text(|_| None)?;
        let refused = config.warnings().iter().filter_map(|warning| match warning.code {
            WarningCode::ExampleValue => Some(warning.clone()),
            WarningCode::NeedsAuthorize => {
                let mut refused = warning.clone();
                refused.message =
                    "requires an application that checks who may use an id, and `upsign serve` has none"
                        .to_owned();
                refused.help =
                    "remove client_may_supply, or embed the library: manual, how-to \"authorize\"".to_owned();
                Some(refused)
            }
            _ => None,
        });
        let refused = refused.map(|warning| diagnostic::of_warning(Severity::Error, &warning, &text));
        match (CommandError::all(spaced(refused)), examples(config.warnings())) {
            (None, _) => Ok(config),
            (Some(error), 0) => Err(error),
            (Some(error), count) => {
                Err(error.with_verdict(change_examples(count, &self.command("upsign check"))))
            }
        }
    }

    /// Returns a command with the option `--config`, if it was written.
    pub(crate) fn command(&self, command: &str) -> String {
        match &self.config {
            Some(path) => format!("{command} --config {}", quote(&path.display().to_string())),
            None => command.to_owned(),
        }
    }

    /// Reads the configuration as [`load_with`](Self::load_with) does, and returns the text of the file with it.
    pub(crate) fn load_with_text(
        &self,
        overrides: impl Fn(&str) -> Option<String>,
    ) -> Result<Loaded, CommandError> {
        self.read(overrides, &[])
    }

    fn read(
        &self,
        overrides: impl Fn(&str) -> Option<String>,
        options: &[Override],
    ) -> Result<Loaded, CommandError> {
        let (text, exists) = match read(self.path()) {
            // An empty text would mean that there is no file.
            Ok(bytes) if bytes.is_empty() => ("\n".to_owned(), true),
            Ok(bytes) => (self.decode(bytes)?, true),
            Err(error) if self.config.is_none() && error.kind() == ErrorKind::NotFound => {
                (String::new(), false)
            }
            Err(error) => return Err(self.unreadable(&error)),
        };
        let variable = |name: &str| overrides(name).or_else(|| environment::variable(name));
        let names = environment::names();
        let names = names.iter().map(String::as_str);
        let file = self.path().display().to_string();
        match Config::read_with_overrides(&file, &text, variable, names, options) {
            Ok(config) => Ok(Loaded { config, text }),
            Err(invalid) if exists => {
                let all = invalid.problems().iter().map(|problem| diagnostic::of_problem(problem, &text));
                Err(CommandError::all(spaced(all))
                    .unwrap_or_else(|| CommandError::usage(invalid.to_string())))
            }
            Err(invalid) => Err(without_file(&invalid)),
        }
    }

    fn unreadable(&self, error: &io::Error) -> CommandError {
        let unreadable = CommandError::unreadable(self.path(), error);
        match error.kind() {
            ErrorKind::NotFound => {
                let by_variable = environment::variable("UPSIGN_CONFIG")
                    .is_some_and(|name| Path::new(&name) == self.path());
                let named = if by_variable { "; UPSIGN_CONFIG names it" } else { "" };
                unreadable.with_help(format!("write it with: upsign init {}{named}", self.path().display()))
            }
            ErrorKind::IsADirectory => unreadable.with_help(format!(
                "name a file in it: --config {}",
                self.path().join("upsign.toml").display()
            )),
            _ => unreadable,
        }
    }
}

impl ConfigFile {
    /// Returns the text of the file, or says in which line it is not UTF-8.
    fn decode(&self, bytes: Vec<u8>) -> Result<String, CommandError> {
        let file = self.path().display().to_string();
        let is_utf_16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
        String::from_utf8(bytes).map_err(|error| {
            let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
            let (message, help) = if is_utf_16 {
                let help =
                    "save it as UTF-8; in PowerShell, `upsign init FILE` writes it right, and > does not";
                (format!("{file} is text in UTF-16, but must be in UTF-8"), help)
            } else {
                (format!("{file} is not text in UTF-8"), "save it as UTF-8, in the settings of your editor")
            };
            let place = Diagnostic {
                line: Some(line),
                help: Some(help.to_owned()),
                ..Diagnostic::new("invalid-toml", message)
            };
            CommandError::new(Exit::Usage, place.in_file(file))
        })
    }
}

/// Returns how many values are still the examples of `upsign init`.
pub(crate) fn examples(warnings: &[Warning]) -> usize {
    warnings.iter().filter(|warning| warning.code == WarningCode::ExampleValue).count()
}

/// Returns what to do about values that are still examples. `check` is the command that confirms it.
pub(crate) fn change_examples(count: usize, check: &str) -> String {
    if count == 1 {
        format!("1 value is still an example: change the line marked CHANGE, then: {check}")
    } else {
        format!("{count} values are still examples: change the lines marked CHANGE, then: {check}")
    }
}

/// Puts an empty line between findings with excerpts.
pub(crate) fn spaced(findings: impl Iterator<Item = Diagnostic>) -> impl Iterator<Item = Diagnostic> {
    findings.enumerate().map(|(index, finding)| match finding.rendered {
        Some(rendered) if index > 0 => Diagnostic { rendered: Some(format!("\n{rendered}")), ..finding },
        _ => finding,
    })
}

/// Reads a file, up to a limit.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len <= MAX_FILE) {
        Ok(bytes)
    } else {
        Err(io::Error::other("it has more than 16 MiB, which no configuration needs"))
    }
}

/// Returns the errors of a configuration without a file: those of the variables, and that there is no file.
fn without_file(invalid: &InvalidConfig) -> CommandError {
    let (missing, others): (Vec<_>, Vec<_>) = invalid.problems().iter().partition(|problem| {
        matches!(problem.place, Place::File(_)) && problem.code == ProblemCode::MissingKey
    });
    let mut all: Vec<Diagnostic> = others.iter().map(|problem| diagnostic::of_problem(problem, "")).collect();
    if !missing.is_empty() {
        let folder = std::env::current_dir()
            .map_or_else(|_| "this folder".to_owned(), |folder| folder.display().to_string());
        // AWS_REGION and the like are often set for other programs, so one key alone is no sign of a configuration.
        let none = missing.len() >= MANDATORY_KEYS - 1;
        let message = if none {
            format!("no upsign.toml in {folder}")
        } else {
            let keys: Vec<&str> = missing.iter().map(|problem| problem.key.as_str()).collect();
            format!("no upsign.toml in {folder}, and no variable sets {}", keys.join(", "))
        };
        let help = if none {
            "start with: upsign init   (or name one: --config FILE, UPSIGN_CONFIG)".to_owned()
        } else {
            missing.iter().map(|problem| problem.help.as_str()).collect::<Vec<_>>().join("; ")
        };
        all.push(Diagnostic { help: Some(help), ..Diagnostic::new("no-config", message) });
    }
    CommandError::all(all)
        .unwrap_or_else(|| CommandError::new(Exit::Usage, Diagnostic::new("no-config", invalid.to_string())))
}

/// The number of keys that have no default: name, region, key, types, max_size, bodyless and origins.
const MANDATORY_KEYS: usize = 7;
