//! `upsign presign`: presigns one request.

use std::time::Duration;

use clap::{Args, ValueEnum};
use upsign::{AssumeLifetime, Clock, SigV4, SystemClock};
use upsign_aws::{AwsSigV4, AwsSigV4a};
use upsign_config::units;
use upsign_core::{
    ExpiryPrecision, ObjectKey, Operation, PresignRequest, PresignedRequest, Presigner, SAFETY_MARGIN,
    SignedHeaders, Timestamp, WithCredentials,
};
use upsign_gcs::Goog4Hmac;
use upsign_policy::ContentType;

use crate::credentials::{Sources, service_account};
use crate::exit::{CommandError, Exit};
use crate::target::{SignatureArg, TargetArgs};
use crate::value_parser::{self, header};
use crate::{batch, credentials, output};

#[derive(Debug, Args)]
pub(crate) struct PresignArgs {
    /// Object key.
    #[arg(required_unless_present = "batch", value_parser = value_parser::key::<ObjectKey>)]
    key: Option<ObjectKey>,
    /// Request that the URL allows.
    #[arg(long, value_enum, default_value_t = OperationArg::Put)]
    operation: OperationArg,
    #[command(flatten)]
    target: TargetArgs,
    /// Content type to sign: the upload must have it.
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// Size to sign, as in 48213 or "10 MiB": the upload must have exactly this size.
    #[arg(long, value_name = "SIZE", value_parser = value_parser::size)]
    content_length: Option<u64>,
    /// Another header to sign, as in "If-None-Match: *"; repeatable.
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// How long the URL is valid, as in 900, 15m or 1h; at most 7 days.
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = value_parser::seconds)]
    expires_in: u64,
    /// Time of signing: now (the default), or as in 2026-01-31T23:59:59Z.
    #[arg(long, value_name = "TIME", value_parser = value_parser::time)]
    at: Option<Timestamp>,
    /// Signer to use; all give the same URLs.
    #[arg(long, value_enum, default_value_t = Backend::Sigv4)]
    backend: Backend,
    /// Presign one request per line of standard input (format: end of --help).
    #[arg(long)]
    batch: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OperationArg {
    Put,
    Get,
    Head,
    Delete,
    /// The start of a resumable upload at Google Cloud Storage; only with --signature goog4-….
    StartResumable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Backend {
    /// The signer of upsign.
    Sigv4,
    /// The aws-sigv4 crate.
    AwsSigv4,
    /// The aws-sdk-s3 crate; needs a build with `--features sdk`.
    AwsSdk,
}

pub(crate) async fn run(args: &PresignArgs, json: bool) -> Result<Exit, CommandError> {
    let Some(key) = args.key.clone().filter(|_| !args.batch) else {
        return batch::presign::run().await;
    };
    let request = args.request(key)?;
    if let Some(text) = &args.content_type {
        warn_of_type(text);
    }
    let at = args.at.unwrap_or_else(|| SystemClock.now());
    let presigner = args.presigner(request.target().requires_sigv4a(), at)?;
    let presigned = presigner.presign(&request, at).await;
    let presigned = presigned.map_err(|error| CommandError::caused("cannot presign", &error))?;
    if json {
        output::result(&as_json(&presigned));
    } else {
        print(&presigned, at);
    }
    Ok(Exit::Success)
}

/// Warns of a text that is no content type. S3 stores any text, so it can be signed.
fn warn_of_type(text: &str) {
    if let Err(error) = text.parse::<ContentType>() {
        output::warning(&match ContentType::suggestion(text) {
            Some(meant) => format!("--content-type: {text:?} is not a content type: write {meant}"),
            None => format!("--content-type: {text:?} is not a content type: {error}"),
        });
    }
}

impl PresignArgs {
    fn request(&self, key: ObjectKey) -> Result<PresignRequest, CommandError> {
        let operation = match self.operation {
            OperationArg::Put => Operation::PutObject,
            OperationArg::Get => Operation::GetObject,
            OperationArg::Head => Operation::HeadObject,
            OperationArg::Delete => Operation::DeleteObject,
            OperationArg::StartResumable => Operation::StartResumableUpload,
        };
        let expires_in = value_parser::lifetime(self.expires_in)?;
        let request = PresignRequest::new(self.target.target()?, operation, key, expires_in);
        Ok(request.with_headers(self.headers()?))
    }

    fn headers(&self) -> Result<SignedHeaders, CommandError> {
        let mut headers = SignedHeaders::new();
        let mut add = |name: &str, value: &str| {
            headers.insert(name, value).map_err(|error| CommandError::caused("--header", &error).into_usage())
        };
        if let Some(content_type) = &self.content_type {
            add("content-type", content_type)?;
        }
        if let Some(bytes) = self.content_length {
            add("content-length", &bytes.to_string())?;
        }
        for (name, value) in &self.headers {
            add(name, value)?;
        }
        Ok(headers)
    }

    /// Returns the signer with the credentials in the environment.
    ///
    /// Temporary credentials with an unknown expiry are assumed to last until the URL expires. The output marks the expiry
    /// as an upper bound. Multi-region access points need SigV4a, which only the aws-sigv4 crate implements.
    fn presigner(&self, needs_sigv4a: bool, at: Timestamp) -> Result<Box<dyn Presigner>, CommandError> {
        if self.target.signature() != SignatureArg::Sigv4 && self.backend != Backend::Sigv4 {
            let message = "--backend: the AWS crates do not make signatures of Google Cloud Storage";
            return Err(CommandError::usage(message).with_help("remove --backend"));
        }
        if self.target.signature() == SignatureArg::Goog4Rsa {
            return Ok(Box::new(service_account::from_variable()?));
        }
        let lifetime = self.expires_in.saturating_add(SAFETY_MARGIN.into());
        let credentials = credentials::from_variables(Sources::Variables, at)?;
        let credentials = AssumeLifetime::new(credentials, lifetime, at);
        match self.backend {
            _ if self.target.signature() == SignatureArg::Goog4Hmac => {
                Ok(Box::new(WithCredentials::new(Goog4Hmac::new(), credentials)))
            }
            Backend::Sigv4 | Backend::AwsSigv4 if needs_sigv4a => {
                Ok(Box::new(WithCredentials::new(AwsSigV4a::new(), credentials)))
            }
            Backend::Sigv4 => Ok(Box::new(WithCredentials::new(SigV4::new(), credentials))),
            Backend::AwsSigv4 => Ok(Box::new(WithCredentials::new(AwsSigV4::new(), credentials))),
            #[cfg(feature = "sdk")]
            Backend::AwsSdk => Ok(Box::new(upsign_aws::SdkPresigner::new(credentials))),
            #[cfg(not(feature = "sdk"))]
            Backend::AwsSdk => Err(crate::missing_feature::error("the backend aws-sdk", "sdk")),
        }
    }
}

/// Returns the wire name of an expiry's precision.
pub(crate) const fn precision_name(precision: ExpiryPrecision) -> &'static str {
    match precision {
        ExpiryPrecision::UpperBound => "upper-bound",
        _ => "exact",
    }
}

/// Returns when something that is signed at `at` expires, as in `in 15 min, at 2026-01-31T23:59:59Z`.
pub(crate) fn expiry(expires_at: Timestamp, at: Timestamp) -> String {
    let lifetime = units::format_duration(Duration::from_secs(expires_at.seconds_since(at)));
    format!("in {lifetime}, at {expires_at}")
}

fn as_json(presigned: &PresignedRequest) -> String {
    let headers: Vec<[&str; 2]> = presigned.headers.iter().map(|(name, value)| [name, value]).collect();
    serde_json::json!({
        "method": presigned.method.as_str(),
        "url": presigned.url.expose(),
        "headers": headers,
        "expires_at": presigned.expires_at.to_string(),
        "expires_at_is": precision_name(presigned.expiry_precision),
    })
    .to_string()
}

/// Prints the URL on standard output, and what must be sent with it on standard error.
fn print(presigned: &PresignedRequest, at: Timestamp) {
    output::result(presigned.url.expose());
    output::notes().detail("method", presigned.method.as_str());
    for (name, value) in &presigned.headers {
        output::notes().detail("header", &format!("{name}: {value}"));
    }
    output::notes().detail("expires", &expiry(presigned.expires_at, at));
    if presigned.expiry_precision == ExpiryPrecision::UpperBound {
        output::warning("the expiry of the credentials is unknown: the URL may stop working earlier");
    }
}
