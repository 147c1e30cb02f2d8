//! Assembly of the `s3s` services and the router.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::host::{S3Host, VirtualHost};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Result, s3_error};
use upsign::{Clock, SystemClock};
use upsign_core::{Credentials, Region};

use super::cors::CorsRules;
use super::endpoint;
use super::form_reader::{FormReader, FormTimes};
use super::handler::{RequestHandler, handle};
use super::operations::Operations;
use super::signature::rules::SignatureRules;
use crate::store::Store;

/// Maximum difference between the clocks of client and server, in seconds. The 15 minutes are those of S3.
///
/// A request that is signed further in the future is rejected, and so is one in an `Authorization` header that is
/// older.
///
/// Source: `RequestTimeTooSkewed` in <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.
pub(super) const CLOCK_SKEW: u32 = 900;
/// Maximum age of a POST form, in seconds.
///
/// S3 applies only the expiration of the policy. `s3s` also compares the date with the clock, so it gets the seven days
/// for which a SigV4 signing key is valid.
const MAX_FORM_AGE: u32 = 604_800;

/// The settings of the server that its requests depend on.
pub(super) struct ServiceOptions {
    pub(super) credentials: Credentials,
    pub(super) region: Region,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) max_object_bytes: u64,
    pub(super) max_multipart_bytes: u64,
    pub(super) max_form_bytes: usize,
    #[cfg(feature = "faults")]
    pub(super) faults: super::faults::FaultPlan,
}

/// Returns the router of the server at `address`.
pub(super) fn router(
    options: &ServiceOptions,
    address: SocketAddr,
    store: &Arc<Store>,
    cors: &Arc<CorsRules>,
) -> Router {
    let started = UNIX_EPOCH + Duration::from_secs(SystemClock.now().as_unix());
    let service = |skew: u32| {
        let operations = Operations {
            store: Arc::clone(store),
            max_object_bytes: options.max_object_bytes,
            max_multipart_bytes: options.max_multipart_bytes,
            base_url: endpoint(address).to_string(),
            region: options.region.clone(),
            started,
        };
        service(operations, &options.credentials, options.max_form_bytes, skew)
    };
    let handler = RequestHandler {
        port: address.port(),
        rules: SignatureRules { credentials: options.credentials.clone(), region: options.region.clone() },
        clock: Arc::clone(&options.clock),
        cors: Arc::clone(cors),
        forms: FormReader::new(options.max_form_bytes, FormTimes::DEFAULT),
        signed_requests: service(CLOCK_SKEW),
        post_forms: service(MAX_FORM_AGE),
        request_count: AtomicU64::new(0),
        #[cfg(feature = "faults")]
        faults: options.faults.clone(),
    };
    Router::new().fallback(handle).with_state(Arc::new(handler))
}

fn service(operations: Operations, credentials: &Credentials, max_form_bytes: usize, skew: u32) -> S3Service {
    let mut config = S3Config::default();
    config.presigned_url_max_skew_time_secs = skew;
    config.post_object_max_file_size = max_form_bytes as u64;
    let mut builder = S3ServiceBuilder::new(operations);
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
    builder.set_auth(SingleKeyAuth(credentials.clone()));
    builder.set_host(LocalHostNames);
    builder.set_access(SupportedOperations);
    builder.build()
}

/// Provides the secret of the one access key of the server.
struct SingleKeyAuth(Credentials);

#[async_trait::async_trait]
impl S3Auth for SingleKeyAuth {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.0.access_key_id() {
            return Ok(SecretKey::from(self.0.secret_access_key()));
        }
        Err(s3_error!(
            InvalidAccessKeyId,
            "The AWS Access Key Id you provided does not exist in our records."
        ))
    }
}

/// Rejects anonymous requests (403) and operations that [`Operations`] does not implement (501).
struct SupportedOperations;

#[async_trait::async_trait]
impl S3Access for SupportedOperations {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        const SUPPORTED: [&str; 17] = [
            "HeadBucket",
            "ListBuckets",
            "ListObjectsV2",
            "PutObject",
            "PostObject",
            "GetObject",
            "HeadObject",
            "DeleteObject",
            "CopyObject",
            "PutObjectTagging",
            "GetObjectTagging",
            "CreateMultipartUpload",
            "UploadPart",
            "ListParts",
            "ListMultipartUploads",
            "CompleteMultipartUpload",
            "AbortMultipartUpload",
        ];
        if cx.credentials().is_none() {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        }
        let operation = cx.s3_op().name();
        if SUPPORTED.contains(&operation) {
            return Ok(());
        }
        Err(s3_error!(NotImplemented, "{operation} is not implemented"))
    }
}

/// Path-style requests on 127.0.0.1, `localhost` and `s3.localhost`; virtual-hosted requests on `<bucket>.s3.localhost`
/// and `<bucket>.localhost`. The handler has already checked the port.
struct LocalHostNames;

impl S3Host for LocalHostNames {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let bucket = match name.strip_suffix(".localhost") {
            None | Some("s3") => return Ok(VirtualHost::new(host)),
            Some(rest) => rest.strip_suffix(".s3").unwrap_or(rest),
        };
        Ok(VirtualHost::new(host).with_bucket(bucket.to_ascii_lowercase()))
    }
}
