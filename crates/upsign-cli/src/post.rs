//! `upsign post`.

use serde_json::{Map, Value};
use upsign::{AssumeLifetime, Clock, SigV4, SystemClock};
use upsign_core::{
    Bound, Condition, CredentialsSource, ExpiresIn, LengthRange, PostPolicy, PostStyle, PresignError,
    PresignedPost, SAFETY_MARGIN, SignPost, Timestamp,
};

use crate::args::{Post, Style};
use crate::exit::{Exit, Failed};
use crate::{environment, presign, say};

pub(crate) async fn run(args: &Post, json: bool) -> Result<Exit, Failed> {
    let policy = policy(args)?;
    let at = args.at.unwrap_or_else(|| SystemClock.now());
    let lifetime = args.expires_in.saturating_add(SAFETY_MARGIN.into());
    let source = AssumeLifetime::new(environment::credentials()?, lifetime);
    let post = signed(&policy, &source, at).await.map_err(|error| Failed::caused("not signed", &error))?;
    if json {
        say::answer(&as_json(&post));
    } else {
        print(&post);
    }
    Ok(Exit::Success)
}

async fn signed(
    policy: &PostPolicy,
    source: &dyn CredentialsSource,
    at: Timestamp,
) -> Result<PresignedPost, PresignError> {
    let credentials = source.credentials(at).await?;
    let policy = policy.within(&credentials, at)?;
    Ok(SigV4::new().sign_post(&policy, &credentials, at)?.signed_with(&credentials))
}

fn policy(args: &Post) -> Result<PostPolicy, Failed> {
    let (Some(key), target) = (args.key.clone(), presign::target(&args.place)?) else {
        return Err(Failed::usage("post takes a key"));
    };
    let wrong = |name: &str, error: &dyn std::error::Error| Failed::caused(name, error).into_usage();
    let length = LengthRange::new(args.min_size, args.max_size);
    let length = length.map_err(|error| wrong("--max-size", &error))?;
    let expires_in = ExpiresIn::from_secs(args.expires_in).map_err(|error| wrong("--expires-in", &error))?;
    let mut policy = PostPolicy::new(target, key, length, expires_in).with_style(match args.style {
        Style::Boto3 => PostStyle::Lower,
        Style::Js => PostStyle::Js,
    });
    for pair in &args.prefixes {
        let (name, prefix) = halves("--starts-with", pair)?;
        let condition = Condition::starts_with(name, prefix);
        policy = policy.with_condition(condition).map_err(|error| wrong("--starts-with", &error))?;
    }
    for pair in &args.fields {
        let (name, value) = halves("--field", pair)?;
        policy = policy.with_field(name, value).map_err(|error| wrong("--field", &error))?;
    }
    Ok(policy)
}

fn halves<'a>(argument: &str, pair: &'a str) -> Result<(&'a str, &'a str), Failed> {
    pair.split_once('=')
        .ok_or_else(|| Failed::usage(format!("{argument} takes NAME=VALUE, with an = between them")))
}

fn as_json(post: &PresignedPost) -> String {
    let fields: Map<String, Value> =
        post.fields.iter().map(|(name, value)| (name.to_string(), value.to_string().into())).collect();
    serde_json::json!({
        "url": post.url,
        "fields": fields,
        "expires_at": post.expires_at.to_string(),
        "expires_at_is": if post.expires_at_is == Bound::AtMost { "upper-bound" } else { "exact" },
    })
    .to_string()
}

/// A command that sends the form, on standard output; the file comes last, as S3 wants it.
fn print(post: &PresignedPost) {
    let mut command = "curl".to_owned();
    for (name, value) in &post.fields {
        command.push_str(&format!(" --form-string {}", quoted(&format!("{name}={value}"))));
    }
    command.push_str(&format!(" -F file=@FILE {}", quoted(&post.url)));
    say::answer(&command);
    say::detail("until", &post.expires_at.to_string());
    if post.expires_at_is == Bound::AtMost {
        say::warn("the credentials do not say when they end: the form may end with them, before its time");
    }
}

/// For a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
