//! The function: from the text of an event to the answer.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderValue, Request, Response};
use lambda_http::lambda_runtime;
use lambda_http::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;
use upsign::{Clock, Refusal, SigV4, SystemClock};
use upsign_cognito::authorizer::{IdentitySource, parse_event};
use upsign_config::{BuildServiceError, LoadCredentialsError};
use upsign_core::{CredentialsSource, Identity, Presigner, Timestamp, WithCredentials};
use upsign_http::{Api, Authenticate, AuthenticateError, AuthenticateRequest, Problem, RefusedRequest};

use crate::credentials::{ExpiryRecorder, LastExpiry};
use crate::emf::Emf;
use crate::environment::{FunctionSettings, SignerCredentials};
use crate::event::{self, EventSource};
use crate::respond;

/// `POST /upload-url` as a Lambda function.
///
/// The constructor determines how callers are authenticated. The function never infers it from the event.
pub struct UploadFunction<P> {
    api: Api<P>,
    callers: Callers,
    clock: Arc<dyn Clock>,
}

/// How callers are authenticated.
enum Callers {
    /// A gateway has verified the token. The event states the identity.
    Gateway(IdentitySource),
    /// The function verifies the token in the headers of the request.
    Token(Box<dyn Authenticate>),
}

/// The reason why a function cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration has no `[auth]` section, so no token would be accepted.
    #[error(
        "the configuration has no [auth] section: set auth.user_pool, auth.client_ids and auth.token_use"
    )]
    NoAuth,
    /// The credentials cannot be used, for example because their expiry is unknown.
    #[error("the credentials cannot be used")]
    Credentials(#[from] LoadCredentialsError),
    /// The configuration does not describe a valid service.
    #[error("the configuration cannot be served")]
    Service(#[from] BuildServiceError),
}

/// The presigner of a function that is created from [`FunctionSettings`].
pub type RoleSigner = Arc<WithCredentials<SigV4, Box<dyn CredentialsSource>>>;

impl UploadFunction<RoleSigner> {
    /// Creates a function behind an API Gateway whose authorizer verifies the token: the Cognito authorizer of a REST API, or
    /// the JWT authorizer of an HTTP API.
    ///
    /// The function checks issuer, client id, use and expiry of the claims again, against `[auth]`.
    ///
    /// # Errors
    /// Returns [`StartError`] if the configuration has no `[auth]`, if the expiry of the credentials is unknown, or if the
    /// configuration does not describe a valid service.
    pub fn behind_authorizer(settings: FunctionSettings) -> Result<Self, StartError> {
        let auth = settings.config.auth().ok_or(StartError::NoAuth)?;
        let source = IdentitySource::Claims(auth.verifier.clone());
        Ok(Self::with_identity_source(settings.api()?, source))
    }

    /// Creates a function that verifies the token itself, behind a function URL, a load balancer or an API without an
    /// authorizer.
    ///
    /// The keys of the issuer are fetched within the request that needs them: Lambda freezes the process between requests, so
    /// a refresh in the background would never finish.
    ///
    /// # Errors
    /// Returns [`StartError`] in the same cases as [`behind_authorizer`](Self::behind_authorizer).
    #[cfg(feature = "verify")]
    pub fn verifying_tokens(settings: FunctionSettings) -> Result<Self, StartError> {
        use upsign_cognito::{HttpFetch, Verifier};
        use upsign_http::BearerToken;

        let auth = settings.config.auth().ok_or(StartError::NoAuth)?;
        let verifier = Verifier::new(auth.verifier.clone(), HttpFetch::new()).with_blocking_refresh();
        let bearer = BearerToken::new(verifier);
        let bearer = if auth.accept_raw_authorization { bearer.accept_raw_authorization() } else { bearer };
        Ok(Self::with_authenticator(settings.api()?, bearer))
    }
}

impl FunctionSettings {
    /// Creates the API for a function with routes of its own: with the configuration, credentials, lines of metrics and
    /// extensions of these settings, as in the constructors of [`UploadFunction`].
    ///
    /// Pass it to [`UploadFunction::with_identity_source`] or [`UploadFunction::with_authenticator`], and pass every event
    /// that is not for another route to [`UploadFunction::answer`]. Or call [`Api::handle`] with requests that another crate
    /// has read. The [crate documentation](crate#routes-of-your-own) has an example.
    ///
    /// # Errors
    /// Returns [`StartError`] if the expiry of the credentials is unknown, or if the configuration does not describe a valid
    /// service. `[auth]` is not required, because the caller decides how callers are authenticated.
    pub fn api(self) -> Result<Api<RoleSigner>, StartError> {
        let Self { config, signer, metrics, authorize, observers } = self;
        let source = match signer {
            SignerCredentials::Fixed(credentials) => config.credentials_source(credentials)?,
            SignerCredentials::Source(source) => source,
        };
        let last_expiry = LastExpiry::default();
        let source: Box<dyn CredentialsSource> = Box::new(ExpiryRecorder::new(source, last_expiry.clone()));
        let presigner = WithCredentials::new(SigV4::new(), source);
        let mut service = config.service_with_authorizer(presigner, |_| authorize.clone())?;
        for observer in observers {
            service = service.with_observer(observer);
        }
        if let Some(write) = metrics {
            service = service.with_observer(Emf::new(last_expiry, write));
        }
        Ok(Api::new(service, config.origins().clone()))
    }
}

impl<P: Presigner> UploadFunction<P> {
    /// Creates a function that takes the caller from the part of the event that `source` names, where a gateway writes it.
    #[must_use]
    pub fn with_identity_source(api: Api<P>, source: IdentitySource) -> Self {
        Self { api, callers: Callers::Gateway(source), clock: Arc::new(SystemClock) }
    }

    /// Creates a function that authenticates callers by the headers of the request, for example behind a function URL.
    ///
    /// Pass a verifier that fetches its keys with `with_blocking_refresh`: Lambda freezes the process between requests, so a
    /// refresh in the background would never finish.
    pub fn with_authenticator(api: Api<P>, authenticate: impl Authenticate + 'static) -> Self {
        Self { api, callers: Callers::Token(Box::new(authenticate)), clock: Arc::new(SystemClock) }
    }

    /// Sets the clock, for example to a fixed one in tests.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Receives events from the Lambda Runtime API and answers them, until the process ends.
    ///
    /// # Errors
    /// Returns an error if the Runtime API fails.
    pub async fn run(self) -> Result<(), Error> {
        let function = &self;
        lambda_runtime::run(service_fn(async move |event: LambdaEvent<Box<RawValue>>| {
            function.answer(event.payload.get()).await
        }))
        .await
    }

    /// Answers one event, given as text.
    ///
    /// The clock is read here, once per event: a process that was frozen for hours must not use an old time.
    ///
    /// A panic in an extension of the application ends this request with 500 and leaves the process running.
    ///
    /// # Errors
    /// Returns an error if the event is not an HTTP request. The invocation then fails, and the process keeps running.
    pub async fn answer(&self, event: &str) -> Result<Value, Error> {
        let at = self.clock.now();
        let (source, request) = event::read(event).inspect_err(|error| {
            // Only the outer message: that of the JSON parser may quote the event, and with it a token.
            self.api.report(&Refusal::new("event-invalid", false, at).with_reason(error.to_string()));
        })?;
        // Unwind safety: the API changes shared state only behind locks that tolerate a panic.
        let work = AssertUnwindSafe(self.handle(event, &request, at)).catch_unwind();
        let mut response = work.await.unwrap_or_else(|_| {
            let refused = RefusedRequest::new(Problem::internal(), at);
            self.api.refuse(request.headers(), &refused.with_reason("the request ended in a panic"))
        });
        if source == EventSource::HttpV2 {
            respond::remove_cors(response.headers_mut());
        }
        Ok(respond::write(source, response)?)
    }

    async fn handle(&self, event: &str, request: &Request<Bytes>, at: Timestamp) -> Response<String> {
        match &self.callers {
            Callers::Token(authenticate) => self.api.handle(request, at, &**authenticate).await,
            Callers::Gateway(source) => {
                let identity = GatewayIdentity(identify(source, event, at));
                self.api.handle(request, at, &identity).await
            }
        }
    }
}

impl<P: fmt::Debug> fmt::Debug for UploadFunction<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadFunction").field("api", &self.api).finish_non_exhaustive()
    }
}

/// The identity that the event states. It is read from the text of the event, which [`Authenticate`] does not receive.
#[derive(Debug)]
struct GatewayIdentity(Result<Identity, AuthenticateError>);

#[async_trait]
impl Authenticate for GatewayIdentity {
    async fn authenticate(
        &self,
        _request: &AuthenticateRequest<'_>,
        _at: Timestamp,
    ) -> Result<Identity, AuthenticateError> {
        self.0.clone()
    }

    fn challenge(&self) -> Option<HeaderValue> {
        Some(HeaderValue::from_static("Bearer"))
    }
}

fn identify(source: &IdentitySource, event: &str, at: Timestamp) -> Result<Identity, AuthenticateError> {
    let event = parse_event(event.as_bytes())?;
    let caller = source.identify(&event, at)?;
    let no_user =
        || AuthenticateError::Rejected { code: "no-user", reason: "the event names no user".into() };
    caller.identity().cloned().ok_or_else(no_user)
}
