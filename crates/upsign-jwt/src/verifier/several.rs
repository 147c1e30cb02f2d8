//! Verification of tokens of several issuers.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use upsign_core::Timestamp;

use crate::excerpt::Excerpt;
use crate::keys::fetch::FetchKeys;
use crate::rejection::Rejection;
use crate::token::jws::claimed_issuer;
use crate::token::verified_claims::VerifiedClaims;
use crate::verifier::verify_token::VerifyToken;
use crate::verifier::{Verifier, VerifyError};

/// Verifies tokens of several issuers, each with its own [`Verifier`]: for example a user pool for customers and one for
/// staff, or one for each tenant.
///
/// The `iss` that a token claims only selects the verifier. Before the signature is checked, anyone can write any
/// `iss` into a token, so nothing else follows from it: the selected verifier checks the token as if it were the only one, with
/// its own keys and requirements, and the claims that it returns name the issuer that was verified. Issuers share no keys,
/// client ids or caches, even if they use equal key ids.
///
/// Cheap to clone. Keep a clone of each [`Verifier`] to warm or to monitor its key set.
///
/// ```
/// use upsign_jwt::{TokenUse, TrustedIssuer, Verifier, VerifierConfig, Verifiers};
/// use upsign_testing::tokens::TestIssuer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let customers = VerifierConfig::oidc(TrustedIssuer::discover("https://customers.example.com")?, ["upload-api"], TokenUse::Access)?;
/// let staff = VerifierConfig::oidc(TrustedIssuer::discover("https://staff.example.com")?, ["upload-api"], TokenUse::Access)?
///     .with_required_groups(["editors"])?;
/// // In production, both fetch their keys with `HttpFetch::new()` (feature `fetch`).
/// let (customers_issuer, staff_issuer) =
///     (TestIssuer::custom("https://customers.example.com"), TestIssuer::custom("https://staff.example.com"));
/// let verifiers = Verifiers::new([
///     Verifier::new(customers, customers_issuer.clone()),
///     Verifier::new(staff, staff_issuer.clone()),
/// ])?;
///
/// let now = "2026-01-31T12:00:00Z".parse()?;
/// let customer = customers_issuer.access_token("alice", "shop").claim("aud", "upload-api").sign(now);
/// assert_eq!(verifiers.verify(&customer, now).await?.subject(), "alice");
/// let trainee = staff_issuer.access_token("bob", "office").claim("aud", "upload-api").sign(now);
/// let error = verifiers.verify(&trainee, now).await.unwrap_err();
/// assert!(error.to_string().starts_with("the caller is in none of the required groups"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Verifiers {
    /// Each accepted `iss` with its verifier. A user pool has two values of `iss`, which share one verifier.
    by_issuer: Arc<HashMap<Box<str>, Arc<dyn VerifyToken>>>,
    verifiers: usize,
}

/// The reason [`Verifiers`] cannot be created.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidVerifiers {
    /// There is no verifier, so every token would be rejected.
    #[error("at least one verifier is required")]
    Empty,
    /// Two verifiers trust the same issuer, and only one of them could decide. One verifier can accept several client ids.
    #[error("two verifiers trust the issuer {issuer}, expected one for each issuer")]
    DuplicateIssuer {
        /// The issuer.
        issuer: Box<str>,
    },
}

impl Verifiers {
    /// Creates a verifier of the tokens of every issuer that one of `verifiers` trusts.
    ///
    /// # Errors
    /// Returns [`InvalidVerifiers`] if there is no verifier, or two verifiers trust the same issuer.
    pub fn new<F: FetchKeys>(
        verifiers: impl IntoIterator<Item = Verifier<F>>,
    ) -> Result<Self, InvalidVerifiers> {
        let none = Self { by_issuer: Arc::default(), verifiers: 0 };
        let all = verifiers.into_iter().try_fold(none, Self::with)?;
        if all.by_issuer.is_empty() { Err(InvalidVerifiers::Empty) } else { Ok(all) }
    }

    /// Adds a verifier, which may fetch its keys in another way than the others.
    ///
    /// # Errors
    /// Returns [`InvalidVerifiers::DuplicateIssuer`] if another verifier trusts the same issuer.
    pub fn with<F: FetchKeys>(mut self, verifier: Verifier<F>) -> Result<Self, InvalidVerifiers> {
        let issuer = verifier.config().issuer().clone();
        let verifier: Arc<dyn VerifyToken> = Arc::new(verifier);
        let by_issuer = Arc::make_mut(&mut self.by_issuer);
        for name in issuer.names() {
            match by_issuer.entry(name.into()) {
                Entry::Vacant(vacant) => vacant.insert(Arc::clone(&verifier)),
                Entry::Occupied(_) => return Err(InvalidVerifiers::DuplicateIssuer { issuer: name.into() }),
            };
        }
        self.verifiers = self.verifiers.saturating_add(1);
        Ok(self)
    }

    /// Returns every accepted value of `iss`, sorted.
    #[must_use]
    pub fn issuers(&self) -> Vec<&str> {
        let mut issuers: Vec<&str> = self.by_issuer.keys().map(AsRef::as_ref).collect();
        issuers.sort_unstable();
        issuers
    }

    /// Returns the claims of `token` if the verifier of its issuer accepts it at the time `at`.
    ///
    /// Unlike [`Verifier::verify`], this reads the payload before the signature is checked, within the same limits and with the
    /// same strict reader. The verifier then reads it again.
    ///
    /// # Errors
    /// Returns [`Rejection::UnknownIssuer`] if no verifier trusts the issuer that the token names, [`Rejection::ByIssuer`] with
    /// the reason if the verifier of that issuer rejects it, and otherwise what [`Verifier::verify`] returns.
    pub async fn verify(&self, token: &str, at: Timestamp) -> Result<VerifiedClaims, VerifyError> {
        let issuer = claimed_issuer(token)?;
        let Some(verifier) = self.by_issuer.get(&issuer) else {
            let found = Excerpt::new(&issuer);
            return Err(Rejection::UnknownIssuer { found, trusted: self.verifiers }.into());
        };
        verifier.verify(token, at).await.map_err(|error| match error {
            VerifyError::Rejected(rejection) => {
                // The text equals a configured issuer.
                Rejection::ByIssuer { issuer, rejection: Box::new(rejection) }.into()
            }
            unavailable @ VerifyError::KeysUnavailable { .. } => unavailable,
        })
    }
}
