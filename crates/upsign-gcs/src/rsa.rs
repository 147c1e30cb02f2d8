//! Signatures with the RSA key of a service account.

use upsign_core::{
    PostPolicy, PresignError, PresignRequest, PresignedPost, PresignedRequest, Presigner, Timestamp,
    Unsupported, async_trait,
};

use crate::canonical::{BACKEND, Signing, check, check_post};
use crate::service_account::ServiceAccountKey;

const ALGORITHM: &str = "GOOG4-RSA-SHA256";

/// Signs requests to Google Cloud Storage with the private key of a service account, by `GOOG4-RSA-SHA256`.
///
/// The key takes the place of credentials, so this is a [`Presigner`] by itself; nothing waits. The account needs the
/// permission that the signed request would need, such as `storage.objects.create`.
///
/// Source: <https://cloud.google.com/storage/docs/access-control/signed-urls>.
///
/// ```no_run
/// use upsign_gcs::types::Addressing;
/// use upsign_gcs::{ExpiresIn, Goog4Rsa, Operation, PresignRequest, ServiceAccountKey, Target};
///
/// let key = ServiceAccountKey::from_json(&std::fs::read_to_string("service-account.json")?)?;
/// let presigner = Goog4Rsa::new(key);
/// let endpoint = "https://storage.googleapis.com".parse()?;
/// let target = Target::at(&endpoint, Addressing::VirtualHosted, "article-images".parse()?, "auto".parse()?)?;
/// let request = PresignRequest::new(target, Operation::PutObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?);
/// let presigned = presigner.presign_now(&request, "2026-01-01T00:00:00Z".parse()?)?;
/// assert!(presigned.url.expose().contains("?X-Goog-Algorithm=GOOG4-RSA-SHA256&"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Goog4Rsa {
    key: ServiceAccountKey,
}

impl Goog4Rsa {
    /// Creates a presigner that signs with this key.
    #[must_use]
    pub const fn new(key: ServiceAccountKey) -> Self {
        Self { key }
    }

    /// Returns the key.
    #[must_use]
    pub const fn key(&self) -> &ServiceAccountKey {
        &self.key
    }

    /// Returns the URL for `request`, valid from `at` on, without waiting.
    ///
    /// # Errors
    /// Returns [`PresignError::Unsupported`] if the store does not accept such a request with a presigned URL.
    pub fn presign_now(
        &self,
        request: &PresignRequest,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        self.signing(at).request(request, |to_sign| self.signature(to_sign))
    }

    /// Returns the signed form for `policy`, valid from `at` on, without waiting.
    ///
    /// # Errors
    /// Returns [`PresignError::Unsupported`] if the store does not accept such a form.
    pub fn presign_post_now(
        &self,
        policy: &PostPolicy,
        at: Timestamp,
    ) -> Result<PresignedPost, PresignError> {
        self.signing(at).post(policy, |to_sign| self.signature(to_sign))
    }

    fn signing(&self, at: Timestamp) -> Signing<'_> {
        Signing { algorithm: ALGORITHM, account: self.key.client_email(), at }
    }

    fn signature(&self, to_sign: &str) -> Result<String, PresignError> {
        let failed = |error: aws_lc_rs::error::Unspecified| PresignError::Backend {
            backend: BACKEND,
            source: error.into(),
        };
        self.key.sign(to_sign).map_err(failed)
    }
}

#[async_trait]
impl Presigner for Goog4Rsa {
    async fn presign(
        &self,
        request: &PresignRequest,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        self.presign_now(request, at)
    }

    async fn presign_post(&self, policy: &PostPolicy, at: Timestamp) -> Result<PresignedPost, PresignError> {
        self.presign_post_now(policy, at)
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        check(request)
    }

    fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported> {
        check_post(policy)
    }
}
