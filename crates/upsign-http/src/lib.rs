//! The upload API without an HTTP framework: JSON in, JSON out, problem documents, CORS.
//!
//! [`Api::handle`] turns an [`http::Request`], an instant and an implementation of [`Authenticate`] into an
//! [`http::Response`]. The adapters `upsign-axum` and `upsign-lambda` do little more than call it. To serve the API with
//! another framework, do the same:
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, StatusCode};
//! use upsign::policy::{Bodyless, ContentRules, KeyTemplate, SizeLimit, UploadPolicy};
//! use upsign::types::{CorsOrigins, Credentials, Identity, Target, Timestamp, WithCredentials};
//! use upsign::{SigV4, UploadIssuer};
//! use upsign_http::{Api, Authenticate, AuthenticateError, AuthenticateRequest};
//!
//! /// Trusts a header that a proxy sets after it has authenticated the user.
//! #[derive(Debug)]
//! struct UserHeader;
//!
//! #[async_trait::async_trait]
//! impl Authenticate for UserHeader {
//!     async fn authenticate(
//!         &self,
//!         request: &AuthenticateRequest<'_>,
//!         _: Timestamp,
//!     ) -> Result<Identity, AuthenticateError> {
//!         let user = request.headers.get("x-user").and_then(|user| user.to_str().ok()).unwrap_or_default();
//!         Identity::from_verified("https://proxy.internal", user)
//!             .map_err(|error| AuthenticateError::Rejected { code: "user-header", reason: error.to_string() })
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let policy = UploadPolicy::builder(target, KeyTemplate::parse("raw/{id}.{ext}", &[])?, Bodyless::Allow)
//!     .content(ContentRules::new(["image/jpeg"])?)
//!     .size(SizeLimit::up_to(10 << 20)?)
//!     .build()?;
//! let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let issuer = UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials))?;
//! let api = Api::new(issuer, CorsOrigins::listed(["https://app.example.com".parse()?]));
//!
//! let request = Request::post("/upload-url").header("x-user", "alice").body(Bytes::new())?;
//! let response = api.handle(&request, "2026-01-01T00:00:00Z".parse()?, &UserHeader).await;
//! assert_eq!(response.status(), StatusCode::OK);
//! # Ok(())
//! # }
//! ```
//!
//! Every refusal is a [`Problem`] document, and every refusal passes through [`Api::refuse`], which logs it and notifies
//! the service's observers once. [`openapi`] describes all of it in OpenAPI 3.1.
//!
//! # What this crate is not
//!
//! It opens no sockets, reads no clock and chooses no framework. `upsign-policy` decides what may be
//! uploaded, and `upsign-cognito` verifies tokens.

mod api;
mod auth;
mod body;
mod cors;
mod openapi;
mod problem;
mod refused;
mod respond;

pub use api::{Api, MAX_BODY_BYTES, UPLOAD_URL};
#[cfg(feature = "cognito")]
pub use auth::BearerToken;
pub use auth::{
    Authenticate, AuthenticateError, AuthenticateFn, AuthenticateRequest, FromExtension, authenticate_fn,
};
pub use body::InvalidBody;
pub use openapi::openapi;
pub use problem::Problem;
pub use refused::RefusedRequest;
pub use upsign::types;
