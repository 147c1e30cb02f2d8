//! The upload API without an HTTP framework: JSON in, JSON out, problem documents, CORS.
//!
//! [`Api::handle`] turns an [`http::Request`], the current time and an implementation of [`Authenticate`] into an
//! [`http::Response`]. The adapters `upsign-axum` and `upsign-lambda` do little more than call it. To serve the API with
//! another framework, do the same:
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, StatusCode};
//! use upsign::{Bodyless, Credentials, Target, UploadIssuer, UploadPolicy};
//! use upsign_http::{Api, CorsOrigins, Identity, authenticate_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let policy = UploadPolicy::builder(target, "raw/{id}.{ext}".parse()?, Bodyless::Refuse)
//!     .content_types(["image/jpeg"])
//!     .max_size(10 << 20)
//!     .build()?;
//! let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let issuer = UploadIssuer::sigv4(policy, credentials)?;
//! let api = Api::new(issuer, CorsOrigins::listed(["https://app.example.com".parse()?]));
//!
//! // Trusts a header that a proxy sets after it has authenticated the user.
//! let authenticate = authenticate_fn(|request, _at| {
//!     let user = request.headers.get("x-user").and_then(|user| user.to_str().ok()).unwrap_or_default();
//!     let identity = Identity::from_verified("https://proxy.internal", user);
//!     async { Ok(identity?) }
//! });
//! let request = Request::post("/upload-url")
//!     .header("x-user", "alice")
//!     .header("content-type", "application/json")
//!     .body(Bytes::from(r#"{"contentType": "image/jpeg", "contentLength": 48213}"#))?;
//! let response = api.handle(&request, "2026-01-01T00:00:00Z".parse()?, &authenticate).await;
//! assert_eq!(response.status(), StatusCode::OK);
//! # Ok(())
//! # }
//! ```
//!
//! Every refusal is a [`Problem`] document, and every refusal passes through [`Api::refuse`], which logs it and notifies
//! the service's observers once. With the feature `openapi`, `Api::openapi` describes all of it in OpenAPI.
//!
//! # Handlers of your own
//!
//! An application whose upload has a path of its own, for example below an article, combines the parts: [`UploadBody`] reads
//! the request, [`UploadService::issue_under`] issues a grant under an id that the server chose, and [`GrantBody`] and
//! [`Problem`] answer, in the format of the API. The responses hold a `String`, so axum and lambda_http accept them as the
//! answer of a handler.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use upsign::Uuid;
//! use upsign_http::{GrantBody, Identity, Problem, Timestamp, UploadBody, UploadService};
//!
//! /// `POST /articles/{article}/image`
//! async fn upload_image(
//!     service: &UploadService,
//!     caller: &Identity,
//!     article: Uuid,
//!     request: &Request<Bytes>,
//!     at: Timestamp,
//! ) -> Result<Response<String>, Problem> {
//!     let body = UploadBody::read(request.headers(), request.body(), &[])?;
//!     let (route, ids) = (body.route.as_deref(), [("articleId", article)]);
//!     let grant = service.issue_under(caller, route, &body.upload, ids, at).await?;
//!     Ok(GrantBody::new(&grant).response())
//! }
//! # async fn answer(service: &UploadService, caller: &Identity, article: Uuid, request: &Request<Bytes>, at: Timestamp) -> Response<String> {
//! // The caller of the handler answers with the problem document:
//! upload_image(service, caller, article, request, at).await.unwrap_or_else(|problem| problem.response())
//! # }
//! ```
//!
//! Such a handler counts a caller only when it issues a grant, and does not report invalid bodies.
//! [`Api::issue_under`] does both: it counts the caller first, and logs and reports every refusal as the endpoint does. To
//! change less, keep the [`Api`] and set [`Api::with_path`], [`Api::with_max_body`] or [`Api::with_grant_members`].
//!
//! What no handler does by itself:
//!
//! | | to add it |
//! | --- | --- |
//! | authenticate the caller | [`Authenticate`], or your own middleware |
//! | share the rate limit and the observers with the endpoint | a clone of the [`UploadService`] or of the [`Api`] |
//! | count and report requests with an invalid body | [`Api::issue_under`]; or [`UploadService::count`], [`RefusedRequest`] with [`Api::report`], and [`UploadService::issue_under_counted`] |
//! | log refusals | [`Api::issue_under`] or [`Api::report`]: [`UploadService`] informs only its observers |
//! | answer preflights, and add CORS headers | a CORS layer of your framework |
//! | limit the size of the body, the time and the number of requests | your framework |
//!
//! # Multipart uploads, and what follows an upload
//!
//! If a route uploads files in parts, the API has four more endpoints ([`Endpoint`]), with which a client continues the upload that
//! `/upload-url` began. If a route confirms its uploads, it has the endpoint for that, and those that read and delete objects if they are
//! enabled. The manual of `upsign` describes their requests and answers. Handlers of an application with paths of their own combine the
//! same parts:
//!
//! | call | reads | [`UploadService`] | answers |
//! | --- | --- | --- | --- |
//! | sign URLs of parts | [`PartsBody`] | [`presign_parts`](UploadService::presign_parts) | [`PartUrlsBody`] |
//! | ask for the status | [`StatusBody`] | [`upload_status`](UploadService::upload_status) | [`UploadStatusBody`] |
//! | complete | [`CompleteBody`] | [`complete_upload`](UploadService::complete_upload) | [`CompletedBody`] |
//! | abort | [`AbortBody`] | [`abort_upload`](UploadService::abort_upload) | [`AbortedBody`] |
//! | confirm | [`ConfirmBody`] | [`confirm_upload`](UploadService::confirm_upload) | [`ConfirmationBody`] |
//! | get a URL to read | [`ReadBody`] | [`read_url`](UploadService::read_url) | [`ReadUrlBody`] |
//! | delete | [`DeleteBody`] | [`delete_upload`](UploadService::delete_upload) | [`DeletedBody`] |
//! | grant several files | [`FilesBody`] | [`issue_many`](UploadService::issue_many) | [`GrantsBody`] |
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use upsign_http::{CompleteBody, CompletedBody, Identity, Problem, Timestamp, UploadService};
//!
//! /// `POST /articles/{article}/video/complete`
//! async fn complete_video(
//!     service: &UploadService,
//!     caller: &Identity,
//!     request: &Request<Bytes>,
//!     at: Timestamp,
//! ) -> Result<Response<String>, Problem> {
//!     let body = CompleteBody::read_up_to(2 << 20, request.headers(), request.body())?;
//!     let token = body.upload_token.clone();
//!     let object = service.complete_upload(caller, &token, &body.into_request()?, at).await?;
//!     // `object.key` is stored: update the article.
//!     Ok(CompletedBody::new(&object).response())
//! }
//! ```
//!
//! # Clients of other projects
//!
//! With [`Api::with_dialects`], an API also answers the contracts of clients that exist, such as Uppy's, at paths of their own
//! ([`Dialect`]). The policies of the routes decide as for the API's own contract, and refusals have the form that the client shows. An
//! adapter serves [`Api::paths`], and everything below [`Api::prefixes`]; what it refuses itself is written for the client by
//! [`RefusedRequest::with_dialect_at`].
//!
//! # Features
//!
//! | feature | |
//! | --- | --- |
//! | `cognito` | `BearerToken`, which verifies tokens of Amazon Cognito and other OpenID Connect issuers. It adds `upsign-cognito`, and with it the C code of aws-lc |
//! | `openapi` | `Api::openapi`, the description of the API in OpenAPI, derived from the routes. It adds `upsign-documents` |
//!
//! No feature is enabled by default: a service with its own sessions uses [`FromExtension`] or [`authenticate_fn`].
//!
//! # What this crate is not
//!
//! It opens no sockets, reads no clock, chooses no framework and decides nothing about uploads.
//!
//! # Neighbours
//!
//! | crate | |
//! | --- | --- |
//! | [`upsign`] | issues grants: policies, routes, rate limits, observers |
//! | `upsign-policy` | decides what may be uploaded, and under which key |
//! | `upsign-cognito` | verifies tokens |
//! | `upsign-axum` | serves this API with axum, with an HTTP server of its own |
//! | `upsign-lambda` | serves this API as an AWS Lambda function |

mod api;
mod auth;
mod body_limits;
#[cfg(feature = "cognito")]
mod claim_log;
mod cors;
mod dialect;
mod dispatch;
mod endpoint;
mod files_body;
mod grant_body;
mod grants_body;
mod host;
mod invalid_body;
mod issue;
mod log_limit;
mod object_answer;
#[cfg(feature = "openapi")]
mod openapi;
mod path;
mod paths;
mod problem;
mod public_prefix;
mod refresh_log;
mod refusal_log;
mod refused;
mod request_id;
mod respond;
mod session_answer;
mod session_body;
mod session_calls;
mod upload_body;

pub use api::{Api, GrantedUpload};
#[cfg(feature = "cognito")]
pub use auth::BearerToken;
pub use auth::{
    Authenticate, AuthenticateError, AuthenticateFn, AuthenticateRequest, FromExtension, authenticate_fn,
    bearer_challenge,
};
#[cfg(feature = "cognito")]
pub use claim_log::ClaimLog;
pub use dialect::{InvalidDialect, dialect_lacks};
pub use endpoint::Endpoint;
pub use files_body::FilesBody;
pub use grant_body::{GrantBody, ReservedMember};
pub use grants_body::GrantsBody;
pub use host::{InvalidHost, host_header};
pub use invalid_body::InvalidBody;
pub use object_answer::{ConfirmationBody, DeletedBody, ReadUrlBody};
pub use path::{InvalidPath, UPLOAD_URL, UPLOADS};
pub use problem::{DiagnoseHint, Problem};
pub use public_prefix::{InvalidPublicPrefix, PublicPrefix};
pub use refresh_log::{RefreshAttempt, RefreshLog};
pub use refusal_log::RefusalLog;
pub use refused::RefusedRequest;
pub use request_id::{InvalidRequestId, RequestId};
pub use session_answer::{AbortedBody, CompletedBody, PartUrlsBody, UploadStatusBody};
pub use session_body::complete::{BodyPart, CompleteBody};
pub use session_body::object::{ConfirmBody, DeleteBody, DeleteBodyProof, ReadBody};
pub use session_body::parts::PartsBody;
pub use session_body::token::{AbortBody, StatusBody};
pub use upload_body::{MAX_BODY_BYTES, UploadBody};
#[doc(no_inline)]
pub use upsign::confirm::{Confirmation, DeleteProof};
#[doc(no_inline)]
pub use upsign::objects::ETag;
#[doc(no_inline)]
pub use upsign::read::{ReadRequest, ReadUrl};
#[doc(no_inline)]
pub use upsign::session::{
    CompleteRequest, CompletedObject, PartUrls, PartsRequest, SessionError, UploadStatus,
};
#[doc(no_inline)]
pub use upsign::{
    CorsOrigins, Denied, ExpiresIn, Identity, IssueError, NoEntropy, ObjectKey, Presigner, Refusal,
    Timestamp, UploadGrant, UploadIssuer, UploadPolicy, UploadRequest, UploadService, Uuid, async_trait,
};
#[cfg(feature = "cognito")]
#[doc(no_inline)]
pub use upsign_cognito::{KeySetStatus, Rejection, VerifyToken};
#[doc(no_inline)]
pub use upsign_core::api_cors::{AllowHeaders, InvalidAllowHeader};
#[doc(no_inline)]
pub use upsign_core::{
    BasePath, Dialect, InvalidBasePath, InvalidIdentity, InvalidTokenHeader, PartNumber, TokenHeader,
};
#[cfg(feature = "openapi")]
#[doc(no_inline)]
pub use upsign_documents::{OpenApi, OpenApiVersion, SecurityScheme};
