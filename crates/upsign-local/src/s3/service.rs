//! s3s, put together.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::host::{S3Host, VirtualHost};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Result, s3_error};
use upsign_core::Credentials;

use super::auth::Rules;
use super::cors::Cors;
use super::gate::{Gate, handle};
use super::operations::Operations;
use super::{LocalS3Builder, endpoint};
use crate::store::Store;

/// S3's own tolerance for a clock that runs ahead, in seconds.
const CLOCK_SKEW: u32 = 900;
/// The longest a POST policy's signing key is any use, in seconds.
const FORM_AGE: u32 = 604_800;

pub(super) fn router(
    builder: &LocalS3Builder,
    address: SocketAddr,
    store: &Arc<Store>,
    cors: &Arc<Cors>,
) -> Router {
    let service = |skew: u32| {
        let operations = Operations {
            store: Arc::clone(store),
            max_object_bytes: builder.max_object_bytes,
            base_url: endpoint(address).to_string(),
        };
        service(operations, &builder.credentials, builder.max_form_bytes, skew)
    };
    let gate = Gate {
        port: address.port(),
        rules: Rules { credentials: builder.credentials.clone(), region: builder.region.clone() },
        clock: builder.clock.clone(),
        cors: Arc::clone(cors),
        max_form_bytes: builder.max_form_bytes,
        requests: service(CLOCK_SKEW),
        forms: service(FORM_AGE),
        served: AtomicU64::new(0),
    };
    Router::new().fallback(handle).with_state(Arc::new(gate))
}

fn service(operations: Operations, credentials: &Credentials, max_form_bytes: usize, skew: u32) -> S3Service {
    let mut config = S3Config::default();
    config.presigned_url_max_skew_time_secs = skew;
    config.post_object_max_file_size = max_form_bytes as u64;
    let mut builder = S3ServiceBuilder::new(operations);
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
    builder.set_auth(OneKey(credentials.clone()));
    builder.set_host(Localhost);
    builder.set_access(Uploads);
    builder.build()
}

/// Knows one access key.
struct OneKey(Credentials);

#[async_trait::async_trait]
impl S3Auth for OneKey {
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

/// The calls of [`Operations`](super::operations::Operations), and no anonymous ones.
struct Uploads;

#[async_trait::async_trait]
impl S3Access for Uploads {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        const KNOWN: [&str; 10] = [
            "PutObject",
            "PostObject",
            "GetObject",
            "HeadObject",
            "DeleteObject",
            "CreateMultipartUpload",
            "UploadPart",
            "ListParts",
            "CompleteMultipartUpload",
            "AbortMultipartUpload",
        ];
        if cx.credentials().is_none() {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        }
        let operation = cx.s3_op().name();
        if KNOWN.contains(&operation) {
            return Ok(());
        }
        Err(s3_error!(NotImplemented, "{operation} is not implemented"))
    }
}

/// Path style on 127.0.0.1 and `localhost`; `bucket.s3.localhost` and `bucket.localhost`, at any port.
struct Localhost;

impl S3Host for Localhost {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let bucket = match name.strip_suffix(".localhost") {
            None | Some("s3") => return Ok(VirtualHost::new(host)),
            Some(rest) => rest.strip_suffix(".s3").unwrap_or(rest),
        };
        Ok(VirtualHost::new(host).with_bucket(bucket.to_ascii_lowercase()))
    }
}
