//! The documents of a bucket as they are in use.

use std::sync::{Arc, Mutex, PoisonError};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::{BoxError, ProvideErrorMetadata};
use upsign_core::Target;

/// A bucket whose documents are read with the credentials of AWS's provider chain.
#[derive(Clone, Debug)]
pub struct LiveBucket {
    client: Client,
    bucket: String,
}

/// The documents as S3 gives them: XML, and JSON for the policy. `None` where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveDocuments {
    /// `<CORSConfiguration>`.
    pub cors: Option<String>,
    /// `<LifecycleConfiguration>`.
    pub lifecycle: Option<String>,
    /// `<NotificationConfiguration>`. S3 has an empty one where nobody is told.
    pub notification: Option<String>,
    /// The bucket policy.
    pub policy: Option<String>,
}

/// A document cannot be read: no credentials, no permission, no such bucket.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unreadable {
    /// The call, as in `GetBucketCors`.
    pub call: &'static str,
    /// What came instead.
    source: BoxError,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} was not answered", self.call)
    }
}

impl std::error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}

impl LiveBucket {
    /// The bucket of a target, at the target's address.
    pub async fn of(target: &Target) -> Self {
        let region = Region::new(target.region().to_string());
        let shared = aws_config::defaults(BehaviorVersion::latest()).region(region).load().await;
        let config = aws_sdk_s3::config::Builder::from(&shared)
            .endpoint_url(target.endpoint_url())
            .force_path_style(target.is_path_style())
            .build();
        Self { client: Client::from_conf(config), bucket: target.bucket().to_string() }
    }

    /// Every document.
    ///
    /// # Errors
    /// [`Unreadable`] for the first that cannot be read; `s3:GetBucketCORS`, `s3:GetLifecycleConfiguration`,
    /// `s3:GetBucketNotification` and `s3:GetBucketPolicy` are needed.
    pub async fn documents(&self) -> Result<LiveDocuments, Unreadable> {
        let (bucket, client) = (&self.bucket, &self.client);
        let kept = Kept::default();
        let cors = client.get_bucket_cors().bucket(bucket).customize().interceptor(kept.clone()).send().await;
        let cors = kept.text("GetBucketCors", cors.map(drop))?;
        let lifecycle = client.get_bucket_lifecycle_configuration().bucket(bucket).customize();
        let lifecycle = lifecycle.interceptor(kept.clone()).send().await;
        let lifecycle = kept.text("GetBucketLifecycleConfiguration", lifecycle.map(drop))?;
        let notification = client.get_bucket_notification_configuration().bucket(bucket).customize();
        let notification = notification.interceptor(kept.clone()).send().await;
        let notification = kept.text("GetBucketNotificationConfiguration", notification.map(drop))?;
        let policy = client.get_bucket_policy().bucket(bucket).customize();
        let policy = policy.interceptor(kept.clone()).send().await;
        let policy = kept.text("GetBucketPolicy", policy.map(drop))?;
        Ok(LiveDocuments { cors, lifecycle, notification, policy })
    }
}

/// Keeps the body of the last answer as it came, which the SDK's own types would lose.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Option<String>>>);

impl Intercept for Kept {
    fn name(&self) -> &'static str {
        "Kept"
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

impl Kept {
    fn text<E>(&self, call: &'static str, answer: Result<(), E>) -> Result<Option<String>, Unreadable>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match answer {
            Ok(()) => Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).take()),
            Err(error) if error.code().is_some_and(is_absence) => Ok(None),
            Err(error) => Err(Unreadable { call, source: error.into() }),
        }
    }
}

fn is_absence(code: &str) -> bool {
    ["NoSuchCORSConfiguration", "NoSuchLifecycleConfiguration", "NoSuchBucketPolicy"].contains(&code)
}
