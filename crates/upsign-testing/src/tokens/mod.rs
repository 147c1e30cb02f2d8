//! An issuer that mints tokens with any claims, for tests of applications and of verifiers.
//!
//! ```
//! use upsign_cognito::TokenUse;
//! use upsign_testing::tokens::TestIssuer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let issuer = TestIssuer::user_pool("us-east-1_TestPool");
//! let verifier = issuer.verifier("my-client-id", TokenUse::Access);
//!
//! let at = "2026-01-01T00:00:00Z".parse()?;
//! let token = issuer.access_token("alice", "my-client-id").groups(["editors"]).claim("custom:tenant", "acme").sign(at);
//! let claims = verifier.verify(&token, at).await?;
//! assert_eq!(claims.subject(), "alice");
//!
//! let later = issuer.access_token("alice", "my-client-id").expires_in(60).sign(at);
//! let error = verifier.verify(&later, "2026-01-01T00:05:00Z".parse()?).await.unwrap_err();
//! assert_eq!(error.code(), "expired");
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here uses the network. [`TestIssuer::jwks`] is the key set as a document, for a service that runs in another process
//! or reads it from a file; `upsign-local` has a user pool that serves one over HTTP and signs users in.

mod issuer;
mod key;
mod token;

pub use issuer::TestIssuer;
pub use token::TestToken;
#[doc(no_inline)]
pub use upsign_cognito::{Algorithm, TokenUse, Verifier, VerifierConfig};
