//! Presigning on `aws-sdk-s3`.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_credential_types::Credentials as AwsCredentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Config, IdentityCache, Region, RequestChecksumCalculation, StalledStreamProtectionConfig,
};
use aws_sdk_s3::presigning::{PresignedRequest as SdkPresigned, PresigningConfig};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use upsign_core::{
    Credentials, CredentialsSource, Operation, PresignError, PresignRequest, PresignedRequest, Presigner,
    Target, Timestamp, Unsupported,
};

use crate::url::{check_headers, failed, parameter, sorted};

const BACKEND: &str = "aws-sdk-s3";

/// Presigns with AWS's SDK for S3.
///
/// The SDK can presign `PutObject`, `GetObject`, `HeadObject`, `DeleteObject` and `UploadPart`; anything else is
/// [`Unsupported`], and so are multi-region access points and Outposts. Its `x-id` parameter is taken out before it signs, so that its URLs equal those of the other
/// backends. No HTTP client is involved and nothing is sent.
#[derive(Debug)]
pub struct SdkPresigner<C> {
    source: C,
    clients: RwLock<Vec<Kept>>,
}

/// A client, good for one bucket and one set of credentials.
#[derive(Debug)]
struct Kept {
    target: Target,
    credentials: Credentials,
    client: Client,
}

impl<C: CredentialsSource> SdkPresigner<C> {
    const KEPT: usize = 8;

    /// A presigner that takes its credentials from `source`, anew for every URL.
    pub const fn new(source: C) -> Self {
        Self { source, clients: RwLock::new(Vec::new()) }
    }

    fn client(&self, target: &Target, credentials: &Credentials) -> Client {
        let clients = self.clients.read().unwrap_or_else(PoisonError::into_inner);
        let kept =
            clients.iter().find(|kept| kept.target == *target && kept.credentials.same_keys(credentials));
        if let Some(kept) = kept {
            return kept.client.clone();
        }
        drop(clients);
        let client = Client::from_conf(config(target, credentials));
        let kept = Kept { target: target.clone(), credentials: credentials.clone(), client: client.clone() };
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        clients.truncate(Self::KEPT - 1);
        clients.insert(0, kept);
        client
    }
}

#[async_trait]
impl<C: CredentialsSource> Presigner for SdkPresigner<C> {
    async fn presign(
        &self,
        request: &PresignRequest,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        self.check(request)?;
        let credentials = self.source.credentials(at).await?;
        let request = &*request.within(&credentials, at)?;
        let client = self.client(request.target(), &credentials);
        let presigned = presigned(&client, request, at).await?;
        let (base, query) = presigned.uri().split_once('?').unwrap_or((presigned.uri(), ""));
        if base != crate::url::base(request) {
            return Err(elsewhere().into());
        }
        let url = sorted(BACKEND, base, query, request)?;
        Ok(PresignedRequest::new(request, url, at).signed_with(&credentials))
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        let target = request.target();
        if target.signs_with_sigv4a() {
            return Err(Unsupported::new(BACKEND, "for a multi-region access point: that takes SigV4a"));
        }
        if target.signing_service() != "s3" {
            return Err(Unsupported::new(BACKEND, format!("for the service {}", target.signing_service())));
        }
        // It wants three characters between the dots of a virtual host.
        let short = target.bucket().as_str().split('.').any(|label| label.len() < 3);
        if short && target.bucket().is_dotted() && !target.is_path_style() {
            return Err(elsewhere());
        }
        match request.operation() {
            Operation::PutObject
            | Operation::GetObject
            | Operation::GetObjectPart { .. }
            | Operation::HeadObject
            | Operation::HeadObjectPart { .. }
            | Operation::DeleteObject
            | Operation::UploadPart { .. } => check_headers(BACKEND, request),
            other => Err(Unsupported::new(BACKEND, format!("the operation {}", other.name()))),
        }
    }
}

fn elsewhere() -> Unsupported {
    Unsupported::new(BACKEND, "for this address: it would take another")
}

/// Everything that would make a request wait, retry or draw a clock is off: nothing is sent.
fn config(target: &Target, credentials: &Credentials) -> Config {
    let credentials = AwsCredentials::new(
        credentials.access_key_id(),
        credentials.secret_access_key(),
        credentials.session_token().map(str::to_owned),
        None,
        "upsign",
    );
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(target.region().as_str().to_owned()))
        // The SDK joins a base path and a bucket without a slash of its own.
        .endpoint_url(target.endpoint_url() + "/")
        .force_path_style(target.is_path_style())
        .credentials_provider(credentials)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .identity_cache(IdentityCache::no_cache())
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build()
}

async fn presigned(
    client: &Client,
    request: &PresignRequest,
    at: Timestamp,
) -> Result<SdkPresigned, PresignError> {
    let config = PresigningConfig::builder()
        .start_time(SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_unix()))
        .expires_in(request.expires_in().as_duration())
        .build()
        .map_err(|error| failed(BACKEND, error))?;
    let (bucket, key) = (request.target().bucket().as_str(), request.key().as_str());
    // The operations differ in type only.
    macro_rules! presign {
        ($operation:expr) => {{
            let edit = edit(request);
            let operation = $operation.bucket(bucket).key(key).customize().mutate_request(edit);
            operation.presigned(config).await.map_err(|error| failed(BACKEND, error))
        }};
    }
    match request.operation() {
        Operation::PutObject => presign!(client.put_object()),
        Operation::GetObject => presign!(client.get_object()),
        Operation::GetObjectPart { part_number } => {
            presign!(client.get_object().part_number(i32::from(part_number.get())))
        }
        Operation::HeadObject => presign!(client.head_object()),
        Operation::HeadObjectPart { part_number } => {
            presign!(client.head_object().part_number(i32::from(part_number.get())))
        }
        Operation::DeleteObject => presign!(client.delete_object()),
        Operation::UploadPart { upload_id, part_number } => {
            let part = client.upload_part().upload_id(upload_id.as_str());
            presign!(part.part_number(i32::from(part_number.get())))
        }
        other => Err(Unsupported::new(BACKEND, format!("the operation {}", other.name())).into()),
    }
}

/// Puts the request's own headers and parameters in, and takes `x-id` out, just before the SDK signs.
fn edit(request: &PresignRequest) -> impl Fn(&mut HttpRequest) + Send + Sync + 'static {
    let headers: Vec<(String, String)> =
        request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let query: Vec<(String, String)> =
        request.query().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    move |http: &mut HttpRequest| {
        for (name, value) in &headers {
            // A name or value it cannot take is then missing from the signature, which `sorted` refuses.
            drop(http.headers_mut().try_insert(name.clone(), value.clone()));
        }
        let uri = with_query(http.uri(), &query);
        drop(http.set_uri(uri));
    }
}

fn with_query(uri: &str, query: &[(String, String)]) -> String {
    let (base, old) = uri.split_once('?').unwrap_or((uri, ""));
    let kept = old.split('&').filter(|parameter| !parameter.is_empty() && !parameter.starts_with("x-id="));
    let mut parameters: Vec<String> = kept.map(str::to_owned).collect();
    parameters.extend(query.iter().map(|(name, value)| parameter(name, value)));
    if parameters.is_empty() { base.to_owned() } else { format!("{base}?{}", parameters.join("&")) }
}
