//! The function: from the text of an event to the answer.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, Request, Response};
use lambda_runtime::Error;
use serde_json::Value;
use tracing::Instrument;
use upsign::{Clock, Refusal, SystemClock};
use upsign_cognito::authorizer::IdentitySource;
use upsign_core::{Presigner, Timestamp, TokenHeader};
use upsign_http::{Api, Authenticate, Problem, RefusedRequest, RequestId};

use crate::credentials::CredentialsEnd;
use crate::event::{self, EventSource, HttpEvent, InvalidEvent};
use crate::gateway::GatewayCallers;
use crate::{respond, run};

/// `POST /upload-url` as a Lambda function.
///
/// The constructor determines how callers are authenticated. The function never infers it from the event.
///
/// | constructor | for | callers |
/// | --- | --- | --- |
/// | [`configured`](Self::configured) | the deployment that `upsign.toml` describes | one of the next three, by [`Config::auth_source`](crate::Config::auth_source) |
/// | [`behind_authorizer`](Self::behind_authorizer) | API Gateway with a Cognito or JWT authorizer | the claims that the authorizer has verified |
/// | `verifying_tokens` (feature `verify`) | function URLs, load balancers, APIs without an authorizer | the token, which the function verifies |
/// | [`identified_by_gateway`](Self::identified_by_gateway) | API Gateway with a Lambda authorizer or with IAM; a function URL with IAM | the context of the authorizer, or the caller that IAM has identified |
/// | [`with_identity_source`](Self::with_identity_source) | other authorizers, such as a load balancer's OpenID Connect | the part of the event that you name |
/// | [`with_authenticator`](Self::with_authenticator) | your own sessions | your [`Authenticate`] |
///
/// `main` calls [`run`](Self::run), which receives events from the Lambda Runtime API. [`answer`](Self::answer) answers one event, in
/// `run_with` and in tests, which need neither AWS nor a network:
///
/// ```
/// use upsign_lambda::{Config, Credentials, FunctionSettings, UploadFunction};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// // In a function: `environment::read()?`, with the file next to the binary and the credentials of the role.
/// let file = r#"
/// [bucket]
/// name = "article-images-bucket"
/// region = "ap-southeast-1"
///
/// [upload]
/// key = "uploads/{sub}/{id}.{ext}"
/// types = ["image/jpeg", "image/png"]
/// max_size = "10 MiB"
/// bodyless = "refuse"
///
/// [auth]
/// user_pool = "ap-southeast-1_AbCdEf123"
/// client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
/// token_use = "access"
///
/// [cors]
/// origins = ["https://app.example.com"]
/// "#;
/// let config = Config::read("upsign.toml", file, |_| None)?;
/// let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let settings = FunctionSettings::new(config, credentials).without_metrics();
/// let function = UploadFunction::behind_authorizer(settings)?; // `configured` follows the deployment
///
/// // An event of an HTTP API whose JWT authorizer has verified the token of alice.
/// let event = r#"{
///     "version": "2.0", "rawPath": "/upload-url", "rawQueryString": "",
///     "headers": {"content-type": "application/json", "host": "api.example.com"},
///     "requestContext": {
///         "http": {"method": "POST", "path": "/upload-url"},
///         "authorizer": {"jwt": {"claims": {
///             "iss": "https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123", "sub": "alice",
///             "client_id": "3n4b5urk1ft4fl3mg5e62d9ado", "token_use": "access", "iat": "1767225600", "exp": "4102444800"
///         }}}
///     },
///     "body": "{\"contentType\": \"image/jpeg\", \"contentLength\": 48213}", "isBase64Encoded": false
/// }"#;
/// let answer = function.answer(event).await?;
/// assert_eq!(answer["statusCode"], 200);
/// assert!(answer["body"].as_str().is_some_and(|body| body.contains("\"key\":\"uploads/alice/")));
/// # Ok(()) }
/// ```
pub struct UploadFunction<P> {
    api: Api<P>,
    callers: Callers,
    clock: Arc<dyn Clock>,
    end: CredentialsEnd,
}

/// How callers are authenticated.
enum Callers {
    /// A gateway has verified the caller. The event states the identity.
    Gateway(Box<GatewayCallers>),
    /// The function verifies the token in the headers of the request.
    Token(Box<dyn Authenticate>),
}

impl<P: Presigner> UploadFunction<P> {
    /// Creates a function that takes the caller from the part of the event that `source` names, where a gateway writes it.
    #[must_use]
    pub fn with_identity_source(api: Api<P>, source: IdentitySource) -> Self {
        let callers = GatewayCallers::new(source, TokenHeader::default());
        Self::new(api, Callers::Gateway(Box::new(callers)))
    }

    /// Sets the header from which the gateway takes the token (default: `authorization`), for the challenge and for preflights.
    /// A request with several values of this header is rejected.
    ///
    /// Without effect for a function with an [`Authenticate`] of its own, which knows its header.
    #[must_use]
    pub fn with_token_header(mut self, header: TokenHeader) -> Self {
        if let Callers::Gateway(callers) = &mut self.callers {
            callers.token_header = header;
        }
        self
    }

    /// Creates a function that authenticates callers by the headers of the request, for example behind a function URL.
    ///
    /// Pass a verifier that fetches its keys with `with_blocking_refresh`: Lambda freezes the process between requests, so a
    /// refresh in the background would never finish.
    pub fn with_authenticator(api: Api<P>, authenticate: impl Authenticate + 'static) -> Self {
        Self::new(api, Callers::Token(Box::new(authenticate)))
    }

    fn new(api: Api<P>, callers: Callers) -> Self {
        Self { api, callers, clock: Arc::new(SystemClock), end: CredentialsEnd::NEVER }
    }

    /// Ends the process with its credentials: [`run`](Self::run) returns after the first answer that is given after `end`.
    ///
    /// The constructors that take [`FunctionSettings`](crate::FunctionSettings) do so already. Set it for a function that is
    /// created from [`FunctionSettings::api`](crate::FunctionSettings::api).
    #[must_use]
    pub fn with_credentials_end(self, end: CredentialsEnd) -> Self {
        Self { end, ..self }
    }

    /// Sets the clock, for example to a fixed one in tests.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Receives events from the Lambda Runtime API and answers them.
    ///
    /// Returns `Ok` once the credentials of the process have ended and cannot be replaced within it
    /// ([`CredentialsEnd`]), after the event at hand has been answered. `main` should then return, so that the platform
    /// starts a new process with new credentials. Otherwise it does not return.
    ///
    /// # Errors
    /// Returns an error if the Runtime API fails.
    pub async fn run(self) -> Result<(), Error> {
        self.run_with(Self::answer).await
    }

    /// Receives events like [`run`](Self::run) and passes the text of each to `handler`, for a function with routes of its
    /// own. The handler calls [`answer`](Self::answer) with every event that is not for one of them. The
    /// [crate documentation](crate#routes-of-your-own) has an example.
    ///
    /// # Errors
    /// Returns an error if the Runtime API fails. An error of the handler fails only its invocation.
    pub async fn run_with(
        self,
        handler: impl AsyncFn(&Self, &str) -> Result<Value, Error>,
    ) -> Result<(), Error> {
        let (function, handler) = (&self, &handler);
        let has_ended = || function.end.has_passed(function.clock.now());
        run::until(has_ended, async move |event: &str| handler(function, event).await).await
    }

    /// Answers one event, given as text.
    ///
    /// The clock is read here, once per event: a process that was frozen for hours must not use an old time.
    ///
    /// The id of the request, by which the log lines of a refusal are found, is that of API Gateway or the function URL
    /// (`$context.requestId` in their access logs). Behind a load balancer it is a random one. Problem documents contain it.
    ///
    /// A request that is malformed is answered with a problem document. A panic in an extension of the application ends this
    /// request with 500 and leaves the process running.
    ///
    /// # Errors
    /// Returns an error if the event is not an HTTP request of a supported kind. The invocation then fails, and the process
    /// keeps running.
    pub async fn answer(&self, event: &str) -> Result<Value, Error> {
        let at = self.clock.now();
        let invalid = |error: InvalidEvent| {
            // Only the outer message: the refusal is for the log, which receives no content of an event.
            self.api.report(&Refusal::new("event-invalid", false, at).with_reason(error.to_string()));
            error
        };
        let event = event::parse(event).map_err(invalid)?;
        let http = HttpEvent::recognize(&event).map_err(invalid)?;
        let id = http.request_id().or_else(|| RequestId::generate().ok());
        // The level is that of the span's most severe lines: a log at any level then has the id of each of them.
        let span = tracing::error_span!("request", id = id.as_ref().map(RequestId::as_str));
        let mut response = self.answer_http(&event, http, id.as_ref(), at).instrument(span).await;
        // An HTTP API cannot add the headers for an origin with `*`, so it has no CORS configuration then.
        if http.source() == EventSource::HttpV2 && !self.api.origins().has_wildcards() {
            respond::remove_cors(response.headers_mut());
        }
        Ok(respond::write(http.source(), response))
    }

    async fn answer_http(
        &self,
        event: &Value,
        http: HttpEvent<'_>,
        id: Option<&RequestId>,
        at: Timestamp,
    ) -> Response<String> {
        let headers = http.headers();
        // For the CORS headers of an answer without a request. Without valid headers it has none.
        let origin = headers.clone().unwrap_or_default();
        // Unwind safety: the API changes shared state only behind locks that tolerate a panic.
        let work = AssertUnwindSafe(async {
            match headers.and_then(|headers| http.request(headers)) {
                Ok(mut request) => {
                    id.cloned().and_then(|id| request.extensions_mut().insert(id));
                    self.handle(event, &request, at).await
                }
                Err(malformed) => {
                    let refused = RefusedRequest::new(malformed.problem(), at).with_request_id(id);
                    self.api.refuse(&origin, &refused)
                }
            }
        });
        match work.catch_unwind().await {
            Ok(response) => response,
            Err(_) => self.answer_panic(&origin, id, at),
        }
    }

    /// Answers a request whose handling has panicked. An observer that panics again loses only its report.
    fn answer_panic(&self, headers: &HeaderMap, id: Option<&RequestId>, at: Timestamp) -> Response<String> {
        let refused = RefusedRequest::new(Problem::internal(), at)
            .with_reason("the request ended in a panic")
            .with_request_id(id);
        catch_unwind(AssertUnwindSafe(|| self.api.refuse(headers, &refused)))
            .unwrap_or_else(|_| refused.problem().response_for(self.api.origins(), headers))
    }

    async fn handle(&self, event: &Value, request: &Request<Bytes>, at: Timestamp) -> Response<String> {
        match &self.callers {
            Callers::Token(authenticate) => self.api.handle(request, at, &**authenticate).await,
            Callers::Gateway(callers) => {
                let caller = callers.identify(event, request.headers(), at);
                self.api.handle(request, at, &caller).await
            }
        }
    }
}

impl<P: fmt::Debug> fmt::Debug for UploadFunction<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadFunction").field("api", &self.api).finish_non_exhaustive()
    }
}
