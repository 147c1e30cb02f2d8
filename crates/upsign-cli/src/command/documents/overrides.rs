//! The options that replace values of `[deployment]` for one command, and the notes that say so.

use upsign_config::{Config, Overridden, Override};
use upsign_documents::Guard;

use super::args::DeploymentArgs;
use crate::shell::quote;

/// An option that was written.
pub(super) struct Written {
    /// The id of the option in `clap`.
    pub(super) id: &'static str,
    /// The option as it was written: `--reads cloudfront`.
    pub(super) written: String,
    /// What it does to the configuration.
    pub(super) effect: Override,
}

/// The name of the key that every route can have.
const INFREQUENT_AFTER: &str = "infrequent_after";

impl DeploymentArgs {
    /// Returns the options that were written and that a key of upsign.toml has, in the order of the help.
    pub(super) fn overrides(&self) -> Vec<Written> {
        let values = [
            ("account", &self.account),
            ("api", &self.api),
            ("listener_arn", &self.listener_arn),
            ("code", &self.code),
            ("reads", &self.reads),
            ("distribution_arn", &self.distribution_arn),
            ("notify", &self.notify),
            ("queue_arn", &self.queue_arn),
            ("table", &self.table),
            ("signing_role", &self.signing_role),
            ("scanner_role", &self.scanner_role),
        ];
        let mut all = Vec::new();
        for (id, value) in values {
            if let Some(value) = value {
                let option = format!("--{}", id.replace('_', "-"));
                let effect = Override::value(&format!("deployment.{id}"), &option, value);
                all.push(Written { id, written: format!("{option} {}", quote(value)), effect });
            }
        }
        for (id, key, is_set) in
            [("unwatched", "monitoring", self.unwatched), ("unversioned", "versioned", self.unversioned)]
        {
            if is_set {
                let written = format!("--{id}");
                let effect = Override::value(&format!("deployment.{key}"), &written, "false");
                all.push(Written { id, written, effect });
            }
        }
        let tables = [
            ("variables", "--variable", "deployment.variables", &self.variables),
            ("pending", "--pending", "deployment.expire", &self.pending),
        ];
        for (id, option, key, entries) in tables {
            for (name, value) in entries {
                let written = format!("{option} {}", quote(&format!("{name}={value}")));
                all.push(Written { id, written, effect: Override::entry(key, option, name, value) });
            }
        }
        if let Some(days) = &self.infrequent_after {
            let option = "--infrequent-after";
            let effect = Override::in_every_route(INFREQUENT_AFTER, option, days);
            all.push(Written { id: INFREQUENT_AFTER, written: format!("{option} {}", quote(days)), effect });
        }
        all.extend(self.guard_overrides());
        all
    }

    /// Returns the guards that were written. `none` comes first, because it leaves out those of the file only.
    fn guard_overrides(&self) -> impl Iterator<Item = Written> {
        let (none, some): (Vec<_>, Vec<_>) = self.guards.iter().partition(|guard| *guard == NO_GUARD);
        let none = none.first().map(|_| Override::value(GUARDS, "--guard", ""));
        let none = none.map(|effect| (NO_GUARD, effect));
        let some = some.into_iter().map(|guard| (guard.as_str(), Override::item(GUARDS, "--guard", guard)));
        none.into_iter().chain(some).map(|(guard, effect)| Written {
            id: "guards",
            written: format!("--guard {}", quote(guard)),
            effect,
        })
    }
}

/// Returns the notes about variables of the shell. They change what is generated, but the function reads its own `upsign.toml`, in
/// which they are not. Lambda sets those of AWS itself.
pub(crate) fn variable_notes(config: &Config) -> Vec<String> {
    let own =
        config.values_of_variables().into_iter().filter(|(_, _, variable)| !variable.starts_with("AWS_"));
    own.map(|(key, value, variable)| {
        format!(
            "the variable {variable} sets {key} = {value}, for this command only: the function reads upsign.toml, without the \
             variable"
        )
    })
    .collect()
}

/// The value of `--guard` that leaves out the guards of upsign.toml.
const NO_GUARD: &str = "none";
const GUARDS: &str = "deployment.guards";

/// Returns the note that says what an option replaces, or `None` if the configuration has the same value.
pub(super) fn note(option: &Written, overridden: &Overridden, config: &Config) -> Option<String> {
    let Written { written, .. } = option;
    let Overridden { key, previous, is_addition, is_same, .. } = overridden;
    if *is_same {
        return None;
    }
    let mut note = match previous {
        _ if key == INFREQUENT_AFTER => {
            format!("{written} applies to this command only, in place of {key} of every route")
        }
        Some((value, place)) if *is_addition => format!("{written} adds to {key} = {value} ({place})"),
        Some((value, place)) => format!("{written} overrides {key} = {value} ({place})"),
        None => format!("{written} applies to this command only: the configuration does not set {key}"),
    };
    let missing = Guard::RECOMMENDED.iter().filter(|guard| !config.deployment().guards().contains(guard));
    let missing: Vec<&str> = missing.copied().map(Guard::name).collect();
    if key == GUARDS && !is_addition && !missing.is_empty() {
        note.push_str(&format!("; {} are left out", missing.join(", ")));
    }
    Some(note)
}
