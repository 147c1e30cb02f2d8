//! upsign for axum: a [`Router`](axum::Router) that answers `POST /upload-url`, and a [`Caller`] extractor for handlers of
//! your own.
//!
//! Both need an [`Authentication`], which authenticates callers and provides the clock.
//!
//! ```no_run
//! use axum::Router;
//! use axum::routing::get;
//! use upsign_axum::{Authentication, Caller, router};
//! # use upsign::SigV4;
//! # use upsign_core::{Credentials, WithCredentials};
//! # use upsign_http::{Api, Authenticate};
//!
//! # fn app(api: Api<WithCredentials<SigV4, Credentials>>, bearer_token: impl Authenticate + 'static) -> Router {
//! let authentication = Authentication::new(bearer_token);
//! Router::new()
//!     .route("/hello", get(async |caller: Caller| caller.identity.subject().as_str().to_owned()))
//!     .with_state(authentication.clone())
//!     .merge(router(api, authentication))
//! # }
//! ```
//!
//! | feature | items | |
//! | --- | --- | --- |
//! | | [`router`], [`router_with_limits`] | the API within [`Limits`] |
//! | | [`observe()`] | request ids, a `tracing` span and a [`ServeObserver`] around any router; [`ClientAddress`] |
//! | `server` | [`Server`] | an HTTP/1.1 server with limits on connections and request heads, and a graceful shutdown |
//! | `tls` | [`Tls`] | TLS for [`Server`], with rustls |
//! | `metrics` | [`Metrics`] | an observer of server and service whose counters Prometheus can read |
//!
//! Every request that [`router`] refuses is answered with a problem document, and reported once to the service's observers and
//! to the log. [`Server`] lists the answers that are given before a router is reached, some of which have no body.
//!
//! # What this crate is not
//!
//! It neither decides about uploads nor verifies tokens: `upsign-http` is the API, and this crate connects it to axum. The
//! command `upsign serve` (crate `upsign-cli`) adds `upsign.toml` and a command line to this crate.

mod client;
mod extract;
mod limits;
#[cfg(feature = "metrics")]
mod metrics;
mod observe;
pub mod prelude;
mod request_id;
mod respond;
mod router;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "tls")]
mod tls;

pub use client::{ClientAddress, MissingClientAddress, TrustedProxies};
pub use extract::{Authentication, Caller, Unauthenticated};
pub use limits::Limits;
#[cfg(feature = "metrics")]
pub use metrics::{Counter, Gauge, InvalidMetric, METRICS_CONTENT_TYPE, Metrics};
pub use observe::{NoObserver, ServeObserver, observe};
pub use request_id::{MissingRequestId, RequestId};
pub use respond::{GrantResponse, ProblemResponse, UploadDescription};
pub use router::{router, router_with_limits};
#[cfg(feature = "server")]
pub use server::{Draining, Server, ServerReport};
#[cfg(feature = "tls")]
pub use tls::{InvalidTls, Tls};

// What an application that issues uploads needs, so that this crate is its only dependency of the project.
#[doc(no_inline)]
pub use ipnet::IpNet;
#[doc(no_inline)]
pub use upsign::{
    Authorize, AuthorizeError, AuthorizeRequest, Bodyless, Clock, CorsOrigins, Credentials,
    CredentialsSource, Decision, Denied, GrantEvent, Identity, IssueError, KeyTemplate, PerCallerRateLimit,
    Presigner, RateLimit, Refusal, Route, SigV4, SystemClock, Target, Timestamp, TooManyRequests,
    UploadGrant, UploadIssuer, UploadObserver, UploadPolicy, UploadRequest, UploadService, async_trait,
    authorize_fn, clock_fn, credentials_fn, rate_limit_fn,
};
#[cfg(feature = "fetch")]
#[doc(no_inline)]
pub use upsign_cognito::HttpFetch;
#[cfg(feature = "cognito")]
#[doc(no_inline)]
pub use upsign_cognito::{
    FetchKeys, InvalidVerifierConfig, TokenUse, TrustedIssuer, UserPool, Verifier, VerifierConfig, Verifiers,
    VerifyToken,
};
#[cfg(feature = "cognito")]
#[doc(no_inline)]
pub use upsign_http::BearerToken;
#[doc(no_inline)]
pub use upsign_http::{
    Api, Authenticate, AuthenticateError, AuthenticateRequest, FromExtension, GrantBody, InvalidBody,
    MAX_BODY_BYTES, Problem, UPLOAD_URL, UploadBody, authenticate_fn,
};
#[doc(no_inline)]
pub use uuid::Uuid;
