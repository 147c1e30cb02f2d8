//! The function.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, Request, Response};
use lambda_http::lambda_runtime;
use lambda_http::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;
use upsign::{Clock, Refused, SigV4, SystemClock};
use upsign_cognito::Rejection;
use upsign_cognito::authorizer::{IdentitySource, parse_event};
use upsign_config::NoService;
use upsign_core::{CredentialsSource, Identity, Presigner, Timestamp, WithCredentials};
use upsign_http::{Api, Authenticate, Problem, Unauthenticated};

use crate::credentials::{End, Watched, of_known_end};
use crate::emf::Emf;
use crate::environment::{Signer, Start};
use crate::event::Origin;
use crate::{event, respond};

/// `POST /upload-url` as a Lambda function.
pub struct UploadFunction<P> {
    api: Api<P>,
    callers: Callers,
    clock: Arc<dyn Clock>,
}

enum Callers {
    Gateway(IdentitySource),
    Token(Box<dyn Authenticate>),
}

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotStarted {
    /// Nobody says whose claims count.
    #[error("the configuration has no [auth]: say whose tokens count")]
    NoAuth,
    /// The credentials come with a session token, as a role's do, and nothing says when they end.
    #[error(
        "nothing says when the role's credentials end: set credentials.unknown_expiry to \"assume\" and \
         credentials.assume_for"
    )]
    UnknownExpiry,
    /// The configuration cannot be served.
    #[error("the configuration cannot be served")]
    Service(#[from] NoService),
}

/// The function's own signer, on the credentials of its role.
pub type RoleSigner = Arc<WithCredentials<SigV4, Box<dyn CredentialsSource>>>;

impl UploadFunction<RoleSigner> {
    /// A function behind an API Gateway whose authorizer has checked the token: Cognito's of a REST API, the JWT
    /// authorizer of an HTTP API. Issuer, client and use of the claims are checked again, against `[auth]`.
    ///
    /// # Errors
    /// [`NotStarted`].
    pub fn behind_authorizer(start: Start) -> Result<Self, NotStarted> {
        let auth = start.config.auth().ok_or(NotStarted::NoAuth)?;
        let source = IdentitySource::Claims(auth.verifier.clone());
        Ok(Self::told_by(api(start)?, source))
    }

    /// A function that verifies the token itself, behind a function URL, a load balancer or an API without an authorizer.
    /// The issuer's keys are fetched with the first token, and within the request that needs them: a frozen process
    /// finishes nothing beside it.
    ///
    /// # Errors
    /// [`NotStarted`].
    #[cfg(feature = "verify")]
    pub fn verifying_tokens(start: Start) -> Result<Self, NotStarted> {
        use upsign_cognito::{HttpFetch, Verifier};
        use upsign_http::BearerToken;

        let auth = start.config.auth().ok_or(NotStarted::NoAuth)?;
        let verifier = Verifier::new(auth.verifier.clone(), HttpFetch::new()).with_renewal_in_line();
        let bearer = BearerToken::new(verifier);
        let bearer = if auth.accept_raw_authorization { bearer.accept_raw_authorization() } else { bearer };
        Ok(Self::verifying(api(start)?, bearer))
    }
}

fn api(start: Start) -> Result<Api<RoleSigner>, NotStarted> {
    let Start { config, signer, metrics, authorize, observers } = start;
    let source = match signer {
        Signer::Role(credentials) => of_known_end(credentials, &config)?,
        Signer::Source(source) => source,
    };
    let end = End::default();
    let source: Box<dyn CredentialsSource> = Box::new(Watched::new(source, end.clone()));
    let presigner = WithCredentials::new(SigV4::new(), source);
    let mut service = config.service_asking(presigner, |_| authorize.clone())?;
    for observer in observers {
        service = service.with_observer(observer);
    }
    if let Some(write) = metrics {
        service = service.with_observer(Emf::new(end, write));
    }
    Ok(Api::new(service, config.origins().clone()))
}

impl<P: Presigner> UploadFunction<P> {
    /// A function whose callers are told by the event itself, as `source` says.
    #[must_use]
    pub fn told_by(api: Api<P>, source: IdentitySource) -> Self {
        Self { api, callers: Callers::Gateway(source), clock: Arc::new(SystemClock) }
    }

    /// A function that checks the request's headers itself: behind a function URL, say. Give a verifier that fetches its
    /// keys `with_renewal_in_line`: a frozen process finishes nothing beside the caller.
    pub fn verifying(api: Api<P>, authenticate: impl Authenticate + 'static) -> Self {
        Self { api, callers: Callers::Token(Box::new(authenticate)), clock: Arc::new(SystemClock) }
    }

    /// The same, at the time of another clock.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Takes events from Lambda's Runtime API until the process ends.
    ///
    /// # Errors
    /// When the Runtime API fails.
    pub async fn run(self) -> Result<(), Error> {
        let function = &self;
        lambda_runtime::run(service_fn(async move |event: LambdaEvent<Box<RawValue>>| {
            function.answer(event.payload.get()).await
        }))
        .await
    }

    /// The answer to the text of one event. The clock is read here, once: a thawed process has a new time. A panic in a
    /// hook ends this request with 500, and no other.
    ///
    /// # Errors
    /// When the event is no request: the invocation fails, the process lives on.
    pub async fn answer(&self, event: &str) -> Result<Value, Error> {
        let at = self.clock.now();
        let (origin, request) = event::read(event).inspect_err(|_| {
            self.api.service().refused(&Refused::new("event-invalid", false, at));
        })?;
        let work = AssertUnwindSafe(self.work(event, &request, at)).catch_unwind();
        let mut response = work.await.unwrap_or_else(|_| {
            tracing::error!("a request ended in a panic");
            self.refuse(&request, &Problem::internal(), at)
        });
        if origin == Origin::HttpV2 {
            respond::leave_cors_to_the_gateway(response.headers_mut());
        }
        Ok(respond::write(origin, response)?)
    }

    async fn work(&self, event: &str, request: &Request<Bytes>, at: Timestamp) -> Response<Vec<u8>> {
        match &self.callers {
            Callers::Token(authenticate) => self.api.handle(request, at, &**authenticate).await,
            Callers::Gateway(source) => {
                let told = Told(identify(source, event, at));
                self.api.handle(request, at, &told).await
            }
        }
    }

    /// What the API never finished, told to its observers too.
    fn refuse(&self, request: &Request<Bytes>, problem: &Problem, at: Timestamp) -> Response<Vec<u8>> {
        self.api.service().refused(&Refused::new(problem.code(), true, at));
        self.api.refuse(request.headers(), problem)
    }
}

impl<P: fmt::Debug> fmt::Debug for UploadFunction<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadFunction").field("api", &self.api).finish_non_exhaustive()
    }
}

/// What the gateway has said of the caller.
struct Told(Result<Identity, Unauthenticated>);

#[async_trait]
impl Authenticate for Told {
    async fn authenticate(&self, _headers: &HeaderMap, _at: Timestamp) -> Result<Identity, Unauthenticated> {
        self.0.clone()
    }
}

fn identify(source: &IdentitySource, event: &str, at: Timestamp) -> Result<Identity, Unauthenticated> {
    let refused = |why: Rejection| Unauthenticated::Refused { code: why.code(), reason: why.to_string() };
    let event = parse_event(event.as_bytes()).map_err(refused)?;
    let told = source.identify(&event, at).map_err(refused)?;
    let nobody = || Unauthenticated::Refused { code: "no-user", reason: "the event names no user".into() };
    told.identity().cloned().ok_or_else(nobody)
}
