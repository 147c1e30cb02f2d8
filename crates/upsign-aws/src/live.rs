//! The current documents of a bucket, read over the network.

use std::sync::{Arc, Mutex, PoisonError};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::{BoxError, ProvideErrorMetadata};
use upsign_core::Target;

use crate::proxy::http_client;

/// A bucket whose documents are read with the credentials of AWS's default provider chain.
#[derive(Clone, Debug)]
pub struct LiveBucket {
    client: Client,
    bucket: String,
    is_directory: bool,
}

/// The documents of a bucket as S3 returns them: the policy in JSON, the others in XML. `None` means that the bucket has no
/// such document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveDocuments {
    /// The CORS configuration, `<CORSConfiguration>`.
    pub cors: Option<String>,
    /// The lifecycle rules, `<LifecycleConfiguration>`.
    pub lifecycle: Option<String>,
    /// The event notifications, `<NotificationConfiguration>`. S3 returns an empty one if notifications are disabled.
    pub notification: Option<String>,
    /// The bucket policy.
    pub policy: Option<String>,
    /// The Block Public Access settings of the bucket, `<PublicAccessBlockConfiguration>`.
    pub public_access_block: Option<String>,
    /// The ownership controls, `<OwnershipControls>`.
    pub ownership: Option<String>,
    /// The default encryption, `<ServerSideEncryptionConfiguration>`.
    pub encryption: Option<String>,
    /// The versioning state, `<VersioningConfiguration>`, which is empty if versioning was never enabled.
    pub versioning: Option<String>,
    /// The Object Lock configuration with the default retention, `<ObjectLockConfiguration>`.
    pub object_lock: Option<String>,
    /// The calls that failed for one of the last five, with the error: they need permissions that the documents do not need,
    /// and stores other than S3 do not have all of them.
    pub unread: Vec<(&'static str, String)>,
}

/// A document of a bucket cannot be read: there are no credentials, a permission is missing, or the bucket does not exist.
/// The cause is the [source](std::error::Error::source).
#[derive(Debug)]
#[non_exhaustive]
pub struct ReadDocumentError {
    /// The name of the operation that failed, such as `GetBucketCors`.
    pub call: &'static str,
    source: BoxError,
}

impl std::fmt::Display for ReadDocumentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} failed", self.call)
    }
}

impl std::error::Error for ReadDocumentError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}

impl LiveBucket {
    /// Loads AWS's default configuration and selects the bucket and the endpoint of `target`. Nothing is sent yet.
    ///
    /// The bucket is read over the proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`), if it is not on this machine and its
    /// endpoint has TLS.
    pub async fn load(target: &Target) -> Self {
        let region = Region::new(target.region().to_string());
        let shared = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http_client())
            .region(region)
            .load()
            .await;
        let config = aws_sdk_s3::config::Builder::from(&shared)
            .endpoint_url(target.endpoint_url())
            .force_path_style(target.is_path_style())
            .build();
        let bucket = target.bucket();
        Self {
            client: Client::from_conf(config),
            bucket: bucket.to_string(),
            is_directory: bucket.is_directory(),
        }
    }

    /// Reads all documents. This requires the permissions `s3:GetBucketCORS`, `s3:GetLifecycleConfiguration`,
    /// `s3:GetBucketNotification` and `s3:GetBucketPolicy`, and for the settings `s3:GetBucketPublicAccessBlock`,
    /// `s3:GetBucketOwnershipControls`, `s3:GetEncryptionConfiguration`, `s3:GetBucketVersioning` and
    /// `s3:GetBucketObjectLockConfiguration`. A setting that cannot be read is listed in [`LiveDocuments::unread`].
    ///
    /// # Errors
    /// Returns [`ReadDocumentError`] for the first of the four documents that cannot be read. A document that does not exist is
    /// not an error. Nothing is sent for a directory bucket: S3 has only some of the documents for it, behind another endpoint.
    pub async fn documents(&self) -> Result<LiveDocuments, ReadDocumentError> {
        let (bucket, client) = (&self.bucket, &self.client);
        if self.is_directory {
            let source = format!("{bucket} is a directory bucket, which has no CORS configuration").into();
            return Err(ReadDocumentError { call: "GetBucketCors", source });
        }
        let body = ResponseBody::default();
        let cors = client.get_bucket_cors().bucket(bucket).customize().interceptor(body.clone()).send().await;
        let cors = body.take("GetBucketCors", cors.map(drop))?;
        let lifecycle = client.get_bucket_lifecycle_configuration().bucket(bucket).customize();
        let lifecycle = lifecycle.interceptor(body.clone()).send().await;
        let lifecycle = body.take("GetBucketLifecycleConfiguration", lifecycle.map(drop))?;
        let notification = client.get_bucket_notification_configuration().bucket(bucket).customize();
        let notification = notification.interceptor(body.clone()).send().await;
        let notification = body.take("GetBucketNotificationConfiguration", notification.map(drop))?;
        let policy = client.get_bucket_policy().bucket(bucket).customize();
        let policy = policy.interceptor(body.clone()).send().await;
        let policy = body.take("GetBucketPolicy", policy.map(drop))?;
        let documents = LiveDocuments { cors, lifecycle, notification, policy, ..LiveDocuments::default() };
        Ok(self.with_settings(documents, &body).await)
    }

    /// Adds the settings that can be read.
    async fn with_settings(&self, mut documents: LiveDocuments, body: &ResponseBody) -> LiveDocuments {
        let (bucket, client) = (&self.bucket, &self.client);
        let mut unread = Vec::new();
        let mut kept = |read: Result<Option<String>, ReadDocumentError>| match read {
            Ok(text) => text,
            Err(error) => {
                unread.push((error.call, error.source.to_string()));
                None
            }
        };
        let block = client.get_public_access_block().bucket(bucket).customize();
        let block = block.interceptor(body.clone()).send().await;
        documents.public_access_block = kept(body.take("GetPublicAccessBlock", block.map(drop)));
        let ownership = client.get_bucket_ownership_controls().bucket(bucket).customize();
        let ownership = ownership.interceptor(body.clone()).send().await;
        documents.ownership = kept(body.take("GetBucketOwnershipControls", ownership.map(drop)));
        let encryption = client.get_bucket_encryption().bucket(bucket).customize();
        let encryption = encryption.interceptor(body.clone()).send().await;
        documents.encryption = kept(body.take("GetBucketEncryption", encryption.map(drop)));
        let versioning = client.get_bucket_versioning().bucket(bucket).customize();
        let versioning = versioning.interceptor(body.clone()).send().await;
        documents.versioning = kept(body.take("GetBucketVersioning", versioning.map(drop)));
        let lock = client.get_object_lock_configuration().bucket(bucket).customize();
        let lock = lock.interceptor(body.clone()).send().await;
        documents.object_lock = kept(body.take("GetObjectLockConfiguration", lock.map(drop)));
        documents.unread = unread;
        documents
    }
}

/// Keeps the body of the last response as text. The types of the SDK drop unknown elements, but the comparison with the
/// expected documents needs all of them.
#[derive(Clone, Debug, Default)]
struct ResponseBody(Arc<Mutex<Option<String>>>);

impl Intercept for ResponseBody {
    fn name(&self) -> &'static str {
        "ResponseBody"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().map(|body| String::from_utf8_lossy(body).into_owned());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = body;
        Ok(())
    }
}

impl ResponseBody {
    /// Returns the body of the call that ended with `result`, or `None` if the bucket has no such document.
    fn take<E>(&self, call: &'static str, result: Result<(), E>) -> Result<Option<String>, ReadDocumentError>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match result {
            Ok(()) => Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).take()),
            Err(error) if error.code().is_some_and(means_no_document) => Ok(None),
            Err(error) => Err(ReadDocumentError { call, source: error.into() }),
        }
    }
}

/// Returns `true` for the error codes with which S3 reports that the bucket has no such document.
fn means_no_document(code: &str) -> bool {
    const CODES: [&str; 7] = [
        "NoSuchCORSConfiguration",
        "NoSuchLifecycleConfiguration",
        "NoSuchBucketPolicy",
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
        "ObjectLockConfigurationNotFoundError",
    ];
    CODES.contains(&code)
}
