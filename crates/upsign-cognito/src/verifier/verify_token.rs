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
/// Use it as a bound or as `Arc<dyn VerifyToken>` in code that does not care how keys are fetched. An implementation of your
/// own can wrap a verifier, for example to also reject tokens that were revoked. It cannot invent claims: only a verifier
/// creates [`VerifiedClaims`].
#[async_trait]
pub trait VerifyToken: Debug + Send + Sync {
    /// Returns the claims of `token` if it is valid at the time `at`.
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
