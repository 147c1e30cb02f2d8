//! The trait of everything that verifies tokens.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use upsign_core::Timestamp;

use crate::keys::fetch::FetchKeys;
use crate::token::verified_claims::VerifiedClaims;
use crate::verifier::several::Verifiers;
use crate::verifier::{Verifier, VerifyError};

/// Verifies tokens: a [`Verifier`] of one issuer, [`Verifiers`] of several, or a pointer to either.
///
/// An implementation of your own can wrap a verifier, for example to also reject users that were blocked. It cannot invent
/// claims: only a verifier creates [`VerifiedClaims`].
///
/// ```
/// use std::collections::HashSet;
/// use upsign_jwt::{
///     Rejection, Timestamp, TokenUse, TrustedIssuer, VerifiedClaims, Verifier, VerifierConfig, VerifyError, VerifyToken,
///     async_trait,
/// };
/// use upsign_testing::tokens::TestIssuer;
///
/// #[derive(Debug)]
/// struct WithoutBlockedUsers<V> {
///     verifier: V,
///     blocked: HashSet<String>,
/// }
///
/// #[async_trait]
/// impl<V: VerifyToken> VerifyToken for WithoutBlockedUsers<V> {
///     async fn verify(&self, token: &str, at: Timestamp) -> Result<VerifiedClaims, VerifyError> {
///         let claims = self.verifier.verify(token, at).await?;
///         let is_blocked = self.blocked.contains(claims.subject());
///         if is_blocked { Err(Rejection::Expired { at, seconds_ago: 0 }.into()) } else { Ok(claims) }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let issuer = TestIssuer::custom("https://id.example.com");
/// let trusted = TrustedIssuer::discover("https://id.example.com")?;
/// let config = VerifierConfig::oidc(trusted, ["upload-api"], TokenUse::Access)?;
/// let verifier = Verifier::new(config, issuer.clone());
/// let verifier = WithoutBlockedUsers { verifier, blocked: HashSet::from(["mallory".to_owned()]) };
/// let now = "2026-01-31T12:00:00Z".parse()?;
/// let token = |user| issuer.access_token(user, "web").claim("aud", "upload-api").sign(now);
/// assert!(verifier.verify(&token("alice"), now).await.is_ok());
/// assert_eq!(verifier.verify(&token("mallory"), now).await.unwrap_err().status(), 401);
/// # Ok(())
/// # }
/// ```
///
/// Use it as a bound or as `Arc<dyn VerifyToken>` in code that does not care how keys are fetched.
#[async_trait]
pub trait VerifyToken: Debug + Send + Sync {
    /// Returns the claims of `token` if it is valid at the time `at`.
    ///
    /// Implementations write `async fn verify(&self, token: &str, at: Timestamp) -> Result<VerifiedClaims, VerifyError>`.
    ///
    /// # Errors
    /// Returns [`VerifyError::Rejected`] if the token is not valid, and [`VerifyError::KeysUnavailable`] if that cannot be
    /// checked at the moment.
    async fn verify(&self, token: &str, at: Timestamp) -> Result<VerifiedClaims, VerifyError>;
}

#[async_trait]
impl<F: FetchKeys> VerifyToken for Verifier<F> {
    async fn verify(&self, token: &str, at: Timestamp) -> Result<VerifiedClaims, VerifyError> {
        // The inherent method, which takes precedence.
        Self::verify(self, token, at).await
    }
}

#[async_trait]
impl VerifyToken for Verifiers {
    async fn verify(&self, token: &str, at: Timestamp) -> Result<VerifiedClaims, VerifyError> {
        // The inherent method, which takes precedence.
        Self::verify(self, token, at).await
    }
}

/// Implements the trait for a pointer to `T` by forwarding to the value it points to.
macro_rules! forward_through {
    ($($pointer:ty),*) => {$(
        #[async_trait]
        impl<T: VerifyToken + ?Sized> VerifyToken for $pointer {
            async fn verify(&self, token: &str, at: Timestamp) -> Result<VerifiedClaims, VerifyError> {
                (**self).verify(token, at).await
            }
        }
    )*};
}

forward_through!(Arc<T>, Box<T>, &T);
