//! An observer that records events.

use std::sync::{Arc, Mutex};

use upsign::{GrantEvent, Refusal, UploadGrant, UploadObserver};
use upsign_core::{Identity, Timestamp};

/// An observer that records every grant and every refusal. Clones share the record.
///
/// ```
/// use upsign::prelude::*;
/// use upsign_testing::RecordingObserver;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
/// #     .content_types(["image/jpeg"])
/// #     .max_size(10 << 20)
/// #     .build()?;
/// # let issuer = UploadIssuer::sigv4(policy, Credentials::long_term("AKIDEXAMPLE", "secret")?)?;
/// # let caller = Identity::from_verified("https://issuer.example", "alice")?;
/// # let at: Timestamp = "2026-01-01T00:00:00Z".parse()?;
/// let observer = RecordingObserver::new();
/// let service = UploadService::from(issuer).with_observer(observer.clone());
///
/// let image = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
/// service.issue(&caller, None, &image, at).await?;
/// let page = UploadRequest::described().with_content_type("text/html").with_content_length(48_213);
/// assert!(service.issue(&caller, None, &page, at).await.is_err());
///
/// assert_eq!(observer.codes(), ["granted", "content-type-not-allowed"]);
/// assert!(observer.grants()[0].grant.key.as_str().starts_with("articles/"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct RecordingObserver(Arc<Mutex<Vec<UploadEvent>>>);

/// An event that a [`RecordingObserver`] has recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UploadEvent {
    /// A grant was issued.
    Granted(RecordedGrant),
    /// A request was refused or failed.
    Refused(Refusal),
}

/// A grant that was issued: a [`GrantEvent`] that the test can keep.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedGrant {
    /// The verified caller.
    pub caller: Identity,
    /// The name of the route, or `None` for the unnamed route.
    pub route: Option<Box<str>>,
    /// The grant, with the presigned URL or form.
    pub grant: UploadGrant,
    /// The instant at which the request was judged.
    pub at: Timestamp,
}

impl UploadEvent {
    /// Returns `granted`, or the code of the refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Granted(_) => "granted",
            Self::Refused(refusal) => refusal.code,
        }
    }
}

impl RecordingObserver {
    /// Creates an observer with an empty record.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns all events in the order in which they happened.
    #[must_use]
    pub fn events(&self) -> Vec<UploadEvent> {
        self.0.lock().unwrap().clone()
    }

    /// Returns all events and empties the record.
    #[must_use]
    pub fn take(&self) -> Vec<UploadEvent> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// Returns `granted` or the [code](UploadEvent::code) of the refusal for each event: short enough to compare a whole test run with.
    #[must_use]
    pub fn codes(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().iter().map(UploadEvent::code).collect()
    }

    /// Returns the grants.
    #[must_use]
    pub fn grants(&self) -> Vec<RecordedGrant> {
        let grant = |event| match event {
            UploadEvent::Granted(grant) => Some(grant),
            UploadEvent::Refused(_) => None,
        };
        self.events().into_iter().filter_map(grant).collect()
    }

    /// Returns the refusals.
    #[must_use]
    pub fn refusals(&self) -> Vec<Refusal> {
        let refusal = |event| match event {
            UploadEvent::Granted(_) => None,
            UploadEvent::Refused(refusal) => Some(refusal),
        };
        self.events().into_iter().filter_map(refusal).collect()
    }
}

impl UploadObserver for RecordingObserver {
    fn granted(&self, event: &GrantEvent<'_>) {
        let recorded = RecordedGrant {
            caller: event.caller.clone(),
            route: event.route.map(Into::into),
            grant: event.grant.clone(),
            at: event.at,
        };
        self.0.lock().unwrap().push(UploadEvent::Granted(recorded));
    }

    fn refused(&self, refusal: &Refusal) {
        self.0.lock().unwrap().push(UploadEvent::Refused(refusal.clone()));
    }
}
