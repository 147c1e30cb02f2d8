//! Notifications about grants and refusals.

mod later;

use std::fmt::Debug;
use std::time::Duration;

use upsign_core::{Identity, Timestamp, error_chain};
use upsign_objects::ObjectError;

pub use self::later::{AnnouncementEvent, InspectionEvent, InspectionResult, QuotaDecision, QuotaEvent};
use crate::confirm::{Confirmation, DeletedUpload};
use crate::error::IssueError;
use crate::grant::UploadGrant;
use crate::read::ReadUrl;
use crate::route::RouteName;
use crate::session::{CompletedObject, SessionCall, SessionError, UploadSession, UploadStatus};

/// Receives every grant and every refusal of a service, in any adapter: for metrics, audit trails or database rows.
///
/// ```
/// use upsign::{GrantEvent, Refusal, UploadObserver};
///
/// #[derive(Debug)]
/// struct AuditTrail;
///
/// impl UploadObserver for AuditTrail {
///     fn granted(&self, event: &GrantEvent<'_>) {
///         // A subject is unique only within its issuer.
///         let (issuer, subject) = (event.caller.issuer(), event.caller.subject());
///         println!("{} granted {} to {subject} of {issuer}", event.at, event.grant.key);
///     }
///
///     fn refused(&self, refusal: &Refusal) {
///         let reason = refusal.reason.as_deref().unwrap_or_default();
///         println!("{} refused {}: {reason}", refusal.at, refusal.code);
///     }
/// }
/// ```
///
/// `upsign-http`, and with it every adapter, already logs each grant at the level INFO and each refusal with its reason. An
/// observer that only logs writes them twice: implement this trait for metrics and rows.
///
/// Each request produces exactly one call of [`granted`](Self::granted), [`refused`](Self::refused) or
/// [`session`](Self::session). The methods run within the request, before the client receives its answer,
/// so start long work in another task.
pub trait UploadObserver: Debug + Send + Sync {
    /// Called after a grant was issued.
    ///
    /// The presigned URL in the event is a secret. Record the key and the expiry, not the URL.
    fn granted(&self, event: &GrantEvent<'_>) {
        let _ = event;
    }

    /// Called when a request was refused or failed.
    fn refused(&self, refusal: &Refusal) {
        let _ = refusal;
    }

    /// Called after a request that continues an upload was answered.
    fn session(&self, event: &SessionEvent<'_>) {
        let _ = event;
    }

    /// Called after each call to the store, in addition to the call for the request.
    fn store_called(&self, event: &StoreCallEvent<'_>) {
        let _ = event;
    }

    /// Called when the store of a quota or of a rate limit failed and the request continued without having been counted.
    fn limit_skipped(&self, event: &LimitSkipped<'_>) {
        let _ = event;
    }

    /// Called after a quota has decided about an upload, in addition to the call for the request. If its store failed and it fails
    /// open, [`limit_skipped`](Self::limit_skipped) is called too.
    fn quota_decided(&self, event: &QuotaEvent<'_>) {
        let _ = event;
    }

    /// Called after each inspection of an uploaded object. Confirming an object twice can inspect it twice.
    fn inspected(&self, event: &InspectionEvent<'_>) {
        let _ = event;
    }

    /// Called after what became of an upload was announced, or could not be announced.
    fn announced(&self, event: &AnnouncementEvent<'_>) {
        let _ = event;
    }
}

/// A step of a limit that was left out because its store failed.
///
/// The service creates it. A test of an observer creates its own with [`new`](Self::new).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LimitSkipped<'a> {
    /// The step.
    pub step: LimitStep,
    /// The error of the store, for the log.
    pub error: &'a (dyn std::error::Error + 'static),
    /// The instant at which the request was judged.
    pub at: Timestamp,
}

impl<'a> LimitSkipped<'a> {
    /// Creates an event.
    #[must_use]
    pub const fn new(step: LimitStep, error: &'a (dyn std::error::Error + 'static), at: Timestamp) -> Self {
        Self { step, error, at }
    }
}

/// A step of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitStep {
    /// A request for an upload was counted against the rate limit.
    Rate,
    /// A request that continues an upload was counted against the rate limit.
    CallRate,
    /// An upload was reserved.
    Reserve,
    /// A confirmed upload was counted with its size.
    Settle,
    /// An upload that will not be confirmed was subtracted. It expires by itself.
    Release,
}

impl LimitStep {
    /// Returns the name of the step, for logs and metrics: `rate`, `call-rate`, `reserve`, `settle` or `release`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::CallRate => "call-rate",
            Self::Reserve => "reserve",
            Self::Settle => "settle",
            Self::Release => "release",
        }
    }
}

/// A grant that was issued.
///
/// The service creates it. A test of an observer creates its own with [`new`](Self::new).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct GrantEvent<'a> {
    /// The verified caller.
    pub caller: &'a Identity,
    /// The name of the route, or `None` for the unnamed route.
    pub route: Option<&'a str>,
    /// The grant.
    pub grant: &'a UploadGrant,
    /// The time that signing took, including the time to load credentials. Zero on `wasm32-unknown-unknown` without the
    /// feature `js`, because there is no clock.
    pub signing: Duration,
    /// The time that the store took to create a multipart upload, or zero.
    pub store: Duration,
    /// The instant at which the request was judged.
    pub at: Timestamp,
}

impl<'a> GrantEvent<'a> {
    /// Creates the event of a grant of the unnamed route, to test an [`UploadObserver`] on its own.
    #[must_use]
    pub const fn new(caller: &'a Identity, grant: &'a UploadGrant, at: Timestamp) -> Self {
        Self { caller, route: None, grant, signing: Duration::ZERO, store: Duration::ZERO, at }
    }

    /// Sets the name of the route.
    #[must_use]
    pub const fn with_route(self, route: Option<&'a str>) -> Self {
        Self { route, ..self }
    }

    /// Sets the time that signing took.
    #[must_use]
    pub const fn with_signing(self, signing: Duration) -> Self {
        Self { signing, ..self }
    }

    /// Sets the time that the store took.
    #[must_use]
    pub const fn with_store(self, store: Duration) -> Self {
        Self { store, ..self }
    }
}

/// A request that continued an upload and was answered.
///
/// The service creates it. A test of an observer creates its own with [`new`](Self::new).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SessionEvent<'a> {
    /// The verified caller.
    pub caller: &'a Identity,
    /// The upload: its route, its key, its size, and when it began.
    pub session: &'a UploadSession,
    /// What happened.
    pub outcome: SessionOutcome<'a>,
    /// How long the request took, including calls to the store. Zero on targets without a clock.
    pub duration: Duration,
    /// The instant at which the request was judged.
    pub at: Timestamp,
}

/// The result of a request that continued an upload.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "one for each call")]
pub enum SessionOutcome<'a> {
    /// The URLs of this many parts were signed.
    PartsSigned(usize),
    /// The status was read.
    Status(&'a UploadStatus),
    /// The object exists. [`CompletedObject::was_complete`] is `true` if an earlier request had completed it.
    Completed(&'a CompletedObject),
    /// The upload was aborted.
    Aborted,
    /// The object was compared with what was granted. The state need not be `confirmed`.
    Confirmed(&'a Confirmation),
    /// A URL to read the object was signed.
    Read(&'a ReadUrl),
    /// The object was deleted.
    Deleted(&'a DeletedUpload),
}

impl SessionOutcome<'_> {
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

impl<'a> SessionEvent<'a> {
    /// Creates an event that took no time.
    #[must_use]
    pub const fn new(
        caller: &'a Identity,
        session: &'a UploadSession,
        outcome: SessionOutcome<'a>,
        at: Timestamp,
    ) -> Self {
        Self { caller, session, outcome, duration: Duration::ZERO, at }
    }

    /// Sets how long the request took.
    #[must_use]
    pub const fn with_duration(self, duration: Duration) -> Self {
        Self { duration, ..self }
    }

    /// Returns the name of the route, or `None` for the unnamed route.
    #[must_use]
    pub fn route(&self) -> Option<&'a str> {
        self.session.upload().route.as_ref().map(RouteName::as_str)
    }
}

/// A call to the store that has ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StoreCallEvent<'a> {
    /// The name of the operation in S3's API reference, such as `CompleteMultipartUpload`.
    pub operation: &'static str,
    /// How long the call took, with all attempts. Zero on targets without a clock.
    pub duration: Duration,
    /// Why it failed. Some failures are expected: `HeadObject` of an object that does not exist yet, for example.
    pub error: Option<&'a ObjectError>,
    /// The instant at which the request was judged.
    pub at: Timestamp,
}

impl<'a> StoreCallEvent<'a> {
    /// Creates the event of a call that succeeded.
    #[must_use]
    pub const fn new(operation: &'static str, duration: Duration, at: Timestamp) -> Self {
        Self { operation, duration, error: None, at }
    }

    /// Sets why the call failed.
    #[must_use]
    pub const fn with_error(self, error: Option<&'a ObjectError>) -> Self {
        Self { error, ..self }
    }
}

/// A request that was refused or failed.
///
/// [`code`](Self::code) and [`route`](Self::route) come from fixed sets, so they are safe as metric labels.
///
/// ```
/// use upsign::{IssueError, Refusal};
/// let refusal = Refusal::from_error(&IssueError::RouteRequired, "2026-01-01T00:00:00Z".parse()?);
/// assert_eq!((refusal.code, refusal.service_fault), ("route-required", false));
/// assert_eq!(refusal.reason.as_deref(), Some("the request must name a route"));
/// # Ok::<(), upsign::types::InvalidTimestamp>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The verified caller, or `None` if the request was refused before the caller was identified.
    pub caller: Option<Identity>,
    /// The name of the route, if the request named a route that exists.
    pub route: Option<Box<str>>,
    /// The stable kebab-case code of the reason.
    pub code: &'static str,
    /// `true` if the service failed, `false` if the client's request was at fault.
    pub service_fault: bool,
    /// The reason in words, for the operator. It contains no token, signature or presigned URL, but it can describe the
    /// service's infrastructure: write it to a log and do not send it to clients.
    pub reason: Option<Box<str>>,
    /// The instant at which the request was judged.
    pub at: Timestamp,
}

impl Refusal {
    /// Creates a refusal without caller, route and reason.
    #[must_use]
    pub const fn new(code: &'static str, service_fault: bool, at: Timestamp) -> Self {
        Self { caller: None, route: None, code, service_fault, reason: None, at }
    }

    /// Creates the refusal that `error` causes. The reason is the error with its causes, and what an operator can change so that
    /// such a file is accepted ([`Denied::operator_hint`](crate::Denied::operator_hint)).
    #[must_use]
    pub fn from_error(error: &IssueError, at: Timestamp) -> Self {
        let hint = match error {
            IssueError::Denied(denied) => denied.operator_hint(),
            _ => None,
        };
        let reason = match hint {
            Some(hint) => format!("{}; {hint}", error_chain(error)),
            None => error_chain(error).to_string(),
        };
        Self::new(error.code(), error.is_service_fault(), at).with_reason(reason)
    }

    /// Creates the refusal of a request that continues an upload. The reason is the error with its causes; for an upload token,
    /// it is why the token is not valid.
    #[must_use]
    pub fn from_session_error(error: &SessionError, at: Timestamp) -> Self {
        let reason = match error {
            SessionError::Token(invalid) => format!("{invalid}: {}", invalid.reason()),
            SessionError::Receipt(invalid) => format!("{invalid}: {}", invalid.reason()),
            error => error_chain(error).to_string(),
        };
        Self::new(error.code(), error.is_service_fault(), at).with_reason(reason)
    }

    /// Sets the caller.
    #[must_use]
    pub fn with_caller(self, caller: &Identity) -> Self {
        Self { caller: Some(caller.clone()), ..self }
    }

    /// Sets the name of the route. Pass only names of routes that exist, never unchecked input of the client.
    #[must_use]
    pub fn with_route(self, route: Option<&str>) -> Self {
        Self { route: route.map(Into::into), ..self }
    }

    /// Sets the reason for the operator. It must not contain tokens, signatures or presigned URLs.
    #[must_use]
    pub fn with_reason(self, reason: impl Into<Box<str>>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }
}
