//! An observer that records events.

use std::sync::{Arc, Mutex};

use upsign::confirm::{Confirmation, DeletedUpload};
use upsign::read::ReadUrl;
use upsign::session::{CompletedObject, SessionCall, UploadSession, UploadStatus};
use upsign::{
    GrantEvent, Refusal, SessionEvent, SessionOutcome, StoreCallEvent, UploadGrant, UploadObserver,
};
use upsign_core::{Identity, Timestamp};

/// An observer that records every grant, every refusal and every answer to a call that continues an upload. Clones share the
/// record.
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
pub struct RecordingObserver(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    events: Vec<UploadEvent>,
    store_calls: Vec<&'static str>,
}

/// An event that a [`RecordingObserver`] has recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UploadEvent {
    /// A grant was issued.
    Granted(RecordedGrant),
    /// A request was refused or failed.
    Refused(Refusal),
    /// A request that continues an upload was answered.
    Session(Box<RecordedCall>),
}

/// A request that continued an upload: a [`SessionEvent`] that the test can keep.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedCall {
    /// The verified caller.
    pub caller: Identity,
    /// The upload.
    pub session: UploadSession,
    /// What happened.
    pub outcome: RecordedOutcome,
    /// The instant at which the request was judged.
    pub at: Timestamp,
}

/// The result of a request that continued an upload: a [`SessionOutcome`] that the test can keep.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordedOutcome {
    /// The URLs of this many parts were signed.
    PartsSigned(usize),
    /// The status was read.
    Status(UploadStatus),
    /// The object exists.
    Completed(CompletedObject),
    /// The upload was aborted.
    Aborted,
    /// The object was compared with what was granted.
    Confirmed(Confirmation),
    /// A URL to read the object was signed.
    Read(ReadUrl),
    /// The object was deleted.
    Deleted(DeletedUpload),
}

impl RecordedOutcome {
    /// Returns the call.
    #[must_use]
    pub const fn call(&self) -> SessionCall {
        match self {
            Self::PartsSigned(_) => SessionCall::Parts,
            Self::Status(_) => SessionCall::Status,
            Self::Completed(_) => SessionCall::Complete,
            Self::Aborted => SessionCall::Abort,
            Self::Confirmed(_) => SessionCall::Confirm,
            Self::Read(_) => SessionCall::Read,
            Self::Deleted(_) => SessionCall::Delete,
        }
    }
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
    /// Returns `granted`, the call that was answered (such as `complete`), or the code of the refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Granted(_) => "granted",
            Self::Refused(refusal) => refusal.code,
            Self::Session(call) => call.outcome.call().as_str(),
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
        self.0.lock().unwrap().events.clone()
    }

    /// Returns all events and empties the record.
    #[must_use]
    pub fn take(&self) -> Vec<UploadEvent> {
        std::mem::take(&mut self.0.lock().unwrap().events)
    }

    /// Returns the [code](UploadEvent::code) of each event: short enough to compare a whole test run with.
    #[must_use]
    pub fn codes(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().events.iter().map(UploadEvent::code).collect()
    }

    /// Returns the grants.
    #[must_use]
    pub fn grants(&self) -> Vec<RecordedGrant> {
        let grant = |event| match event {
            UploadEvent::Granted(grant) => Some(grant),
            UploadEvent::Refused(_) | UploadEvent::Session(_) => None,
        };
        self.events().into_iter().filter_map(grant).collect()
    }

    /// Returns the refusals.
    #[must_use]
    pub fn refusals(&self) -> Vec<Refusal> {
        let refusal = |event| match event {
            UploadEvent::Granted(_) | UploadEvent::Session(_) => None,
            UploadEvent::Refused(refusal) => Some(refusal),
        };
        self.events().into_iter().filter_map(refusal).collect()
    }

    /// Returns the names of the operations that the store was called with, such as `ListParts`, in their order. They are no
    /// events of their own, so that [`codes`](Self::codes) has one item for each request.
    #[must_use]
    pub fn store_calls(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().store_calls.clone()
    }

    fn record(&self, event: UploadEvent) {
        self.0.lock().unwrap().events.push(event);
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
        self.record(UploadEvent::Granted(recorded));
    }

    fn refused(&self, refusal: &Refusal) {
        self.record(UploadEvent::Refused(refusal.clone()));
    }

    fn session(&self, event: &SessionEvent<'_>) {
        let outcome = match event.outcome {
            SessionOutcome::PartsSigned(parts) => RecordedOutcome::PartsSigned(parts),
            SessionOutcome::Status(status) => RecordedOutcome::Status(status.clone()),
            SessionOutcome::Completed(object) => RecordedOutcome::Completed(object.clone()),
            SessionOutcome::Aborted => RecordedOutcome::Aborted,
            SessionOutcome::Confirmed(answer) => RecordedOutcome::Confirmed(answer.clone()),
            SessionOutcome::Read(url) => RecordedOutcome::Read(url.clone()),
            SessionOutcome::Deleted(deleted) => RecordedOutcome::Deleted(deleted.clone()),
        };
        let (caller, session) = (event.caller.clone(), event.session.clone());
        self.record(UploadEvent::Session(RecordedCall { caller, session, outcome, at: event.at }.into()));
    }

    fn store_called(&self, event: &StoreCallEvent<'_>) {
        self.0.lock().unwrap().store_calls.push(event.operation);
    }
}
