//! Builds the deployment that documents are generated for, from upsign.toml and the command line.

use upsign_config::{AuthSource, Config};
use upsign_documents::{BucketDocument, Deployment, DeploymentBucket, Guard};

use super::args::DeploymentArgs;
use super::overrides;
use crate::exit::CommandError;
use crate::output;

/// Returns the deployment of upsign.toml with the values of the options, and prints which values they replace.
pub(super) fn from_args(args: &DeploymentArgs) -> Result<Deployment, CommandError> {
    Ok(configured(args)?.deployment())
}

/// Returns the configuration like [`configured`], for a template or module of the whole deployment.
///
/// # Errors
/// Nothing would verify the callers of the API.
pub(super) fn whole_from_args(args: &DeploymentArgs) -> Result<Config, CommandError> {
    let config = configured(args)?;
    if config.auth().is_none() {
        let error = CommandError::usage(
            "upsign.toml has no section [auth]: the function could not verify callers, and would not start",
        );
        return Err(error.with_help("add [auth] with user_pool, client_ids and token_use"));
    }
    for note in config.authorizer_notes() {
        output::notes().line(&format!("note: {note}"));
    }
    if config.auth_source() == AuthSource::Token {
        // Not a warning: most deployments verify tokens in the function.
        let reason = config.auth_source_reason();
        output::notes()
            .line(&format!("note: the function verifies tokens itself, without an authorizer: {reason}"));
    }
    Ok(config)
}

/// Returns upsign.toml with the values of the options, and prints which values they replace.
pub(super) fn configured(args: &DeploymentArgs) -> Result<Config, CommandError> {
    let written = args.overrides();
    let effects: Vec<_> = written.iter().map(|it| it.effect.clone()).collect();
    let config = args.config.load_overridden(&effects)?;
    for note in overrides::variable_notes(&config) {
        output::notes().line(&format!("note: {note}"));
    }
    for (option, overridden) in written.iter().zip(config.overridden()) {
        if let Some(note) = overrides::note(option, overridden, &config) {
            output::notes().line(&format!("note: {note}"));
        }
    }
    Ok(config)
}

/// Warns of the guards that also deny some legitimate requests.
pub(super) fn warn_of_guards(deployment: &Deployment) {
    for guard in deployment.guards().iter().filter(|guard| !Guard::RECOMMENDED.contains(guard)) {
        output::warning(&format!("{}: {}", guard.name(), guard.warning()));
    }
}

/// Returns the bucket named by `--bucket`, or else the only one.
pub(super) fn bucket<'a>(
    deployment: &'a Deployment,
    args: &DeploymentArgs,
) -> Result<DeploymentBucket<'a>, CommandError> {
    choose(deployment.buckets(), args)
}

/// Returns the bucket named by `--bucket`, or else the only one whose store takes the document, or the only one at all.
pub(super) fn bucket_for<'a>(
    deployment: &'a Deployment,
    args: &DeploymentArgs,
    document: BucketDocument,
) -> Result<DeploymentBucket<'a>, CommandError> {
    let takes = |bucket: &DeploymentBucket<'_>| bucket.check_support(document).is_ok();
    let mut taking = deployment.buckets().into_iter().filter(takes);
    match (&args.bucket, taking.next(), taking.next()) {
        (None, Some(one), None) => Ok(one),
        _ => bucket(deployment, args),
    }
}

fn choose<'a>(
    buckets: Vec<DeploymentBucket<'a>>,
    args: &DeploymentArgs,
) -> Result<DeploymentBucket<'a>, CommandError> {
    let names: Vec<String> = buckets.iter().map(|bucket| bucket.bucket().to_string()).collect();
    let mut chosen = buckets
        .into_iter()
        .filter(|bucket| args.bucket.as_ref().is_none_or(|name| name == bucket.bucket().as_str()));
    match (chosen.next(), chosen.next()) {
        (Some(one), None) => Ok(one),
        _ => {
            let message = match &args.bucket {
                Some(name) => format!("upsign.toml has no bucket {name:?}"),
                None => format!("upsign.toml has {} buckets", names.len()),
            };
            let choices: Vec<String> = names.iter().map(|name| format!("--bucket {name}")).collect();
            Err(CommandError::usage(format!("{message}: say {}", choices.join(" or "))))
        }
    }
}
