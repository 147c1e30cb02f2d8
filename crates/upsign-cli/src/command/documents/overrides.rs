//! The options that replace values of `[deployment]` for one command, and the notes that say so.

use upsign_config::{Config, DeploymentConfig};
use upsign_documents::{CodeLocation, Guard};

use super::args::DeploymentArgs;
use super::choices::{self, name_of};
use crate::exit::CommandError;
use crate::shell::quote;

/// An option that was written.
pub(super) struct Override {
    /// The id of the option in `clap`.
    pub(super) id: &'static str,
    /// The option as it was written: `--reads cloudfront`.
    pub(super) written: String,
    /// The key of `[deployment]`, or of every route.
    key: &'static str,
    /// What the option does to the value of the key.
    effect: Effect,
}

/// What an option does to the value of its key.
enum Effect {
    /// Replaces it by this value, in the format of the file.
    Replaces(String),
    /// Adds to its list or table.
    Adds,
}

impl DeploymentArgs {
    /// Returns the options that were written and that a key of upsign.toml has, in the order of the help.
    pub(super) fn overrides(&self) -> Vec<Override> {
        let mut all = Vec::new();
        let mut add = |id: &'static str, key: &'static str, written: String, effect: Effect| {
            all.push(Override { id, written, key, effect });
        };
        let text = |value: &str| Effect::Replaces(format!("\"{value}\""));
        let mut value = |id, key, flag: &str, value: Option<String>| {
            if let Some(value) = value {
                add(id, key, format!("{flag} {}", quote(&value)), text(&value));
            }
        };
        value("account", "account", "--account", self.account.as_ref().map(ToString::to_string));
        value("api", "api", "--api", self.api.as_ref().map(name_of));
        value("listener_arn", "listener_arn", "--listener-arn", self.listener_arn.clone());
        value("code", "code", "--code", self.code.as_ref().map(location));
        value("reads", "reads", "--reads", self.reads.as_ref().map(name_of));
        value("distribution_arn", "distribution_arn", "--distribution-arn", self.distribution_arn.clone());
        value("notify", "notify", "--notify", self.notify.as_ref().map(name_of));
        value("queue_arn", "queue_arn", "--queue-arn", self.queue_arn.clone());
        value("table", "table", "--table", self.table.clone());
        value(
            "signing_role",
            "signing_role",
            "--signing-role",
            self.signing_role.as_ref().map(ToString::to_string),
        );
        value(
            "scanner_role",
            "scanner_role",
            "--scanner-role",
            self.scanner_role.as_ref().map(ToString::to_string),
        );
        for (name, value) in &self.variables {
            let written = format!("--variable {}", quote(&format!("{name}={value}")));
            add("variables", "variables", written, Effect::Adds);
        }
        if self.unwatched {
            add("unwatched", "monitoring", "--unwatched".to_owned(), Effect::Replaces("false".to_owned()));
        }
        if self.unversioned {
            add("unversioned", "versioned", "--unversioned".to_owned(), Effect::Replaces("false".to_owned()));
        }
        for (prefix, days) in &self.pending {
            let written = format!("--pending {}", quote(&format!("{prefix}={days}")));
            add("pending", "expire", written, Effect::Adds);
        }
        if let Some(days) = self.infrequent_after {
            let written = format!("--infrequent-after {days}");
            add("infrequent_after", INFREQUENT_AFTER, written, Effect::Replaces(days.to_string()));
        }
        for guard in &self.guards {
            let effect = match guard {
                choices::GuardArg::None => Effect::Replaces("[]".to_owned()),
                choices::GuardArg::Guard(_) => Effect::Adds,
            };
            add("guards", "guards", format!("--guard {}", guard.name()), effect);
        }
        all
    }

    /// Returns the configuration with the values of these options in place of those of the file.
    pub(super) fn apply(&self, config: Config) -> Result<Config, CommandError> {
        let mut values = config.deployment_config().clone();
        self.change(&mut values);
        let config = match self.infrequent_after {
            Some(days) => config.with_infrequent_after(days),
            None => config,
        };
        config.with_deployment_config(values).map_err(|inexact| {
            CommandError::usage(format!("auth.source is \"authorizer\", but {inexact}"))
                .with_help(inexact.remedy())
        })
    }

    fn change(&self, values: &mut DeploymentConfig) {
        /// Replaces each value for which the option was written.
        macro_rules! replace {
            ($($name:ident),*) => {
                $(if let Some(value) = self.$name.clone() {
                    values.$name = Some(value.into());
                })*
            };
        }
        replace!(
            account,
            listener_arn,
            code,
            reads,
            distribution_arn,
            notify,
            queue_arn,
            table,
            signing_role,
            scanner_role
        );
        if let Some(api) = self.api {
            values.api = api.into();
        }
        if self.unwatched {
            values.monitoring = Some(false);
        }
        if self.unversioned {
            values.versioned = Some(false);
        }
        if !self.guards.is_empty() {
            let base = values.guards.as_deref().unwrap_or(&Guard::RECOMMENDED);
            values.guards = Some(choices::guards(base, &self.guards));
        }
        put(&mut values.variables, &self.variables);
        put(&mut values.expire, &self.pending);
    }
}

/// Adds entries to a table, in place of those with the same name.
fn put<T: Clone>(table: &mut Vec<(String, T)>, added: &[(String, T)]) {
    table.retain(|(name, _)| !added.iter().any(|(other, _)| other == name));
    table.extend(added.iter().cloned());
}

/// The name of the key that every route can have.
const INFREQUENT_AFTER: &str = "infrequent_after";

impl Override {
    /// Returns the note that says what the option replaces, or `None` if the configuration has the same value.
    pub(super) fn note(&self, config: &Config) -> Option<String> {
        let Self { written, key, .. } = self;
        if *key == INFREQUENT_AFTER {
            return Some(format!("{written} applies to this command only, in place of {key} of every route"));
        }
        let key = format!("deployment.{key}");
        match (config.effective_value(&key), &self.effect) {
            (Some((value, _)), Effect::Replaces(new)) if value == new => None,
            (Some((value, source)), Effect::Replaces(_)) => {
                Some(format!("{written} overrides {key} = {value} ({source})"))
            }
            (Some((value, source)), Effect::Adds) => {
                Some(format!("{written} adds to {key} = {value} ({source})"))
            }
            (None, _) => {
                Some(format!("{written} applies to this command only: the configuration does not set {key}"))
            }
        }
    }
}

/// Returns the place of the function's code as it is written.
fn location(code: &CodeLocation) -> String {
    match code {
        CodeLocation::Object { bucket, key } => format!("s3://{bucket}/{key}"),
        CodeLocation::Local(path) => path.clone(),
        _ => String::new(),
    }
}
