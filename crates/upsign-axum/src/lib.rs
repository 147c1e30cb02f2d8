//! upsign for axum: a [`Router`](axum::Router) that answers `POST /upload-url`, and a [`Caller`] extractor for handlers of
//! your own.
//!
//! Both need an [`Authentication`], which authenticates callers and provides the clock. An application imports everything
//! from this crate:
//!
//! ```
//! use axum::Router;
//! use axum::routing::get;
//! use upsign_axum::{
//!     Api, Authentication, Bodyless, Caller, CorsOrigins, Credentials, Identity, Target, UploadIssuer, UploadPolicy, router,
//! };
//!
//! /// Added to the request's extensions by the middleware that checks the session.
//! #[derive(Clone)]
//! struct User(String);
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let policy = UploadPolicy::builder(target, "articles/{article_id}/raw/{id}.{ext}".parse()?, Bodyless::Refuse)
//!     .content_types(["image/jpeg", "image/png"])
//!     .max_size(10 << 20)
//!     .build()?;
//! let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let origins = CorsOrigins::listed(["https://app.example.com".parse()?]);
//! let api = Api::new(UploadIssuer::sigv4(policy, credentials)?, origins);
//! let authentication = Authentication::from_extension(|User(name): &User| {
//!     Identity::from_verified("https://app.example.com", name)
//! });
//!
//! let app: Router = Router::new()
//!     .route("/hello", get(async |caller: Caller| format!("hello {}", caller.identity.subject())))
//!     .with_state(authentication.clone())
//!     .merge(router(api, authentication));
//! # Ok(())
//! # }
//! ```
//!
//! | feature | items | |
//! | --- | --- | --- |
//! | | [`router`], [`router_with_limits`] | the API within [`Limits`]; how to nest it, and CORS with cookies |
//! | | [`Authentication`], [`Caller`] | users of a session middleware, or any [`Authenticate`] |
//! | | [`UploadDescription`], [`GrantResponse`], [`ProblemResponse`] | handlers of your own that issue uploads |
//! | | [`observe()`] | [`RequestId`], [`ClientAddress`], a `tracing` span and a [`ServeObserver`] around any router |
//! | `cognito` | [`Authentication::bearer`], [`Verifier`] | tokens of a Cognito user pool or of another OpenID Connect issuer |
//! | `fetch` | [`HttpFetch`], [`UserPool::verifier`] | the issuer's keys over HTTPS |
//! | `server` | [`Server`] | an HTTP/1.1 server with limits on connections and request heads, and a graceful shutdown |
//! | `tls` | [`Tls`] | TLS for [`Server`], with rustls |
//! | `metrics` | [`Metrics`] | an observer of server and service whose counters Prometheus can read; counters and gauges of your own |
//!
//! No feature is on by default, so that an application with sessions of its own compiles no cryptography for tokens.
//!
//! Every request that [`router`] refuses is answered with a problem document, and reported once to the service's observers and
//! to the log. [`Server`] lists the answers that are given before a router is reached, some of which have no body.
//!
//! # What this crate is not
//!
//! It neither decides about uploads nor verifies tokens, and [`Server`] is no general web server: it has no HTTP/2, no static
//! files and no virtual hosts.
//!
//! # Neighbours
//!
//! | crate | |
//! | --- | --- |
//! | `upsign` | issues grants: policies, routes, rate limits, observers; its manual has a how-to for axum |
//! | `upsign-http` | the API that this crate connects to axum, for other frameworks |
//! | `upsign-cognito` | verifies tokens |
//! | `upsign-lambda` | the same API as an AWS Lambda function |
//! | `upsign-cli` | the command `upsign serve`: this crate with `upsign.toml` and a command line |

mod body;
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
    Access, Authorize, AuthorizeError, AuthorizeRequest, Bodyless, Clock, CorsOrigins, Credentials,
    CredentialsSource, Decision, Denied, GrantEvent, IdSource, Identity, IssueError, KeyTemplate, NoEntropy,
    PerCallerRateLimit, Presigner, RateLimit, Refusal, Route, SigV4, SystemClock, Target, Timestamp,
    TooManyRequests, Upload, UploadGrant, UploadIssuer, UploadObserver, UploadPolicy, UploadRequest,
    UploadService, WithCredentials, async_trait, authorize_fn, clock_fn, credentials_fn, ids_fn,
    rate_limit_fn,
};
#[cfg(feature = "fetch")]
#[doc(no_inline)]
pub use upsign_cognito::HttpFetch;
#[cfg(feature = "cognito")]
#[doc(no_inline)]
pub use upsign_cognito::{
    FetchError, FetchKeys, FetchedKeys, InvalidVerifierConfig, TokenUse, TrustedIssuer, UserPool, Verifier,
    VerifierConfig, Verifiers, VerifyToken, fetch_keys_fn,
};
#[doc(no_inline)]
pub use upsign_core::InvalidIdentity;
#[cfg(feature = "cognito")]
#[doc(no_inline)]
pub use upsign_http::BearerToken;
#[doc(no_inline)]
pub use upsign_http::{
    Api, Authenticate, AuthenticateError, AuthenticateRequest, Endpoint, FromExtension, GrantBody,
    InvalidBody, InvalidTokenHeader, MAX_BODY_BYTES, Problem, TokenHeader, UPLOAD_URL, UploadBody,
    authenticate_fn, bearer_challenge,
};
#[doc(no_inline)]
pub use uuid::Uuid;

// Compiles the Rust of the pages that show both this crate and `upsign`.
#[cfg(all(doctest, feature = "fetch"))]
mod pages {
    #[doc = include_str!("../../../README.md")]
    struct Readme;
    #[doc = include_str!("../../upsign/src/manual/howto/axum.md")]
    struct Axum;
    #[doc = include_str!("../../upsign/src/manual/howto/handlers.md")]
    struct Handlers;
}
