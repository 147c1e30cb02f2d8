//! Embedded servers for development, demonstrations and tests: an S3 server that verifies signatures, and a user pool
//! that signs tokens.
//!
//! Both servers run inside the calling process, listen on 127.0.0.1, start in milliseconds and stop within a time
//! limit.
//!
//! - [`LocalS3`] verifies SigV4 query strings, `Authorization` headers and POST policies, evaluates the bucket's CORS
//!   rules, and stores objects in a directory. It implements the operations that an upload needs: PutObject, GetObject,
//!   HeadObject, DeleteObject, the POST form and multipart uploads. Other operations get 501. Errors carry the codes,
//!   messages and details that S3 sends. A rejected or interrupted upload stores nothing.
//! - [`LocalPool`] signs access tokens and ID tokens with the claims of Amazon Cognito (RS256). It generates its key
//!   when it starts and publishes the JWKS over HTTP.
//!
//! Both servers reject requests whose `Host` header does not name this machine (421), so that a web page cannot reach
//! them by DNS rebinding.
//!
//! ```
//! use upsign_local::{Bucket, Credentials, LocalS3};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = Credentials::long_term("LOCLEXAMPLE", "a-secret-of-this-run")?;
//! let bucket: Bucket = "article-images".parse()?;
//! let s3 = LocalS3::builder(credentials, "us-east-1".parse()?, bucket.clone()).start().await?;
//! let target = s3.target(bucket); // a presigner signs requests for this target
//! assert_eq!(target.endpoint_url(), s3.endpoint().to_string());
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
//! | run a user pool | [`LocalPoolBuilder`], [`LocalUser`] → [`LocalPool`]; [`UserTokens`] and [`SignInError`] are the results of a sign-in |
//! | generate credentials | [`generate_credentials`] |
//! | stop a server | [`ShutdownOutcome`] |
//! | handle failures | [`LocalServerError`] |
//!
//! # What this crate is not
//!
//! It is not for production. It speaks plain HTTP on the loopback interface, has one set of S3 credentials, and its
//! user pool keeps no data across restarts. It does not implement all of S3: there are no versions, ACLs, object lock,
//! copies or listings. It signs no S3 requests.
//!
//! Neighboring crates: `upsign-core` defines [`Target`] and [`Credentials`], `upsign-documents` evaluates the CORS rules, and `upsign-cognito`
//! verifies the tokens of the user pool. The command `upsign dev` runs both servers. For `cargo test`, `upsign-testing` starts
//! the S3 server in one line and mints tokens without a server.

mod credentials;
mod error;
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
pub use store::object::StoredObject;
#[doc(no_inline)]
pub use upsign::{Clock, SystemClock};
#[doc(no_inline)]
pub use upsign_core::{Bucket, Credentials, Endpoint, Region, Target, Timestamp};
#[doc(no_inline)]
pub use upsign_documents::CorsDocument;
