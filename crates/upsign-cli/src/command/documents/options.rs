//! Which options of the deployment each document depends on.

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use upsign_config::Config;

use super::args::{ComparisonArgs, DeploymentArgs};
use crate::shell::quote;

/// The options of [`DeploymentArgs`] that change each document.
///
/// The documents share this struct. Any other option of it is hidden in the help of a document, and refused there.
const USED: [(&str, &[&str]); 10] = [
    ("cors", &["bucket"]),
    ("iam", &["account", "reads", "queue_arn", "unversioned", "table", "signing_role"]),
    ("bucket-policy", &["bucket", "account", "reads", "distribution_arn", "guards", "scanner_role"]),
    ("lifecycle", &["bucket", "unversioned", "pending", "infrequent_after"]),
    ("notification", &["bucket", "account", "notify", "queue_arn"]),
    ("reads", &["reads", "unversioned"]),
    ("cloudwatch", &["api", "notify"]),
    ("openapi", &["api"]),
    ("sam", &WHOLE),
    ("terraform", WHOLE.split_at(WHOLE.len() - 1).0),
];

/// The options of a whole deployment. A Terraform module takes `code` as a variable, so that is the last one.
const WHOLE: [&str; 14] = [
    "api",
    "listener_arn",
    "variables",
    "unwatched",
    "reads",
    "notify",
    "unversioned",
    "pending",
    "infrequent_after",
    "table",
    "signing_role",
    "guards",
    "scanner_role",
    "code",
];

/// The heading of the options that replace a value of the file.
const HEADING: &str = "In place of [deployment] in upsign.toml";

/// Returns whether the option with this id is one that only some documents depend on.
fn is_shared(id: &str) -> bool {
    WHOLE.contains(&id) || ["bucket", "account", "queue_arn", "distribution_arn"].contains(&id)
}

/// Returns whether `document` depends on the option with this id.
fn is_used(document: &str, id: &str) -> bool {
    !is_shared(id)
        || USED.iter().find(|(name, _)| *name == document).is_none_or(|(_, used)| used.contains(&id))
}

/// Hides the options on which a document does not depend, and says in the help of `upsign check` when they have an effect there.
pub(crate) fn hide_unused(command: Command) -> Command {
    let heading = |argument: Arg| match argument.get_id().as_str() {
        "config" => argument.help_heading(None),
        "bucket" => argument.help_heading("Documents in use"),
        id if is_shared(id) => {
            argument.help_heading("With --against or --live, in place of [deployment] in upsign.toml")
        }
        _ => argument,
    };
    let command = command.mut_subcommand("check", |check| check.mut_args(heading));
    command.mut_subcommand("documents", |documents| {
        USED.iter().fold(documents, |documents, (name, _)| {
            documents.mut_subcommand(*name, |document| {
                document.mut_args(|argument| match argument.get_id().as_str() {
                    "config" | "bucket" if is_used(name, argument.get_id().as_str()) => {
                        argument.help_heading(None)
                    }
                    id if !is_used(name, id) => argument.hide(true),
                    id if is_shared(id) => argument.help_heading(HEADING),
                    _ => argument,
                })
            })
        })
    })
}

/// Refuses options that change nothing: those on which a document does not depend, and those of a comparison in `upsign check`
/// without one. `command` and `matches` are those of `upsign`.
pub(crate) fn refuse_unused(command: &mut Command, matches: &ArgMatches) -> Result<(), clap::Error> {
    match matches.subcommand() {
        Some(("documents", matches)) => {
            let Some((name, matches)) = matches.subcommand() else { return Ok(()) };
            let document = command.find_subcommand_mut("documents");
            let document = document.and_then(|documents| documents.find_subcommand_mut(name));
            refuse(document, matches, "changes nothing in this document", |id| !is_used(name, id))
        }
        Some(("check", matches)) if !matches.contains_id("against") && !matches.get_flag("live") => {
            let compared = |id: &str| is_shared(id) || id == "allow_uncompared";
            let check = command.find_subcommand_mut("check");
            refuse(check, matches, "changes nothing without --against or --live", compared)
        }
        _ => Ok(()),
    }
}

/// Refuses the first option that was written and that `is_unused`.
fn refuse(
    command: Option<&mut Command>,
    matches: &ArgMatches,
    reason: &str,
    is_unused: impl Fn(&str) -> bool,
) -> Result<(), clap::Error> {
    let Some(command) = command else { return Ok(()) };
    let is_refused = |argument: &&Arg| {
        let id = argument.get_id().as_str();
        let source = matches.try_contains_id(id).ok().and_then(|_| matches.value_source(id));
        source == Some(ValueSource::CommandLine) && is_unused(id)
    };
    let unused = command.get_arguments().find(is_refused).map(ToString::to_string);
    match unused {
        Some(unused) => Err(command.error(ErrorKind::ArgumentConflict, format!("{unused} {reason}"))),
        None => Ok(()),
    }
}

/// Returns the options of a comparison that were written, as far as `document` depends on them, for a command that generates it.
/// Those that repeat a value of upsign.toml are left out.
/// `config` is the configuration with these options.
pub(super) fn written_for(args: &ComparisonArgs, config: &Config, document: &str) -> String {
    let DeploymentArgs { config: file, bucket, .. } = &args.deployment;
    let mut written = Vec::new();
    if let Some(path) = &file.config {
        written.push(format!("--config {}", quote(&path.display().to_string())));
    }
    if let Some(bucket) = bucket.as_ref().filter(|_| is_used(document, "bucket")) {
        written.push(format!("--bucket {}", quote(bucket)));
    }
    let overridden = config.overridden();
    for (index, option) in args.deployment.overrides().into_iter().enumerate() {
        let differs = overridden.get(index).is_none_or(|it| !it.is_same);
        if is_used(document, option.id) && differs {
            written.push(option.written);
        }
    }
    written.into_iter().map(|option| format!(" {option}")).collect()
}
