//! The signatures of a bucket, and the presigner that makes those of every route.

use std::sync::Arc;

use upsign::SigV4;
use upsign_core::{
    Credentials, CredentialsSource, PostPolicy, PresignError, PresignParts, PresignRequest, PresignedParts,
    PresignedPost, PresignedRequest, Presigner, Sign, SignPost, SignatureFamily, Timestamp, Unsupported,
    WithCredentials, async_trait,
};
use upsign_gcs::Goog4Hmac;

use crate::config::Config;

/// With which signatures requests to a bucket are signed.
///
/// TOML key: `signature` of `[bucket]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Signature {
    /// AWS's Signature Version 4.
    #[default]
    SigV4,
    /// Google Cloud Storage's own, with an HMAC key: its access id and secret take the place of those of AWS.
    Goog4Hmac,
    /// Google Cloud Storage's own, with the private key of a service account.
    Goog4Rsa,
}

impl Signature {
    /// Every kind, by its name in `upsign.toml`.
    pub(crate) const NAMES: [(&str, Self); 3] =
        [("sigv4", Self::SigV4), ("goog4-hmac", Self::Goog4Hmac), ("goog4-rsa", Self::Goog4Rsa)];

    /// Returns the name in `upsign.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SigV4 => "sigv4",
            Self::Goog4Hmac => "goog4-hmac",
            Self::Goog4Rsa => "goog4-rsa",
        }
    }

    /// Returns the family to which it belongs.
    #[must_use]
    pub const fn family(self) -> SignatureFamily {
        match self {
            Self::SigV4 => SignatureFamily::Aws,
            Self::Goog4Hmac | Self::Goog4Rsa => SignatureFamily::Google,
        }
    }
}

/// Signs each request with the signatures that its target requires: AWS's, or Google's with HMAC keys.
///
/// ```
/// use upsign_config::{Config, StoreSigner, initial_file};
/// use upsign_core::{Credentials, WithCredentials};
///
/// let config = Config::read("upsign.toml", initial_file(), |_| None)?;
/// let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let service = config.service(WithCredentials::new(StoreSigner::new(), credentials))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct StoreSigner {
    aws: SigV4,
    google: Goog4Hmac,
}

impl StoreSigner {
    /// Creates a signer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn of(&self, family: SignatureFamily) -> &dyn Sign {
        match family {
            SignatureFamily::Google => &self.google,
            _ => &self.aws,
        }
    }

    fn of_post(&self, family: SignatureFamily) -> &dyn SignPost {
        match family {
            SignatureFamily::Google => &self.google,
            _ => &self.aws,
        }
    }
}

impl Sign for StoreSigner {
    fn sign(
        &self,
        request: &PresignRequest,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        self.of(request.target().signature_family()).sign(request, credentials, at)
    }

    fn sign_parts(
        &self,
        parts: &PresignParts,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedParts, PresignError> {
        self.of(parts.target().signature_family()).sign_parts(parts, credentials, at)
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        self.of(request.target().signature_family()).check(request)
    }

    fn post_signer(&self) -> Option<&dyn SignPost> {
        Some(self)
    }
}

impl SignPost for StoreSigner {
    fn sign_post(
        &self,
        policy: &PostPolicy,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedPost, PresignError> {
        self.of_post(policy.target().signature_family()).sign_post(policy, credentials, at)
    }

    fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported> {
        self.of_post(policy.target().signature_family()).check_post(policy)
    }
}

/// The presigner of every route of a configuration; see [`Config::presigner`].
#[derive(Debug)]
pub struct StorePresigner<C> {
    keys: WithCredentials<StoreSigner, C>,
    service_account: Option<Arc<dyn Presigner>>,
}

/// A route has `signature = "goog4-rsa"`, and there is no service account to sign for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signature = \"goog4-rsa\" needs the key file of a service account")]
#[non_exhaustive]
pub struct MissingServiceAccount;

impl Config {
    /// Returns whether a route is signed with the key of a service account (`signature = "goog4-rsa"`).
    #[must_use]
    pub fn needs_service_account(&self) -> bool {
        self.has_signature(|signature| signature == Signature::Goog4Rsa)
    }

    /// Returns whether a route is signed with the credentials: with an access key of AWS or of another store, or with an HMAC key
    /// of Google Cloud Storage.
    #[must_use]
    pub fn needs_credentials(&self) -> bool {
        self.has_signature(|signature| signature != Signature::Goog4Rsa)
    }

    fn has_signature(&self, matches: impl Fn(Signature) -> bool) -> bool {
        self.routes().iter().any(|route| matches(route.store.signature))
    }

    /// Returns the presigner of every route: with the credentials of `source`, or, for routes with `signature = "goog4-rsa"`,
    /// with `service_account`, which usually is the `Goog4Rsa` of `upsign-gcs`.
    ///
    /// # Errors
    /// Returns [`MissingServiceAccount`] if a route needs a service account that was not loaded.
    pub fn presigner<C: CredentialsSource>(
        &self,
        source: C,
        service_account: Option<Arc<dyn Presigner>>,
    ) -> Result<StorePresigner<C>, MissingServiceAccount> {
        if self.needs_service_account() && service_account.is_none() {
            return Err(MissingServiceAccount);
        }
        let service_account = service_account.filter(|_| self.needs_service_account());
        Ok(StorePresigner { keys: WithCredentials::new(StoreSigner::new(), source), service_account })
    }
}

impl<C: CredentialsSource> StorePresigner<C> {
    /// Returns the presigner for a target. The routes of a configuration with Google's signatures have one kind of key.
    fn of(&self, family: SignatureFamily) -> &dyn Presigner {
        match (&self.service_account, family) {
            (Some(service_account), SignatureFamily::Google) => service_account,
            _ => &self.keys,
        }
    }
}

#[async_trait]
impl<C: CredentialsSource> Presigner for StorePresigner<C> {
    async fn presign(
        &self,
        request: &PresignRequest,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        self.of(request.target().signature_family()).presign(request, at).await
    }

    async fn presign_parts(
        &self,
        parts: &PresignParts,
        at: Timestamp,
    ) -> Result<PresignedParts, PresignError> {
        self.of(parts.target().signature_family()).presign_parts(parts, at).await
    }

    async fn presign_many(
        &self,
        requests: &[PresignRequest],
        at: Timestamp,
    ) -> Result<Vec<PresignedRequest>, PresignError> {
        let mut presigned = Vec::with_capacity(requests.len());
        // The requests of one route have one target, so this is one group.
        let family = |request: &PresignRequest| request.target().signature_family();
        for group in requests.chunk_by(|one, next| family(one) == family(next)) {
            if let Some(first) = group.first() {
                presigned.extend(self.of(family(first)).presign_many(group, at).await?);
            }
        }
        Ok(presigned)
    }

    async fn presign_post(&self, policy: &PostPolicy, at: Timestamp) -> Result<PresignedPost, PresignError> {
        self.of(policy.target().signature_family()).presign_post(policy, at).await
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        self.of(request.target().signature_family()).check(request)
    }

    fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported> {
        self.of(policy.target().signature_family()).check_post(policy)
    }
}
