//! The calls of a service that continue an upload.
//!
//! Each verifies the upload token first, and then the checks that may have changed since the upload began: the rate of the
//! caller, the access to the route, and the application's authorization.

mod abort;
mod complete;
mod confirm;
mod delete;
mod outcome;
mod parts;
mod place;
mod read;
mod receipt;
mod status;
mod ticket;

pub use place::UploadPlace;
pub use ticket::TicketUpload;
use upsign_core::{Identity, ObjectKey, Presigner, SignedHeaders, Target, Timestamp, UploadId, error_chain};
use upsign_objects::{ErrorCode, HeadObject, ListParts, ObjectError};

use crate::authorize::{Decision, LaterRequest};
use crate::observe::{LimitStep, Refusal, SessionEvent, SessionOutcome};
use crate::route::{Route, RouteName};
use crate::service::UploadService;
use crate::session::error::SessionError;
use crate::session::keys::TokenKeys;
use crate::session::rejection::{InvalidUploadToken, TokenRejection};
use crate::session::upload::{SessionCall, UploadSession};
use crate::store::Store;
use crate::world::Stopwatch;

/// How many times the service looks for an object that it does not find.
#[derive(Clone, Copy)]
enum Looks {
    One,
    /// A second time after a pause. Used where the absence of the object means that the upload is lost, because some stores show
    /// a new object a moment after they have confirmed it. The implementation of the calls pauses, so no runtime is needed here.
    UpToTwo,
}

/// What is checked of the caller of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Checks {
    /// That it may use the route.
    OfCaller,
    /// Nothing more than that it began the upload: it was checked when the ticket was signed, which the request carries in place of
    /// credentials, so its groups and scopes are not known.
    OfTicket,
}

/// The upload of a verified token, with the route that continues it.
struct Opened<'a, P> {
    caller: &'a Identity,
    route: &'a Route<P>,
    /// The keys that have verified the token.
    keys: &'a TokenKeys,
    session: UploadSession,
    store: Store<'a>,
    at: Timestamp,
    /// Measures the whole request.
    watch: Stopwatch,
}

impl<P: Presigner> UploadService<P> {
    /// Counts one request of `caller` that continues an upload: the first half of the calls for multipart uploads, for adapters.
    ///
    /// An adapter calls this as soon as the caller is verified, before it parses the request's body. The second half is the
    /// method whose name ends in `_counted`. The adapter must [`report`](Self::report) an error itself.
    ///
    /// # Errors
    /// Returns [`SessionError::TooManyRequests`] if the caller is above the limit, and
    /// [`SessionError::RateLimitUnavailable`] if the limit fails closed and could not count the request.
    pub async fn count_call(&self, caller: &Identity, at: Timestamp) -> Result<(), SessionError> {
        let Some(limit) = self.call_limit() else { return Ok(()) };
        let counted = limit.count(caller, at).await;
        counted.or_else(|error| self.skip_or_refuse(LimitStep::CallRate, error, at))
    }

    /// Converts an error of a call that continues an upload into the refusal to report. `token` is the upload token of the
    /// request, if it has one.
    ///
    /// The route is that of the token if its signature is valid, so the refusal contains no text that the client chose.
    #[must_use]
    pub fn session_refusal(
        &self,
        error: &SessionError,
        caller: &Identity,
        token: Option<&str>,
        at: Timestamp,
    ) -> Refusal {
        let session = token.and_then(|token| self.token_keys().iter().find_map(|keys| keys.open(token).ok()));
        let name = session.as_ref().and_then(|session| session.upload().route.as_ref());
        let route = self.route(name.map(RouteName::as_str)).filter(|_| session.is_some());
        let refusal = Refusal::from_session_error(error, at).with_caller(caller);
        let refusal = refusal.with_route(route.and_then(Route::name));
        match (error, route.and_then(|route| route.access().unmet(caller))) {
            (SessionError::RouteForbidden, Some(unmet)) => refusal.with_reason(format!("{error}: {unmet}")),
            (SessionError::Store(failed), _) if is_hidden_object(failed) => {
                refusal.with_reason(format!("{}; {NEEDED_TO_LOOK}", error_chain(error)))
            }
            _ => refusal,
        }
    }

    /// Verifies the token and the access of the caller to its route.
    fn open<'a>(
        &'a self,
        caller: &'a Identity,
        token: &str,
        at: Timestamp,
    ) -> Result<Opened<'a, P>, SessionError> {
        self.open_checking(Checks::OfCaller, caller, token, at)
    }

    fn open_checking<'a>(
        &'a self,
        checks: Checks,
        caller: &'a Identity,
        token: &str,
        at: Timestamp,
    ) -> Result<Opened<'a, P>, SessionError> {
        let watch = Stopwatch::start();
        for keys in self.token_keys() {
            let session = match keys.verify(token, caller, at, |name| self.target_of(name, keys)) {
                Ok(session) => session,
                Err(error) if error.reason() == TokenRejection::UnknownKey => continue,
                Err(error) => return Err(error.into()),
            };
            let name = session.upload().route.as_ref().map(RouteName::as_str);
            let route = self.route(name).ok_or_else(|| rejected(TokenRejection::Route))?;
            if checks == Checks::OfCaller && !route.access().allows(caller) {
                return Err(SessionError::RouteForbidden);
            }
            let uploads = route.issuer().store().ok_or_else(|| rejected(TokenRejection::Route))?;
            let store = Store::new(uploads.calls(), self.observers(), at);
            return Ok(Opened { caller, route, keys, session, store, at, watch });
        }
        Err(rejected(TokenRejection::UnknownKey))
    }

    /// Returns where the route stores objects, if its tokens are signed with these keys.
    fn target_of(&self, name: Option<&RouteName>, keys: &TokenKeys) -> Option<Target> {
        let issuer = self.route(name.map(RouteName::as_str))?.issuer();
        let has_keys = issuer.store().is_some_and(|uploads| uploads.keys().are_same(keys));
        has_keys.then(|| issuer.policy().target().clone())
    }

    /// Reports a refusal to the observers.
    fn report_session(&self, error: &SessionError, caller: &Identity, token: &str, at: Timestamp) {
        self.report(&self.session_refusal(error, caller, Some(token), at));
    }

    /// Reports an answer to the observers.
    fn report_answer(&self, opened: &Opened<'_, P>, outcome: SessionOutcome<'_>) {
        let event = SessionEvent::new(opened.caller, &opened.session, outcome, opened.at);
        let event = event.with_duration(opened.watch.elapsed());
        self.observers().iter().for_each(|observer| observer.session(&event));
    }
}

impl<P: Presigner> Opened<'_, P> {
    /// Asks the application whether the caller may still continue the upload.
    async fn allow(&self, call: SessionCall) -> Result<(), SessionError> {
        let Some(authorize) = self.route.issuer().authorizer() else { return Ok(()) };
        let request = LaterRequest::new(self.caller, &self.session, call, self.at);
        match authorize.authorize_later(&request).await? {
            Decision::Allow => Ok(()),
            Decision::Deny => Err(SessionError::Forbidden),
        }
    }

    /// Returns the id of the multipart upload. Only the status of a single `PUT` can be asked for.
    fn upload_id(&self) -> Result<&UploadId, SessionError> {
        self.session.upload().upload_id().ok_or_else(|| rejected(TokenRejection::SinglePut))
    }

    const fn key(&self) -> &ObjectKey {
        &self.session.upload().key
    }

    /// Returns the headers that every call about the upload must have.
    fn headers(&self) -> SignedHeaders {
        self.route.issuer().policy().call_headers()
    }

    fn list_call(&self, upload_id: &UploadId) -> ListParts {
        ListParts::new(self.key().clone(), upload_id.clone()).with_headers(self.headers())
    }

    fn head_call(&self, looks: Looks) -> HeadObject {
        let call = HeadObject::new(self.key().clone()).with_headers(self.headers());
        match looks {
            Looks::One => call,
            Looks::UpToTwo => call.with_second_look(),
        }
    }
}

fn rejected(reason: TokenRejection) -> SessionError {
    InvalidUploadToken::from(reason).into()
}

/// Returns `true` if the store does not say whether the object exists.
pub(crate) fn is_hidden_object(error: &ObjectError) -> bool {
    error.operation() == "HeadObject" && error.store().is_some_and(|answer| answer.status() == 403)
}

/// S3 answers 403 in place of 404 to those who may not list the bucket
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>).
pub(crate) const NEEDED_TO_LOOK: &str =
    "looking at an object needs s3:GetObject, and s3:ListBucket on the bucket for one that does not exist";

/// Returns `true` if the store has no such upload: it was completed or aborted, or the store has removed it.
fn is_no_such_upload(error: &ObjectError) -> bool {
    error.code() == Some(&ErrorCode::NoSuchUpload)
}
