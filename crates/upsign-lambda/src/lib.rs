//! upsign on AWS Lambda: one handler for the events of API Gateway (REST v1 and HTTP v2), function URLs and load
//! balancers.
//!
//! ```no_run
//! use upsign_lambda::{UploadFunction, environment};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), upsign_lambda::Error> {
//!     // upsign.toml beside the binary, UPSIGN_… variables over it, credentials of the function's role.
//!     let start = environment::read()?;
//!     UploadFunction::behind_authorizer(start)?.run().await
//! }
//! ```
//!
//! Who has checked the caller is said by the constructor, never guessed from the event:
//! [`behind_authorizer`](UploadFunction::behind_authorizer) believes the claims of the gateway's authorizer,
//! [`verifying`](UploadFunction::verifying) checks the token itself.
//!
//! The API's own CORS is answered here for REST APIs, function URLs and load balancers; an HTTP API answers it itself.
//! Each request writes one line of metrics in CloudWatch's embedded format (`UPSIGN_METRICS=off` leaves it out): `Issued`,
//! `Rejected` by `Reason`, `SignMicros`, `CredentialsSeconds`.
//!
//! | feature | |
//! | --- | --- |
//! | `verify` | `UploadFunction::verifying_tokens`, which fetches the issuer's keys |
//! | `chain` | `environment::load`: a role to assume, or AWS's provider chain |
//!
//! Both bring a TLS client; without them a function has none.

mod credentials;
mod emf;
pub mod environment;
mod event;
mod function;
mod respond;

pub use function::{NotStarted, RoleSigner, UploadFunction};
pub use lambda_http::Error;
