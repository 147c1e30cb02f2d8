//! Issues the right to upload one object directly to S3.
//!
//! A service that implements the *two-step upload design* hands a verified caller a presigned URL, and the caller sends the
//! file to S3 itself. Each grant is valid for one key and one content type, usually for one exact size, and for a few
//! minutes.
//!
//! An [`UploadIssuer`] checks the described upload against its [`UploadPolicy`], calls the application's [`Authorize`]
//! implementation if there is one, and signs exactly what the policy permitted with a [`Presigner`].
//! An [`UploadService`] serves several issuers as routes, limits the rate of each caller and notifies observers.
//!
//! ```
//! use upsign::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let policy = UploadPolicy::builder(target, "articles/{article_id}/raw/{id}.{ext}".parse()?, Bodyless::Refuse)
//!     .content_types(["image/jpeg"])
//!     .max_size(10 << 20) // 10 MiB
//!     .build()?;
//! let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let issuer = UploadIssuer::sigv4(policy, credentials)?;
//! // The caller that your framework has authenticated.
//! let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! // What the client wants to upload.
//! let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
//! let at = "2026-01-01T00:00:00Z".parse()?;
//! # futures_executor::block_on(async {
//! let grant = issuer.issue(&caller, &upload, at).await?;
//! assert!(grant.key.as_str().starts_with("articles/"));
//! assert_eq!(grant.expires_in.as_secs(), 900);
//! # Ok::<(), IssueError>(())
//! # })?;
//! # Ok(())
//! # }
//! ```
//!
//! New here? The [`manual`] begins with a table of tasks and a [tutorial](manual::tutorial). Which crate to depend on:
//!
//! | you have | depend on |
//! | --- | --- |
//! | an axum service | `upsign-axum` |
//! | a Lambda function | `upsign-lambda` |
//! | another HTTP framework | `upsign-http`, which has the JSON API without a server |
//! | your own protocol, a queue or a command | this crate |
//! | no service yet | none: the command `upsign serve` (package `upsign-cli`) runs the API from an `upsign.toml` |
//!
//! # What is here
//!
//! | to | use |
//! | --- | --- |
//! | issue grants for one policy | [`UploadIssuer`] → [`UploadGrant`] or [`IssueError`] |
//! | serve several policies | [`UploadService`], [`Route`], [`Access`] |
//! | let the application decide | [`Authorize`] or [`authorize_fn`] |
//! | choose ids on the server | [`UploadIssuer::issue_under`], [`UploadService::issue_under`] |
//! | grant several files at once, all or none | [`UploadService::issue_many`] |
//! | issue without an async runtime | [`UploadIssuer::issue_now`] |
//! | limit how much each caller uploads | [`quota`], [`UploadService::with_quota`] |
//! | limit callers, record what happens | [`RateLimit`], [`PerCallerRateLimit`], [`UploadObserver`] |
//! | control time and ids, for example in tests | [`Clock`], [`IdSource`], [`clock_fn`], [`ids_fn`] |
//! | presign a single request, for example a download | [`PresignRequest`], [`Operation`], [`WithCredentials`] |
//! | use credentials without a stated expiry | [`AssumeLifetime`] |
//! | upload large files in parts | [`UploadIssuer::with_store`] → [`Upload::Multipart`], then [`UploadService::presign_parts`], [`upload_status`](UploadService::upload_status), [`complete_upload`](UploadService::complete_upload) and [`abort_upload`](UploadService::abort_upload); [`session`] has their types |
//! | let keys and objects prove that the service granted them | [`proof`] |
//! | confirm, inspect, read and delete what was uploaded | [`UploadService::confirm_upload`], [`confirm_object`](UploadService::confirm_object), [`read_url`](UploadService::read_url), [`delete_upload`](UploadService::delete_upload); [`confirm`] and [`read`] have their types |
//! | tell other systems what became of an upload | [`Announce`], [`UploadService::with_announcer`] |
//! | stop a multipart upload, limit the requests for it | [`Authorize::authorize_later`], [`UploadService::with_call_rate_limit`] |
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `renewing` | `Renewing`, a cache around a source of credentials that fetches on each call; depends on tokio |
//! | `serde` | `Serialize` and `Deserialize` for [`PresignRequest`], `PostPolicy`, their results, [`Identity`], [`Timestamp`], [`ObjectKey`] and what these consist of: see `types::serialized` (not for [`UploadRequest`]: read descriptions with `upsign_http::UploadBody`) |
//! | `js` | on `wasm32-unknown-unknown`, [`RandomIds`] and [`SystemClock`] by the interfaces of JavaScript; no effect elsewhere |
//!
//! None is enabled by default. Without `js`, `wasm32-unknown-unknown` needs another backend of the `getrandom` crate, and
//! [`SystemClock`] does not implement [`Clock`].
//!
//! # What this crate is not
//!
//! It contains no HTTP, no token verification and no configuration file, and it neither receives nor stores the uploaded
//! file.
//!
//! Neighboring crates: `upsign-http` is the JSON API, `upsign-cognito` verifies tokens, `upsign-config` reads `upsign.toml`,
//! and `upsign-axum` and `upsign-lambda` connect them to a framework. `upsign-documents` derives the bucket's CORS rules and
//! IAM policies from the same policies, and `upsign-testing` helps to test an application. [`types`], [`policy`] and [`sigv4`]
//! are the crates below this one.

mod announce;
mod assume;
mod authorize;
mod batch;
mod chosen;
pub mod confirm;
pub mod content;
mod error;
mod extensions;
mod forward;
mod functions;
mod grant;
mod ids;
mod invalid_service;
mod issuer;
pub mod manual;
mod observe;
pub mod prelude;
pub mod proof;
pub mod quota;
mod rate;
pub mod read;
mod route;
mod service;
pub mod session;
mod store;
mod world;

pub use announce::{Announce, AnnounceError, Announcement, AnnouncementId, AnnouncementKind};
pub use assume::AssumeLifetime;
pub use async_trait::async_trait;
pub use authorize::{Authorize, AuthorizeError, AuthorizeRequest, Decision, LaterRequest};
pub use batch::{FilesDenied, IssueManyError};
pub use error::IssueError;
pub use functions::{
    AuthorizeFn, ClockFn, IdsFn, RateLimitFn, authorize_fn, clock_fn, ids_fn, rate_limit_fn,
};
pub use grant::{MultipartGrant, Upload, UploadGrant};
pub use ids::{IdSource, NoEntropy};
pub use invalid_service::InvalidUploadService;
pub use issuer::UploadIssuer;
pub use observe::{
    AnnouncementEvent, GrantEvent, InspectionEvent, InspectionResult, LimitSkipped, LimitStep, QuotaDecision,
    QuotaEvent, Refusal, SessionEvent, SessionOutcome, StoreCallEvent, UploadObserver,
};
pub use quota::FailMode;
pub use rate::{PerCallerRateLimit, Rate, RateLimit, RateLimitError, RateLimitUnavailable, TooManyRequests};
pub use route::{Access, InvalidRouteName, Route, RouteName};
pub use service::UploadService;
pub use upsign_core as types;
#[cfg(feature = "renewing")]
#[doc(no_inline)]
pub use upsign_core::Renewing;
#[doc(no_inline)]
pub use upsign_core::{
    CorsOrigins, Credentials, CredentialsError, CredentialsSource, ExpiresIn, ExpiryPrecision, Identity,
    InvalidExpiresIn, ObjectKey, Operation, PresignError, PresignRequest, PresignedPost, PresignedRequest,
    Presigner, Query, Sign, SignedHeaders, Target, Timestamp, Unsupported, WithCredentials, credentials_fn,
};
#[doc(no_inline)]
pub use upsign_core::{
    InvalidHeader, InvalidQuery, Issuer, PartNumber, PresignedUrl, Resource, Subject, UploadId,
};
pub use upsign_objects as objects;
#[doc(no_inline)]
pub use upsign_objects::{ETag, ObjectCalls, ObjectError, ObjectHead, UploadedPart, VersionId};
pub use upsign_policy as policy;
pub use upsign_policy::UploadPolicy;
#[doc(no_inline)]
pub use upsign_policy::{
    Bodyless, Checksum, ChecksumAlgorithm, ContentType, Denied, IdName, KeyTemplate, MultipartChecksum,
    PlannedSize, ReadKey, ResumeWindow, UploadRequest,
};
pub use upsign_sigv4 as sigv4;
pub use upsign_sigv4::SigV4;
pub use uuid::Uuid;
pub use world::{Clock, RandomIds, SystemClock, TimeOrderedIds, fill_random};
