//! Embedded servers for development, demonstrations and tests: an S3 server that verifies signatures and a user pool
//! that signs tokens. Both listen on 127.0.0.1, start in milliseconds and stop within a limit.
//!
//! - [`LocalS3`] verifies SigV4 query strings, headers and POST forms (through `s3s`) and stores objects in a
//!   directory. It knows the calls an upload needs: PutObject, GetObject, HeadObject, DeleteObject, the POST form and
//!   the multipart calls; every other one is answered 501. A refused or broken-off upload leaves nothing behind. Each
//!   refusal carries the code, message and details that S3 gives, and the bucket's CORS rules are evaluated as S3 does.
//! - [`LocalPool`] signs Cognito-shaped access and id tokens (RS256) with a key made at each start and serves its JWKS
//!   over HTTP.
//!
//! Both refuse a `Host` that is not this machine (421), so that no page from elsewhere reaches them by DNS rebinding.
//!
//! ```
//! use upsign_core::Credentials;
//! use upsign_local::LocalS3;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = Credentials::long_term("LOCLEXAMPLE", "a-secret-of-this-run")?;
//! let bucket: upsign_core::Bucket = "article-images".parse()?;
//! let s3 = LocalS3::builder(credentials, "us-east-1".parse()?, bucket.clone()).start().await?;
//! let target = s3.target(bucket); // what presigners sign for
//! assert_eq!(target.endpoint_url(), s3.endpoint().to_string());
//! s3.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod credentials;
mod error;
mod host;
mod pool;
mod s3;
mod server;
mod store;

pub use credentials::fresh_credentials;
pub use error::StartError;
pub use pool::{LocalPool, LocalPoolBuilder, LocalUser, SignInError, Tokens};
pub use s3::{LocalS3, LocalS3Builder};
pub use server::Shutdown;
pub use store::StoredObject;

use std::sync::Arc;

use upsign_core::Timestamp;

/// A clock of the caller's: nothing here reads the time by itself.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
