//! Presigned URLs on `aws-sdk-s3`.

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

use crate::url::{backend_error, base, check_headers, into_sorted_url, parameter};

const BACKEND: &str = "aws-sdk-s3";

/// Signs URLs with AWS's SDK for S3.
///
/// Returns the same URLs as `upsign_sigv4::SigV4`, without the parameter `x-id` that the SDK adds for itself. It is many
/// times slower. Choose it where a policy requires the SDK.
///
/// The SDK presigns `PutObject`, `GetObject`, `HeadObject`, `DeleteObject` and `UploadPart`. Other operations, multi-region
/// access points, Outposts and headers that the SDK does not sign are [`Unsupported`].
///
/// No HTTP client is created and nothing is sent.
#[derive(Debug)]
pub struct SdkPresigner<C> {
    source: C,
    /// The most recent clients, newest first. Creating one takes far longer than signing a URL.
    clients: RwLock<Vec<CachedClient>>,
}

/// A client with its endpoint and its credentials. It is used only for exactly this target and these credentials.
#[derive(Debug)]
struct CachedClient {
    target: Target,
    credentials: Credentials,
    client: Client,
}

impl<C: CredentialsSource> SdkPresigner<C> {
    const CAPACITY: usize = 8;

    /// Creates a presigner that requests the credentials from `source` for every URL.
    pub const fn new(source: C) -> Self {
        Self { source, clients: RwLock::new(Vec::new()) }
    }

    /// Returns the cached client for a target and credentials, or creates one. The secret and the session token are compared
    /// too, so a rotation that keeps the access key id gets a new client.
    fn client(&self, target: &Target, credentials: &Credentials) -> Client {
        let clients = self.clients.read().unwrap_or_else(PoisonError::into_inner);
        let cached = clients
            .iter()
            .find(|cached| cached.target == *target && cached.credentials.same_keys(credentials));
        if let Some(cached) = cached {
            return cached.client.clone();
        }
        drop(clients);
        // Created without a lock: two threads may both create a client, which costs time but is correct.
        let client = Client::from_conf(config(target, credentials));
        let cached =
            CachedClient { target: target.clone(), credentials: credentials.clone(), client: client.clone() };
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        clients.truncate(Self::CAPACITY - 1);
        clients.insert(0, cached);
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
        let request = &*request.limited_by(&credentials, at)?;
        let client = self.client(request.target(), &credentials);
        let presigned = presign_with_sdk(&client, request, at).await?;
        // The SDK chooses the address by its own rules. A URL for an address other than the target's must not be returned.
        let (url_base, query) = presigned.uri().split_once('?').unwrap_or((presigned.uri(), ""));
        if url_base != base(request) {
            return Err(other_address().into());
        }
        let url = into_sorted_url(BACKEND, url_base, query, request)?;
        Ok(PresignedRequest::new(request, url, at).with_precision_of(&credentials))
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        let target = request.target();
        if target.requires_sigv4a() {
            return Err(Unsupported::new(BACKEND, "for a multi-region access point, which requires SigV4a"));
        }
        if !matches!(target.signing_service(), "s3" | "s3express") {
            return Err(Unsupported::new(BACKEND, format!("for the service {}", target.signing_service())));
        }
        // The SDK falls back to path style if a label of a virtual-hosted bucket name has fewer than three characters.
        let short = target.bucket().as_str().split('.').any(|label| label.len() < 3);
        if short && target.bucket().is_dotted() && !target.is_path_style() {
            return Err(other_address());
        }
        // The SDK adds the name of the bucket to every host, also to the bucket's own.
        let has_name =
            target.host().strip_prefix(target.bucket().as_str()).is_some_and(|rest| rest.starts_with('.'));
        if target.access_point().is_none() && !target.is_path_style() && !has_name {
            return Err(other_address());
        }
        // The SDK takes such a key for a missing one.
        if request.key().as_str().trim().is_empty() {
            return Err(Unsupported::new(BACKEND, "a key of nothing but white space"));
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

fn other_address() -> Unsupported {
    Unsupported::new(BACKEND, "for the address of this target; it would sign for another one")
}

/// Returns a configuration without retries, timeouts and checksums of the body, because no request is sent.
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
        // The SDK joins the path of the endpoint and the bucket without a slash between them.
        .endpoint_url(target.endpoint_url() + "/")
        .force_path_style(target.is_path_style())
        // A session of a directory bucket would be a request to S3, and its credentials expire after five minutes.
        .disable_s3_express_session_auth(true)
        .credentials_provider(credentials)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .identity_cache(IdentityCache::no_cache())
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build()
}

async fn presign_with_sdk(
    client: &Client,
    request: &PresignRequest,
    at: Timestamp,
) -> Result<SdkPresigned, PresignError> {
    let config = PresigningConfig::builder()
        .start_time(SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_unix()))
        .expires_in(request.expires_in().as_duration())
        .build()
        .map_err(|error| backend_error(BACKEND, error))?;
    let (bucket, key) = (request.target().bucket().as_str(), request.key().as_str());
    // The builders of the operations have different types and the same methods.
    macro_rules! presign {
        ($operation:expr) => {{
            let edit = edit(request);
            let operation = $operation.bucket(bucket).key(key).customize().mutate_request(edit);
            operation.presigned(config).await.map_err(|error| backend_error(BACKEND, error))
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

/// Returns a change to the HTTP request that runs just before the SDK signs: adds the headers and the query parameters of
/// the request, and removes `x-id`.
fn edit(request: &PresignRequest) -> impl Fn(&mut HttpRequest) + Send + Sync + 'static {
    let headers: Vec<(String, String)> =
        request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let query: Vec<(String, String)> =
        request.query().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    move |http: &mut HttpRequest| {
        for (name, value) in &headers {
            // If the SDK cannot represent a header, it is missing from the signature, and `into_sorted_url` fails.
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
