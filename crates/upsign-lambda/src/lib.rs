//! upsign on AWS Lambda: one handler for the events of API Gateway (REST and HTTP APIs), function URLs and Application Load
//! Balancers.
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use upsign_lambda::{Error, UploadFunction, environment, error_chain};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> ExitCode {
//!     // Without ANSI colors, which CloudWatch would show as control characters.
//!     tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::WARN).init();
//!     match run().await {
//!         Ok(()) => ExitCode::SUCCESS,
//!         Err(error) => {
//!             tracing::error!("function failed error={}", error_chain(&*error));
//!             ExitCode::FAILURE
//!         }
//!     }
//! }
//!
//! async fn run() -> Result<(), Error> {
//!     // upsign.toml next to the binary, UPSIGN_… variables over it, credentials of the function's role.
//!     let settings = environment::read()?;
//!     UploadFunction::configured(settings)?.run().await
//! }
//! ```
//!
//! An error that `main` returns would be logged in its `Debug` form, which hides the message: which setting is wrong, where,
//! and what was probably meant. [`error_chain`] writes the messages of an error and its causes.
//!
//! The constructor determines how callers are authenticated: [`configured`](UploadFunction::configured) follows the
//! configuration, [`behind_authorizer`](UploadFunction::behind_authorizer) trusts the claims of the gateway's authorizer,
//! [`identified_by_gateway`](UploadFunction::identified_by_gateway) trusts a Lambda authorizer or IAM, and
//! [`with_authenticator`](UploadFunction::with_authenticator) verifies what you verify. [`UploadFunction`] lists all of them,
//! and shows how to test a function without AWS.
//!
//! The function adds the API's CORS headers for REST APIs, function URLs and load balancers. For HTTP APIs it adds none,
//! because the gateway adds its own, unless an origin contains `*`, which such a gateway cannot compare. Do not configure CORS
//! for the function URL itself, which would add its headers to those of the function: browsers reject an answer with two
//! `Access-Control-Allow-Origin`. The generated templates configure none.
//!
//! The function removes the stage and the base path of a custom domain name from the path of a request, if the route names the
//! path or is a proxy (`/{proxy+}`). Behind a route `$default`, CloudFront or a load balancer, set `server.base_path` in
//! `upsign.toml`.
//!
//! # Keys over a proxy
//!
//! A function that verifies tokens fetches the keys of their issuers over the proxy that its variables `HTTPS_PROXY` and
//! `NO_PROXY` name, within `auth.fetch_timeout`. In a VPC without a route to the internet, write the
//! keys into `upsign.toml` (`auth.jwks`), or into a file of the zip (`auth.jwks_file`). Keys are fetched without TLS only with
//! `danger_http_keys`.
//!
//! # Your own checks and records
//!
//! [`FunctionSettings::with_authorizer`] lets the application decide about each upload, for example by asking a database who
//! owns an article. [`FunctionSettings::with_observer`] reports every grant and refusal. This crate exports what both need.
//!
//! ```no_run
//! use upsign_lambda::{
//!     Authorize, AuthorizeError, AuthorizeRequest, Decision, Error, GrantEvent, UploadFunction, UploadObserver, Uuid,
//!     async_trait, environment,
//! };
//!
//! #[derive(Debug)]
//! struct Articles; // holds a connection to the database
//!
//! #[async_trait]
//! impl Authorize for Articles {
//!     async fn authorize(&self, request: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError> {
//!         let Some(article) = request.id("articleId") else { return Ok(Decision::Deny) };
//!         let author = self.author(article).await.map_err(AuthorizeError::new)?;
//!         let is_author = author.as_deref() == Some(request.caller.subject().as_str());
//!         Ok(if is_author { Decision::Allow } else { Decision::Deny })
//!     }
//! }
//! # impl Articles {
//! #     async fn author(&self, _: Uuid) -> Result<Option<String>, std::io::Error> { Ok(None) }
//! # }
//!
//! #[derive(Debug)]
//! struct Grants; // grants and refusals are in the log already
//!
//! impl UploadObserver for Grants {
//!     fn granted(&self, event: &GrantEvent<'_>) {
//!         println!("{} may upload {}", event.caller.subject(), event.grant.key);
//!     }
//! }
//!
//! async fn run() -> Result<(), Error> {
//!     let settings = environment::read()?.with_authorizer(Articles).with_observer(Grants);
//!     UploadFunction::configured(settings)?.run().await
//! }
//! ```
//!
//! # After the upload
//!
//! A route with `confirm = true` lets clients confirm their uploads. [`FunctionSettings::with_inspector`] inspects the objects of
//! routes with `inspect = "hook"`, [`with_announcer`](FunctionSettings::with_announcer) passes the result on, and
//! [`with_read_authorizer`](FunctionSettings::with_read_authorizer) decides who may read. Without an announcer of its own, a function
//! with `[webhook]` passes messages to the queue of this section (feature `webhooks`, `outbox = "sqs"`); with `outbox = "process"`, or
//! without the feature, it does not start. Two more functions run from the same `upsign.toml`: `EventFunction` (feature `events`) confirms
//! uploads by the events of their bucket, and `WebhookFunction` (feature `webhooks`) delivers the messages of the queue. Confirmed,
//! rejected and differing uploads are counted as `UploadConfirmed`, `UploadRejected` and `UploadMismatch`, by `ConfirmReason`; `LimitsSkipped`, by `Step`, counts
//! what a limit left out because its store failed.
//!
//! # Routes of your own
//!
//! A function that also answers other requests reads the path with [`method_and_path`], from the events of every supported
//! service. [`FunctionSettings::api`] creates the API with the credentials and the lines of metrics of the settings, and
//! every other event goes to [`answer`](UploadFunction::answer):
//!
//! ```no_run
//! use serde_json::json;
//! use upsign_lambda::{IdentitySource, Method, UploadFunction, environment, method_and_path};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), upsign_lambda::Error> {
//! let settings = environment::read()?;
//! let issuer = settings.config.auth().and_then(|auth| auth.only_issuer()).ok_or("upsign.toml has no [auth]")?;
//! let source = IdentitySource::Claims(issuer.verifier.clone());
//! let end = settings.credentials_end();
//! let uploads = UploadFunction::with_identity_source(settings.api()?, source).with_credentials_end(end);
//! uploads
//!     .run_with(async |uploads, event| match method_and_path(event) {
//!         Some((Method::GET, path)) if path == "/health" => Ok(json!({"statusCode": 204})),
//!         _ => uploads.answer(event).await,
//!     })
//!     .await
//! # }
//! ```
//!
//! A program that reads events with `lambda_http` can instead pass its requests to [`Api::handle`], with an authenticator of
//! its own, such as [`BearerToken`]: the headers are those of the client, and the answer is a response of `lambda_http`. The
//! path is then that of the event, which can begin with the name of a stage; [`Api::with_path`] sets the expected one.
//! `lambda_http` panics at some malformed requests, such as one with the header `Host: x:99999`, and their invocations fail.
//!
//! A load balancer without the attribute `lambda.multi_value_headers.enabled` passes on only the last of several headers of
//! the same name. Enable it, so that a request with two `Authorization` headers is refused.
//!
//! # Stores other than S3
//!
//! Lambda reserves `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` for the credentials of the function's
//! role, and a deployment cannot set them
//! (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>).
//! [`environment::read`] signs with them, so a function that does nothing else signs requests that R2, MinIO or any other store
//! refuses. Pass the keys of such a store to the settings, from a variable of your own or from a store of secrets:
//!
//! ```no_run
//! use upsign_lambda::{Credentials, Error, UploadFunction, environment};
//!
//! async fn run(key_id: &str, secret: &str) -> Result<(), Error> {
//!     let store = Credentials::long_term(key_id, secret)?;
//!     let settings = environment::read()?.with_credentials_source(store);
//!     UploadFunction::configured(settings)?.run().await
//! }
//! ```
//!
//! # The end of the credentials
//!
//! Lambda passes the credentials of the function's role to a process once. When they have ended, the function answers the
//! event at hand with 503 and its process ends, so that the platform starts a new one with new credentials
//! ([`CredentialsEnd`]). In the function's metrics, the last invocation of the process counts as failed, although its caller
//! has received the answer. A function that assumes a role (feature `chain`) renews its credentials instead.
//!
//! # Malformed requests
//!
//! Every request is answered, whatever its method, path, query, headers and body are: what is not valid HTTP receives 400
//! `request-malformed`. Only an event that is not from one of the four senders fails its invocation (`event-invalid`).
//!
//! # Logs and metrics
//!
//! The reason of every refusal is logged through [`tracing`] at the level WARN, or ERROR if the service failed, or INFO for
//! unknown paths and methods. Nothing is written unless the program installs a subscriber, as the example does.
//!
//! Each request writes one line of metrics in CloudWatch's embedded metric format to standard output: `Issued`, `Rejected` by
//! `Reason`, `SignMicros`, and `CredentialsSeconds`, the seconds for which the credentials are still valid. It
//! is absent if their expiry is neither known nor assumed, and with a source of credentials before the first grant. A failed
//! attempt to fetch the issuer's keys or to renew credentials is logged at WARN and counted as `JwksRefreshFailures` (with several
//! issuers, also by `Issuer`) or `CredentialsRefreshFailures`: callers do not notice it until the keys are 24 hours old or the
//! credentials end. `UPSIGN_METRICS=off` disables the metrics.
//!
//! | feature | |
//! | --- | --- |
//! | `verify` | `UploadFunction::verifying_tokens`, which fetches the issuer's keys; `UploadFunction::configured` needs it unless the API has an authorizer |
//! | `chain` | `environment::load`, which assumes a role or uses the AWS provider chain |
//! | `cloudfront` | `[cloudfront]`: signed URLs of CloudFront for reading uploads, with `deployment.reads = "cloudfront"`; `environment::load` reads a key in AWS Secrets Manager |
//! | `multipart` | routes with multipart uploads, and those that confirm uploads: the calls to the store over HTTP, and secrets of upload tokens in AWS Secrets Manager, which `environment::load` reads |
//! | `events` | `EventFunction`, which confirms uploads by the events of their bucket; includes `multipart` |
//! | `webhooks` | `[webhook]` with `outbox = "sqs"`, and `WebhookFunction`, which delivers the messages of that queue |
//! | `dynamodb`, `redis` | uploads per day (`limit.per_day`), which are counted in this store |
//!
//! Each of these features adds a TLS client to the function; without them it has none.
//!
//! # What this crate is not
//!
//! It does not decide about uploads, and it does not deploy the function. Its neighbours do:
//!
//! - `upsign-http` is the API, for any runtime; `upsign-axum` serves it in a process of your own.
//! - `upsign-config` reads `upsign.toml`, and `upsign-cognito` verifies tokens and identities of gateways.
//! - The command `upsign` generates the deployment from the same `upsign.toml`: `upsign documents sam` and
//!   `upsign documents terraform`.

#[cfg(feature = "events")]
mod consume;
mod credentials;
#[cfg(feature = "webhooks")]
mod deliver;
mod emf;
pub mod environment;
mod event;
mod extensions;
mod function;
mod gateway;
mod reads;
mod refresh;
mod respond;
mod run;
mod start;
mod uploads;

#[cfg(feature = "events")]
pub use consume::EventFunction;
pub use credentials::CredentialsEnd;
#[cfg(feature = "webhooks")]
pub use deliver::WebhookFunction;
pub use environment::FunctionSettings;
pub use event::method_and_path;
pub use function::UploadFunction;
#[doc(no_inline)]
pub use http::Method;
pub use lambda_runtime::Error;
pub use start::{RoleSigner, StartError};
#[doc(no_inline)]
pub use upsign::{
    Announce, Authorize, AuthorizeError, AuthorizeRequest, Clock, Credentials, CredentialsSource, Decision,
    GrantEvent, Identity, ObjectKey, Presigner, Refusal, SigV4, Timestamp, UploadGrant, UploadObserver,
    UploadRequest, UploadService, Uuid, WithCredentials, async_trait, authorize_fn,
    confirm::Inspect,
    objects::ObjectCalls,
    quota::QuotaStore,
    read::{AuthorizeRead, SignRead},
    session::TokenKeys,
};
#[doc(no_inline)]
pub use upsign_cognito::authorizer::IdentitySource;
#[cfg(feature = "cloudfront")]
#[doc(no_inline)]
pub use upsign_config::OpenReadSignerError;
#[doc(no_inline)]
pub use upsign_config::{
    AuthSource, BuildServiceError, Config, InvalidConfig, InvalidTokenSecrets, LoadCredentialsError,
    MissingServiceAccount, OpenQuotaError, RouteConfig, StorePresigner, TokenHeader,
};
#[cfg(feature = "verify")]
#[doc(no_inline)]
pub use upsign_config::{CreateVerifierError, ReadKeysError};
#[cfg(feature = "webhooks")]
#[doc(no_inline)]
pub use upsign_config::{OpenWebhookError, WebhookSender};
#[doc(no_inline)]
pub use upsign_core::error_chain;
#[doc(no_inline)]
pub use upsign_http::{Api, Authenticate, BearerToken, InvalidDialect};

// Compiles the Rust of the page about this crate.
#[cfg(doctest)]
#[doc = include_str!("../../upsign/src/manual/howto/lambda.md")]
struct Lambda;
