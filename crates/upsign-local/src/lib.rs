//! Embedded servers for development, demonstrations and tests: an S3 server that verifies signatures, and a user pool
//! that signs tokens.
//!
//! Both servers run inside the calling process, listen on 127.0.0.1, start in milliseconds and stop within a time
//! limit. A program that works with them works with S3 and Cognito: only the [`Target`] and the issuer differ.
//!
//! - [`LocalS3`] verifies SigV4 query strings, `Authorization` headers and POST policies, evaluates the bucket's CORS
//!   rules, and stores objects in a directory. It implements the operations that an upload needs, and those that follow it:
//!   PutObject, GetObject, HeadObject, DeleteObject, CopyObject and the tags of objects, with versions if they are enabled, the
//!   POST form, multipart uploads with checksums of parts and objects, and the lists of `aws s3 ls`. Other operations get 501.
//!   It sends the notifications that S3 sends to a queue.
//!   Errors carry the codes, messages and details that S3 sends. A rejected or interrupted upload stores nothing.
//! - [`LocalPool`] signs access tokens and ID tokens with the claims of Amazon Cognito, or of another OpenID Connect issuer:
//!   with RS256 or another algorithm, audiences, and the names and spellings of groups and scopes that a
//!   [`VerifierConfig`] expects. It generates its key when it starts and publishes JWKS and discovery document over HTTP.
//!
//! ```
//! use upsign::prelude::*;
//! use upsign_local::{Bucket, LocalS3};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = Credentials::long_term("LOCLEXAMPLE", "a-secret-of-this-run")?;
//! let bucket: Bucket = "article-images".parse()?;
//! let s3 = LocalS3::builder(credentials.clone(), "us-east-1".parse()?, bucket.clone()).start().await?;
//!
//! // The same as for S3, but for the target.
//! let policy = UploadPolicy::builder(s3.target(bucket.clone()), "images/{id}.{ext}".parse()?, Bodyless::Refuse)
//!     .content_types(["image/jpeg"])
//!     .max_size(10 << 20)
//!     .build()?;
//! let issuer = UploadIssuer::sigv4(policy, credentials)?;
//! let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(5);
//! let grant = issuer.issue(&caller, &upload, SystemClock.now()).await?;
//!
//! // The server checks what S3 checks: this file has another size than the one that was described.
//! let put = grant.upload.put().unwrap();
//! let send = |body: &'static str| {
//!     let request = reqwest::Client::new().put(put.url.expose()).body(body);
//!     request.header("content-type", "image/jpeg").header("if-none-match", "*").send()
//! };
//! assert_eq!(send("a larger file").await?.status(), 403);
//! assert_eq!(send("photo").await?.status(), 200);
//! assert_eq!(s3.objects(&bucket).await[0].key, grant.key.as_str());
//! s3.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # What is here
//!
//! | to | types |
//! | --- | --- |
//! | run an S3 server | [`LocalS3Builder`] → [`LocalS3`]; [`StoredObject`] describes what it stores |
//! | react to uploads | [`ObjectEvents`], from [`LocalS3::events`] |
//! | run a user pool | [`LocalPoolBuilder`], [`LocalUser`] → [`LocalPool`]; [`UserTokens`] and [`SignInError`] are the results of a sign-in |
//! | make requests fail in tests | `FaultPlan` of the feature `faults`: lost answers, errors, delays |
//! | generate credentials | [`generate_credentials`] |
//! | stop a server | [`ShutdownOutcome`] |
//! | handle failures | [`LocalServerError`] |
//!
//! # Web pages and these servers
//!
//! Any web page that a browser on this machine shows can send requests to a server on 127.0.0.1. Both servers reject requests
//! whose `Host` header does not name this machine (421), so that a page cannot reach them by DNS rebinding. The S3 server reads
//! no body before it has verified the signature, and has one CORS configuration, which is empty by default. The user pool
//! answers pages of the allowed origins only.
//!
//! # What this crate is not
//!
//! It is not for production. It speaks plain HTTP on the loopback interface, has one set of S3 credentials, and its
//! user pool keeps no data across restarts. It does not implement all of S3: there are no versions, ACLs or copies, and the
//! locks of objects are stored and returned but not enforced. It signs no S3 requests.
//!
//! Neighbors: `upsign-core` defines [`Target`] and [`Credentials`], `upsign-documents` evaluates the CORS rules, and
//! `upsign-jwt` and `upsign-cognito` verify the tokens of the user pool. The command `upsign dev` runs both servers and a web page to try them.
//! For `cargo test`, `upsign-testing` starts the S3 server in one line and mints tokens without a server.

mod credentials;
mod error;
mod error_details;
mod hex;
mod host_check;
mod http_server;
mod pool;
mod s3;
mod store;

pub use credentials::generate_credentials;
pub use error::LocalServerError;
pub use http_server::ShutdownOutcome;
pub use pool::LocalPool;
pub use pool::builder::LocalPoolBuilder;
pub use pool::tokens::{SignInError, UserTokens};
pub use pool::users::LocalUser;
pub use s3::LocalS3;
pub use s3::builder::LocalS3Builder;
#[cfg(feature = "faults")]
pub use s3::faults::{Fault, FaultPlan, FaultyCall};
pub use store::notification::ObjectEvents;
pub use store::object::StoredObject;
#[doc(no_inline)]
pub use upsign::{Clock, SystemClock};
#[doc(no_inline)]
pub use upsign_core::{Bucket, Credentials, Endpoint, Region, Target, Timestamp};
#[doc(no_inline)]
pub use upsign_documents::CorsDocument;
#[doc(no_inline)]
pub use upsign_jwt::{Algorithm, ListClaim, ListForm, VerifierConfig};
