//! From upsign.toml and the command line to the system that documents are made for.

use upsign_cognito::TokenUse;
use upsign_config::Config;
use upsign_documents::{ApiKind, BucketUse, Code, Multipart, Notify, Reads, System, Tokens};

use super::args::{Stack, SystemArgs};
use super::choices::{ApiArg, MultipartArg, NotifyArg, ReadsArg};
use crate::environment;
use crate::exit::Failed;

pub(super) fn of(args: &SystemArgs) -> Result<System, Failed> {
    Ok(with(args, &environment::config(&args.config)?))
}

fn with(args: &SystemArgs, config: &Config) -> System {
    let mut system = System::new(config.policies().cloned(), config.origins().clone())
        .with_multipart(match args.multipart {
            MultipartArg::No => Multipart::No,
            MultipartArg::Service => Multipart::Service,
            MultipartArg::Browser => Multipart::Browser,
        })
        .with_confirm(args.confirm)
        .with_reads(match args.reads {
            ReadsArg::None => Reads::None,
            ReadsArg::Presigned => Reads::Presigned,
            ReadsArg::Cloudfront => Reads::CloudFront,
        })
        .with_notify(match args.notify {
            NotifyArg::None => Notify::None,
            NotifyArg::Queue => Notify::Queue,
            NotifyArg::EventBridge => Notify::EventBridge,
        })
        .with_versioning(!args.unversioned);
    for (prefix, days) in &args.pending {
        system = system.with_pending(prefix, *days);
    }
    if let Some(days) = args.infrequent_after {
        system = system.with_infrequent_after(days);
    }
    if let Some(account) = &args.account {
        system = system.with_account(account.clone());
    }
    if let Some(table) = &args.table {
        system = system.with_table(table);
    }
    if let Some(role) = &args.signing_role {
        system = system.with_signing_role(role);
    }
    system
}

pub(super) fn of_stack(args: &Stack) -> Result<System, Failed> {
    let config = environment::config(&args.system.config)?;
    let mut system =
        with(&args.system, &config).with_tokens(tokens(args, &config)).with_api(match args.api {
            ApiArg::Rest => ApiKind::Rest,
            ApiArg::Http => ApiKind::Http,
        });
    for (name, value) in variables(args, &config) {
        system = system.with_variable(&name, &value);
    }
    system = system.with_watch(!args.unwatched);
    if let Some(code) = &args.code {
        system = system.with_code(place(code)?);
    }
    Ok(system)
}

fn place(code: &str) -> Result<Code, Failed> {
    let Some(object) = code.strip_prefix("s3://") else { return Ok(Code::Local(code.into())) };
    let (bucket, key) =
        object.split_once('/').ok_or_else(|| Failed::usage("--code: write s3://BUCKET/KEY"))?;
    Ok(Code::Object { bucket: bucket.into(), key: key.into() })
}

/// In Lambda nobody states when a role's credentials end, so the function refuses to start unless it is told what to do.
/// Lambda renews them long before an hour is over.
fn variables(args: &Stack, config: &Config) -> Vec<(String, String)> {
    let mut all = args.variables.clone();
    // Of several buckets none can be named so.
    let mut buckets = config.policies().map(|policy| policy.target().bucket());
    let first = buckets.next().filter(|first| buckets.all(|bucket| bucket == *first));
    let own = first.map(|bucket| ("ARTICLE_IMAGES_BUCKET", bucket.as_str()));
    let assume = [("UPSIGN_UNKNOWN_EXPIRY", "assume"), ("UPSIGN_ASSUME_FOR", "1h")];
    let assume = assume.into_iter().filter(|_| config.unknown_expiry().is_none());
    for (name, value) in own.into_iter().chain(assume) {
        if !all.iter().any(|(known, _)| known == name) {
            all.push((name.into(), value.into()));
        }
    }
    all
}

fn tokens(args: &Stack, config: &Config) -> Tokens {
    let mut tokens = Tokens { scopes: args.scopes.clone(), ..Tokens::default() };
    let Some(auth) = config.auth() else { return tokens };
    let issuer = auth.verifier.issuer();
    let url = issuer.names().next().unwrap_or_default().to_owned();
    let pool = url.rsplit('/').next().filter(|_| url.contains("cognito-idp"));
    tokens.user_pool = pool.map(str::to_owned);
    tokens.issuer = Some(url.clone());
    tokens.audiences = auth.verifier.client_ids().map(str::to_owned).collect();
    if tokens.scopes.is_empty()
        && auth.verifier.token_use() == TokenUse::Access
        && matches!(args.api, ApiArg::Rest)
    {
        // What every token of a sign-in by the pool's own API carries.
        tokens.scopes.push("aws.cognito.signin.user.admin".into());
    }
    tokens
}

/// The one bucket, or the one that was named.
pub(super) fn bucket<'a>(system: &'a System, args: &SystemArgs) -> Result<BucketUse<'a>, Failed> {
    let buckets = system.buckets();
    let names: Vec<String> = buckets.iter().map(|bucket| bucket.bucket().to_string()).collect();
    let mut chosen = buckets
        .into_iter()
        .filter(|bucket| args.bucket.as_ref().is_none_or(|name| name == bucket.bucket().as_str()));
    match (chosen.next(), chosen.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(Failed::usage("which bucket is not said, or there is none of that name")
            .hint(format!("give --bucket, one of {}", names.join(", ")))),
    }
}
