//! Suites that every implementation of a trait must pass.
//!
//! | trait | suite |
//! | --- | --- |
//! | [`Presigner`](upsign_core::Presigner) | [`check_presigner`] |
//! | [`CredentialsSource`](upsign_core::CredentialsSource) | [`check_credentials_source`] |
//!
//! Each suite panics at the first difference, with the expected value. An implementation need not support everything that its
//! trait can express: it must say so, and must never do only a part of what it was asked to do.
//!
//! ```no_run
//! # use upsign_core::{Credentials, Presigner};
//! # fn my_presigner(_: Credentials) -> Box<dyn Presigner> { unimplemented!() }
//! #[tokio::test]
//! async fn my_presigner_conforms() {
//!     upsign_testing::conformance::check_presigner(&my_presigner).await;
//! }
//! # fn main() {}
//! ```
//!
//! Suites for further traits, such as stores for quotas, are further modules of this folder: one for each trait, with one
//! function `check_…` that receives what creates the implementation under test.

mod credentials;
mod presigner;

pub use credentials::{CredentialsFixture, check_credentials_source};
pub use presigner::{MakePresigner, check_presigner};
