//! Which options of the deployment each document depends on.

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::args::{ComparisonArgs, DeploymentArgs};
use super::choices::{MultipartArg, NotifyArg, ReadsArg};
use crate::shell::quote;

/// The options of [`DeploymentArgs`] and [`TemplateArgs`](super::args::TemplateArgs) that change each document.
///
/// The documents share these structs. Any other option of them is hidden in the help of a document, and refused there.
const USED: [(&str, &[&str]); 9] = [
    ("cors", &["bucket", "multipart"]),
    ("iam", &["multipart", "confirm", "reads", "unversioned", "table", "signing_role"]),
    ("bucket-policy", &["bucket", "account", "reads", "scanner_role", "guards"]),
    ("lifecycle", &["bucket", "multipart", "unversioned", "pending", "infrequent_after"]),
    ("notification", &["bucket", "account", "multipart", "notify"]),
    ("reads", &["multipart", "confirm", "reads", "unversioned"]),
    ("cloudwatch", &["notify", "api"]),
    ("sam", &WHOLE),
    ("terraform", WHOLE.split_at(WHOLE.len() - 1).0),
];

/// The options of a whole deployment. A Terraform module takes `code` as a variable, so that is the last one.
const WHOLE: [&str; 16] = [
    "multipart",
    "confirm",
    "reads",
    "notify",
    "unversioned",
    "pending",
    "infrequent_after",
    "table",
    "signing_role",
    "scanner_role",
    "api",
    "variables",
    "scopes",
    "unwatched",
    "guards",
    "code",
];

/// Returns whether the option with this id is one that only some documents depend on.
fn is_shared(id: &str) -> bool {
    WHOLE.contains(&id) || ["bucket", "account"].contains(&id)
}

/// Returns whether `document` depends on the option with this id.
fn is_used(document: &str, id: &str) -> bool {
    !is_shared(id)
        || USED.iter().find(|(name, _)| *name == document).is_none_or(|(_, used)| used.contains(&id))
}

/// Hides the options on which a document does not depend, and says in the help of `upsign check` when they have an effect there.
pub(crate) fn hide_unused(command: Command) -> Command {
    let heading = |argument: Arg| {
        let is_deployment = argument.get_help_heading() == Some("Deployment");
        let is_config = argument.get_id() == "config";
        match (is_deployment, is_config) {
            (true, true) => argument.help_heading(None),
            (true, false) => argument.help_heading("Deployment (with --against or --live)"),
            (false, _) => argument,
        }
    };
    let command = command.mut_subcommand("check", |check| check.mut_args(heading));
    command.mut_subcommand("documents", |documents| {
        USED.iter().fold(documents, |documents, (name, _)| {
            documents.mut_subcommand(*name, |document| {
                document.mut_args(|argument| {
                    let is_hidden = !is_used(name, argument.get_id().as_str());
                    if is_hidden { argument.hide(true) } else { argument }
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
            let compared = |id: &str| {
                is_shared(id) || ["allow_uncompared", "queue_arn", "distribution_arn"].contains(&id)
            };
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
pub(super) fn written_for(args: &ComparisonArgs, document: &str) -> String {
    let mut written = args.deployment.written_for(document);
    let mut add = |flag: &str, value: &str| written.push_str(&format!(" {flag} {}", quote(value)));
    if is_used(document, "guards") {
        args.guards.guards.iter().for_each(|guard| add("--guard", guard.name()));
    }
    if document == "notification"
        && let Some(queue) = &args.queue_arn
    {
        add("--queue-arn", queue);
    }
    if document == "bucket-policy"
        && let Some(distribution) = &args.distribution_arn
    {
        add("--distribution-arn", distribution);
    }
    written
}

impl DeploymentArgs {
    /// Returns the options that were written, as far as `document` depends on them, for a command that generates it.
    fn written_for(&self, document: &str) -> String {
        let mut written = String::new();
        let mut add = |id: &str, flag: &str, value: Option<String>| {
            let Some(value) = value.filter(|_| is_used(document, id)) else { return };
            written.push_str(&format!(" {flag}"));
            if !value.is_empty() {
                written.push_str(&format!(" {}", quote(&value)));
            }
        };
        let set = |is_set: bool| is_set.then(String::new);
        add("config", "--config", self.config.config.as_ref().map(|path| path.display().to_string()));
        add("bucket", "--bucket", self.bucket.clone());
        add("account", "--account", self.account.as_ref().map(|account| account.as_str().to_owned()));
        let multipart = match self.multipart {
            MultipartArg::No => None,
            MultipartArg::Service => Some("service".to_owned()),
            MultipartArg::Browser => Some("browser".to_owned()),
        };
        add("multipart", "--multipart", multipart);
        add("confirm", "--confirm", set(self.confirm));
        let reads = match self.reads {
            ReadsArg::None => None,
            ReadsArg::Presigned => Some("presigned".to_owned()),
            ReadsArg::Cloudfront => Some("cloudfront".to_owned()),
        };
        add("reads", "--reads", reads);
        let notify = match self.notify {
            NotifyArg::Queue => None,
            NotifyArg::None => Some("none".to_owned()),
            NotifyArg::EventBridge => Some("event-bridge".to_owned()),
        };
        add("notify", "--notify", notify);
        add("unversioned", "--unversioned", set(self.unversioned));
        for (prefix, days) in &self.pending {
            add("pending", "--pending", Some(format!("{prefix}={days}")));
        }
        add("infrequent_after", "--infrequent-after", self.infrequent_after.map(|days| days.to_string()));
        add("table", "--table", self.table.clone());
        add(
            "signing_role",
            "--signing-role",
            self.signing_role.as_ref().map(|role| role.as_str().to_owned()),
        );
        add(
            "scanner_role",
            "--scanner-role",
            self.scanner_role.as_ref().map(|role| role.as_str().to_owned()),
        );
        written
    }
}
