//! An observer that records events.

use std::sync::{Arc, Mutex};

use upsign::{GrantEvent, Refusal, UploadGrant, UploadObserver};
use upsign_core::{Identity, Timestamp};

/// An observer that records every grant and every refusal. Clones share the record.
///
/// ```
/// use upsign::{Refusal, UploadObserver};
/// use upsign_testing::RecordingObserver;
///
/// let observer = RecordingObserver::new();
/// // Give `observer.clone()` to the service, and keep this handle.
/// observer.refused(&Refusal::new("too-large", false, "2026-01-01T00:00:00Z".parse()?));
/// assert_eq!(observer.codes(), ["too-large"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
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

    /// Returns the [code](UploadEvent::code) of each event: short enough to compare a whole test run with.
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
