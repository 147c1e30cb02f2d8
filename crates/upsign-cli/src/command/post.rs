//! `upsign post`: signs one form for an upload by POST.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};
use upsign::{AssumeLifetime, Clock, SystemClock};
use upsign_config::StoreSigner;
use upsign_core::{
    Condition, ExpiryPrecision, LengthRange, PostKey, PostPolicy, PostStyle, PresignedPost, Presigner,
    SAFETY_MARGIN, Timestamp, WithCredentials,
};

use crate::command::presign::{expiry, precision_name};
use crate::credentials::{Sources, service_account};
use crate::exit::{CommandError, Exit};
use crate::shell::in_quotes;
use crate::target::{SignatureArg, TargetArgs};
use crate::value_parser::{self, pair};
use crate::{batch, credentials, output};

#[derive(Debug, Args)]
pub(crate) struct PostArgs {
    /// Object key; `${filename}` at the end stands for the name of the uploaded file.
    #[arg(required_unless_present = "batch", value_parser = value_parser::key::<PostKey>)]
    key: Option<PostKey>,
    #[command(flatten)]
    target: TargetArgs,
    /// Minimum size of the file, as in 1024 or "1 KiB".
    #[arg(long, value_name = "SIZE", default_value = "0", value_parser = value_parser::size)]
    min_size: u64,
    /// Maximum size of the file, as in 10485760 or "10 MiB".
    #[arg(long, value_name = "SIZE", default_value = "5 GiB", value_parser = value_parser::size)]
    max_size: u64,
    /// Form field with a fixed value; repeatable.
    #[arg(long = "field", short = 'F', value_name = "NAME=VALUE", value_parser = pair)]
    fields: Vec<(String, String)>,
    /// Form field that the client fills in with a value that starts with PREFIX; repeatable.
    #[arg(long = "starts-with", value_name = "NAME=PREFIX", value_parser = pair)]
    prefixes: Vec<(String, String)>,
    /// How long the form is valid, as in 900, 15m or 1h; at most 7 days.
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = value_parser::seconds)]
    expires_in: u64,
    /// Time of signing: now (the default), or as in 2026-01-31T23:59:59Z.
    #[arg(long, value_name = "TIME", value_parser = value_parser::time)]
    at: Option<Timestamp>,
    /// Names of the signature's form fields.
    #[arg(long, value_enum, default_value_t = StyleArg::Boto3)]
    style: StyleArg,
    /// Sign one form per line of standard input (format: end of --help).
    #[arg(long)]
    batch: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StyleArg {
    /// As boto3 writes them: x-amz-signature, policy.
    Boto3,
    /// As the SDK for JavaScript writes them: X-Amz-Signature, Policy, and the bucket as a field.
    Js,
}

pub(crate) async fn run(args: &PostArgs, json: bool) -> Result<Exit, CommandError> {
    let Some(key) = args.key.clone().filter(|_| !args.batch) else {
        return batch::post::run().await;
    };
    let policy = args.policy(key)?;
    let at = args.at.unwrap_or_else(|| SystemClock.now());
    let post = args.presigner(at)?.presign_post(&policy, at).await;
    let post = post.map_err(|error| CommandError::caused("cannot sign the form", &error))?;
    if json {
        output::result(&as_json(&post));
    } else {
        print(&post, at);
    }
    Ok(Exit::Success)
}

impl PostArgs {
    /// Returns the signer with the credentials in the environment. Temporary credentials with an unknown expiry are assumed to
    /// last until the form expires.
    fn presigner(&self, at: Timestamp) -> Result<Box<dyn Presigner>, CommandError> {
        if self.target.signature() == SignatureArg::Goog4Rsa {
            return Ok(Box::new(service_account::from_variable()?));
        }
        let lifetime = self.expires_in.saturating_add(SAFETY_MARGIN.into());
        let source = AssumeLifetime::new(credentials::from_variables(Sources::Variables, at)?, lifetime, at);
        Ok(Box::new(WithCredentials::new(StoreSigner::new(), source)))
    }

    fn policy(&self, key: PostKey) -> Result<PostPolicy, CommandError> {
        let usage =
            |option: &str, error: &dyn std::error::Error| CommandError::caused(option, error).into_usage();
        let length = LengthRange::new(self.min_size, self.max_size);
        let length = length.map_err(|error| usage("--max-size", &error))?;
        let expires_in = value_parser::lifetime(self.expires_in)?;
        let style = match self.style {
            StyleArg::Boto3 => PostStyle::Lower,
            StyleArg::Js => PostStyle::Js,
        };
        let mut policy = PostPolicy::new(self.target.target()?, key, length, expires_in).with_style(style);
        for (name, prefix) in &self.prefixes {
            let condition = Condition::starts_with(name, prefix);
            policy = policy.with_condition(condition).map_err(|error| usage("--starts-with", &error))?;
        }
        for (name, value) in &self.fields {
            policy = policy.with_field(name, value).map_err(|error| usage("--field", &error))?;
        }
        Ok(policy)
    }
}

fn as_json(post: &PresignedPost) -> String {
    let fields: Map<String, Value> =
        post.fields.iter().map(|(name, value)| (name.to_string(), value.to_string().into())).collect();
    serde_json::json!({
        "url": post.url,
        "fields": fields,
        "expires_at": post.expires_at.to_string(),
        "expires_at_is": precision_name(post.expiry_precision),
    })
    .to_string()
}

/// Prints a curl command that sends the form, on standard output. The file must be the last field: S3 ignores fields
/// after it.
fn print(post: &PresignedPost, at: Timestamp) {
    let mut command = "curl".to_owned();
    for (name, value) in &post.fields {
        command.push_str(&format!(" --form-string {}", in_quotes(&format!("{name}={value}"))));
    }
    command.push_str(&format!(" -F file=@FILE {}", in_quotes(&post.url)));
    output::result(&command);
    output::notes().detail("expires", &expiry(post.expires_at, at));
    if post.expiry_precision == ExpiryPrecision::UpperBound {
        output::warning("the expiry of the credentials is unknown: the form may stop working earlier");
    }
}
