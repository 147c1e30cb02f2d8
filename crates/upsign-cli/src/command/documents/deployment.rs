//! Builds the deployment that documents are generated for, from upsign.toml and the command line.

use upsign_cognito::TokenUse;
use upsign_config::Config;
use upsign_documents::{
    ApiAuthorizer, ApiKind, CodeLocation, Deployment, DeploymentBucket, DeploymentRoute, Multipart,
    NotificationTarget, Reads,
};

use super::args::{DeploymentArgs, TemplateArgs};
use super::choices::{ApiArg, MultipartArg, NotifyArg, ReadsArg};
use crate::exit::CommandError;

/// Returns the deployment of the bucket and its documents.
pub(super) fn from_args(args: &DeploymentArgs) -> Result<Deployment, CommandError> {
    Ok(build(args, &args.config.load()?))
}

fn build(args: &DeploymentArgs, config: &Config) -> Deployment {
    let routes = config.routes().iter().map(|route| {
        let mut described = DeploymentRoute::new(route.policy.clone());
        if let Some(name) = &route.name {
            described = described.with_name(name.as_str());
        }
        match args.infrequent_after {
            Some(days) => described.with_infrequent_access_after(days),
            None => described,
        }
    });
    let mut deployment = Deployment::new(routes, config.origins().clone())
        .with_multipart(match args.multipart {
            MultipartArg::No => Multipart::None,
            MultipartArg::Service => Multipart::Service,
            MultipartArg::Browser => Multipart::Browser,
        })
        .with_confirmation(args.confirm)
        .with_reads(match args.reads {
            ReadsArg::None => Reads::None,
            ReadsArg::Presigned => Reads::Presigned,
            ReadsArg::Cloudfront => Reads::CloudFront,
        })
        .with_notification_target(match args.notify {
            NotifyArg::None => NotificationTarget::None,
            NotifyArg::Queue => NotificationTarget::Queue,
            NotifyArg::EventBridge => NotificationTarget::EventBridge,
        })
        .with_versioning(!args.unversioned);
    for (prefix, days) in &args.pending {
        deployment = deployment.with_expiring_prefix(prefix, *days);
    }
    if let Some(account) = &args.account {
        deployment = deployment.with_account(account.clone());
    }
    if let Some(table) = &args.table {
        deployment = deployment.with_dynamodb_table(table);
    }
    if let Some(role) = &args.signing_role {
        deployment = deployment.with_signing_role(role.as_str());
    }
    if let Some(role) = &args.scanner_role {
        deployment = deployment.with_scanner_role(role.clone());
    }
    deployment
}

/// Returns the whole deployment: also the API, the function and the monitoring.
pub(super) fn from_template_args(args: &TemplateArgs) -> Result<Deployment, CommandError> {
    let config = args.deployment.config.load()?;
    let mut deployment = build(&args.deployment, &config)
        .with_authorizer(api_authorizer(args, &config))
        .with_api(match args.api {
            ApiArg::Rest => ApiKind::Rest,
            ApiArg::Http => ApiKind::Http,
        });
    for (name, value) in variables(args, &config) {
        deployment = deployment.with_environment_variable(&name, &value);
    }
    deployment = deployment.with_monitoring(!args.unwatched);
    if let Some(code) = &args.code {
        deployment = deployment.with_code_location(code_location(code)?);
    }
    Ok(deployment)
}

fn code_location(code: &str) -> Result<CodeLocation, CommandError> {
    let Some(object) = code.strip_prefix("s3://") else { return Ok(CodeLocation::Local(code.into())) };
    let (bucket, key) = object
        .split_once('/')
        .ok_or_else(|| CommandError::usage("--code must be a path or s3://BUCKET/KEY"))?;
    Ok(CodeLocation::Object { bucket: bucket.into(), key: key.into() })
}

/// Returns the variables of the function's environment.
///
/// Lambda does not state the expiry of a role's credentials, so the function refuses to start unless it is configured how
/// long they last. One hour is safe: Lambda replaces them long before that.
fn variables(args: &TemplateArgs, config: &Config) -> Vec<(String, String)> {
    let mut all = args.variables.clone();
    // The variable names one bucket, so it is left out if the routes use several.
    let mut buckets = config.policies().map(|policy| policy.target().bucket());
    let first = buckets.next().filter(|first| buckets.all(|bucket| bucket == *first));
    let bucket = first.map(|bucket| ("ARTICLE_IMAGES_BUCKET", bucket.as_str()));
    let assume = [("UPSIGN_UNKNOWN_EXPIRY", "assume"), ("UPSIGN_ASSUME_FOR", "1h")];
    let assume = assume.into_iter().filter(|_| config.unknown_expiry().is_none());
    for (name, value) in bucket.into_iter().chain(assume) {
        if !all.iter().any(|(known, _)| known == name) {
            all.push((name.into(), value.into()));
        }
    }
    all
}

fn api_authorizer(args: &TemplateArgs, config: &Config) -> ApiAuthorizer {
    let Some(auth) = config.auth() else { return ApiAuthorizer::None };
    let mut scopes = args.scopes.clone();
    let url = auth.verifier.issuer().names().next().unwrap_or_default().to_owned();
    if matches!(args.api, ApiArg::Http) {
        let audiences = auth.verifier.client_ids().map(str::to_owned).collect();
        return ApiAuthorizer::Jwt { issuer: url, audiences, scopes };
    }
    let Some(pool) = url.rsplit('/').next().filter(|_| url.contains("cognito-idp")) else {
        return ApiAuthorizer::None;
    };
    if scopes.is_empty() && auth.verifier.token_use() == TokenUse::Access {
        // Every access token of a sign-in through the API of user pools has this scope.
        scopes.push("aws.cognito.signin.user.admin".into());
    }
    ApiAuthorizer::Cognito { user_pool: pool.to_owned(), scopes }
}

/// Returns the bucket named by `--bucket`, or else the only one.
pub(super) fn bucket<'a>(
    deployment: &'a Deployment,
    args: &DeploymentArgs,
) -> Result<DeploymentBucket<'a>, CommandError> {
    let buckets = deployment.buckets();
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
