//! Suites that every implementation of a trait must pass.
//!
//! | trait | suite |
//! | --- | --- |
//! | [`Presigner`](upsign_core::Presigner) | [`check_presigner`] |
//! | [`CredentialsSource`](upsign_core::CredentialsSource) | [`check_credentials_source`] |
//! | [`QuotaStore`](upsign::quota::QuotaStore) | [`check_quota_store`] |
//!
//! Each suite panics at the first difference, with the expected value. An implementation need not support everything that its
//! trait can express: it must say so, and must never do only a part of a request.
//!
//! ```
//! use upsign_testing::conformance::check_presigner;
//! # use upsign_core::{Credentials, WithCredentials};
//! # use upsign_sigv4::SigV4;
//! # struct MyPresigner;
//! # impl MyPresigner {
//! #     fn new(credentials: Credentials) -> WithCredentials<SigV4, Credentials> {
//! #         SigV4::new().with_credentials(credentials)
//! #     }
//! # }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! // In a test with `#[tokio::test]`:
//! check_presigner(&|credentials| Box::new(MyPresigner::new(credentials))).await;
//! # }
//! ```
//!
//! [`CredentialsFixture`] has an example for sources of credentials.
//!
//! Suites for further traits are further modules of this folder: one for each trait, with one
//! function `check_…` that receives what creates the implementation under test.

mod credentials;
mod presigner;
mod quota;

pub use credentials::{CredentialsFixture, check_credentials_source};
pub use presigner::{MakePresigner, check_presigner};
pub use quota::check_quota_store;
