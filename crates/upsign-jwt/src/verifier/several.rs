//! Verification of tokens of several issuers.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use upsign_core::{IssuerName, Timestamp};

use crate::config::verifier::VerifierConfig;
use crate::excerpt::Excerpt;
use crate::keys::fetch::FetchKeys;
use crate::keys::status::KeySetStatus;
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
/// Cheap to clone. [`warm`](Self::warm) and [`key_status`](Self::key_status) are for all key sets; an observer, a token cache or
/// other keys are set on each [`Verifier`] before it is added.
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
    /// The index in `verifiers` of the verifier of each accepted `iss`. A user pool has two values of `iss`, and one verifier.
    by_issuer: Arc<HashMap<Box<str>, usize>>,
    verifiers: Arc<[Arc<dyn OneIssuer>]>,
    /// The preferred name of each issuer, for messages.
    trusted: Arc<[Box<str>]>,
}

/// A verifier with any fetcher.
#[async_trait]
trait OneIssuer: VerifyToken {
    fn config(&self) -> &VerifierConfig;

    fn key_status(&self, at: Timestamp) -> KeySetStatus;

    /// Fetches the key set. The status shows whether that succeeded.
    async fn warm(&self, at: Timestamp);
}

#[async_trait]
impl<F: FetchKeys> OneIssuer for Verifier<F> {
    fn config(&self) -> &VerifierConfig {
        Self::config(self)
    }

    fn key_status(&self, at: Timestamp) -> KeySetStatus {
        self.jwks().status(at)
    }

    async fn warm(&self, at: Timestamp) {
        drop(self.jwks().warm(at).await);
    }
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
    /// Two issuers have the same [name](VerifierConfig::with_issuer_name), so that keys which contain it would not keep their
    /// callers apart.
    #[error("two issuers have the name {name}, expected another name for each issuer")]
    DuplicateName {
        /// The name.
        name: IssuerName,
    },
}

impl Verifiers {
    /// Creates a verifier of the tokens of every issuer that one of `verifiers` trusts.
    ///
    /// # Errors
    /// Returns [`InvalidVerifiers`] if there is no verifier, or two verifiers trust the same issuer or have the same issuer name.
    pub fn new<F: FetchKeys>(
        verifiers: impl IntoIterator<Item = Verifier<F>>,
    ) -> Result<Self, InvalidVerifiers> {
        let none = Self { by_issuer: Arc::default(), verifiers: Arc::default(), trusted: Arc::default() };
        let all = verifiers.into_iter().try_fold(none, Self::with)?;
        if all.verifiers.is_empty() { Err(InvalidVerifiers::Empty) } else { Ok(all) }
    }

    /// Adds a verifier, which may fetch its keys in another way than the others.
    ///
    /// # Errors
    /// Returns [`InvalidVerifiers::DuplicateIssuer`] if another verifier trusts the same issuer, and
    /// [`InvalidVerifiers::DuplicateName`] if its issuer has the same name.
    pub fn with<F: FetchKeys>(mut self, verifier: Verifier<F>) -> Result<Self, InvalidVerifiers> {
        let config = verifier.config();
        if let Some(name) = config.issuer_name()
            && self.configs().any(|other| other.issuer_name() == Some(name))
        {
            return Err(InvalidVerifiers::DuplicateName { name: name.clone() });
        }
        let by_issuer = Arc::make_mut(&mut self.by_issuer);
        for name in config.issuer().names() {
            match by_issuer.entry(name.into()) {
                Entry::Vacant(vacant) => vacant.insert(self.verifiers.len()),
                Entry::Occupied(_) => return Err(InvalidVerifiers::DuplicateIssuer { issuer: name.into() }),
            };
        }
        let preferred: Box<str> = config.issuer().preferred_name().into();
        let added: Arc<dyn OneIssuer> = Arc::new(verifier);
        self.trusted = self.trusted.iter().cloned().chain([preferred]).collect();
        self.verifiers = self.verifiers.iter().cloned().chain([added]).collect();
        Ok(self)
    }

    /// Returns every accepted value of `iss`, sorted.
    #[must_use]
    pub fn issuers(&self) -> Vec<&str> {
        let mut issuers: Vec<&str> = self.by_issuer.keys().map(AsRef::as_ref).collect();
        issuers.sort_unstable();
        issuers
    }

    /// Returns the requirements of each issuer's tokens, in the order in which the verifiers were added.
    #[must_use]
    pub fn configs(&self) -> impl ExactSizeIterator<Item = &VerifierConfig> + Clone {
        self.verifiers.iter().map(|verifier| verifier.config())
    }

    /// Returns the state of each issuer's key set at the time `at`, in the order in which the verifiers were added. It never
    /// waits and never starts a fetch.
    ///
    /// A service is ready to serve every caller if all of them are [usable](KeySetStatus::is_usable). If only some are, the callers
    /// of the other issuers get 503.
    #[must_use]
    pub fn key_status(&self, at: Timestamp) -> Vec<KeySetStatus> {
        self.verifiers.iter().map(|verifier| verifier.key_status(at)).collect()
    }

    /// Fetches the key set of every issuer whose cached one is not fresh, all at the same time, waits for all of them, and
    /// returns their states. Call it at startup, so that no caller waits.
    ///
    /// The keys of an issuer that cannot be reached are fetched again when one of its callers needs them.
    ///
    /// ```
    /// # use upsign_jwt::{TokenUse, TrustedIssuer, Verifier, VerifierConfig, Verifiers};
    /// # use upsign_testing::tokens::TestIssuer;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let verifier = |name: &str| {
    /// #     let config = VerifierConfig::oidc(TrustedIssuer::discover(name).unwrap(), ["api"], TokenUse::Access).unwrap();
    /// #     Verifier::new(config, TestIssuer::custom(name))
    /// # };
    /// # let (staff, customers) = (verifier("https://staff.example.com"), verifier("https://customers.example.com"));
    /// let verifiers = Verifiers::new([staff, customers])?;
    /// for status in verifiers.warm("2026-01-31T12:00:00Z".parse()?).await {
    ///     if let Some(error) = status.error() {
    ///         eprintln!("jwks fetch failed issuer={} error={}", status.issuer, upsign_core::error_chain(&error));
    ///     }
    /// }
    /// # assert!(verifiers.key_status("2026-01-31T12:00:00Z".parse()?).iter().all(|status| status.is_usable));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn warm(&self, at: Timestamp) -> Vec<KeySetStatus> {
        join_all(self.verifiers.iter().map(|verifier| verifier.warm(at))).await;
        self.key_status(at)
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
        // The verifier of the issuer applies its own maximum, which can be lower.
        let max_bytes = self.configs().map(VerifierConfig::max_token_bytes).max().unwrap_or_default();
        let issuer = claimed_issuer(token, max_bytes)?;
        let verifier = self.by_issuer.get(&issuer).and_then(|index| self.verifiers.get(*index));
        let Some(verifier) = verifier else {
            let (found, trusted) = (Excerpt::new(&issuer), Arc::clone(&self.trusted));
            return Err(Rejection::UnknownIssuer { found, trusted }.into());
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
