//! The combination of a signer and a source of credentials.

use async_trait::async_trait;

use crate::credentials::Credentials;
use crate::error::{PresignError, Unsupported};
use crate::post::policy::PostPolicy;
use crate::post::presigned::PresignedPost;
use crate::request::PresignRequest;
use crate::request::parts::{PresignParts, PresignedParts};
use crate::request::presigned::PresignedRequest;
use crate::time::Timestamp;
use crate::traits::credentials::CredentialsSource;
use crate::traits::presigner::{Presigner, forms_unsupported};
use crate::traits::sign::Sign;

/// A [`Presigner`] made of a signer and a source of credentials.
///
/// For each request it loads the credentials, limits the lifetime of the request to theirs
/// ([`PresignRequest::limited_by`]), signs, and records how precise the resulting expiry is. For the parts of a multipart upload
/// and for several requests it loads them once.
///
/// If the source is a fixed set of [`Credentials`], nothing waits, and [`presign_now`](Self::presign_now) and
/// [`presign_post_now`](Self::presign_post_now) sign without an async runtime.
///
/// ```
/// # use upsign_core::{PresignError, PresignRequest, PresignedRequest, Sign, Timestamp, Unsupported};
/// # #[derive(Debug)]
/// # struct SigV4;
/// # impl SigV4 { fn new() -> Self { Self } }
/// # impl Sign for SigV4 {
/// #     fn sign(&self, request: &PresignRequest, _: &Credentials, at: Timestamp) -> Result<PresignedRequest, PresignError> {
/// #         Ok(PresignedRequest::new(request, String::new(), at))
/// #     }
/// #     fn check(&self, _: &PresignRequest) -> Result<(), Unsupported> { Ok(()) }
/// # }
/// use upsign_core::{Credentials, ExpiresIn, Expiry, ExpiryPrecision, Operation, Target, WithCredentials};
///
/// // `SigV4` is the signer of `upsign-sigv4`.
/// let ends = "2026-01-01T00:10:00Z".parse()?;
/// let credentials = Credentials::temporary("ASIAEXAMPLE", "secret", "session-token", Expiry::At(ends))?;
/// let presigner = WithCredentials::new(SigV4::new(), credentials);
///
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let request = PresignRequest::new(target, Operation::PutObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?);
/// let presigned = presigner.presign_now(&request, "2026-01-01T00:00:00Z".parse()?)?;
/// // The credentials end after 10 minutes, so the URL ends 30 seconds before them and not after its 15 minutes.
/// assert_eq!(presigned.expires_at.to_string(), "2026-01-01T00:09:30Z");
/// assert_eq!(presigned.expiry_precision, ExpiryPrecision::Exact);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct WithCredentials<S, C> {
    signer: S,
    source: C,
}

impl<S: Sign, C: CredentialsSource> WithCredentials<S, C> {
    /// Creates a presigner that signs with `signer` and the credentials of `source`.
    pub const fn new(signer: S, source: C) -> Self {
        Self { signer, source }
    }

    /// Returns the signer.
    #[must_use]
    pub const fn signer(&self) -> &S {
        &self.signer
    }

    /// Returns the source of credentials.
    #[must_use]
    pub const fn source(&self) -> &C {
        &self.source
    }
}

impl<S: Sign> WithCredentials<S, Credentials> {
    /// Returns the URL for `request`, valid from `at` on, without waiting.
    ///
    /// # Errors
    /// Returns the errors of [`Presigner::presign`], except those of loading credentials.
    pub fn presign_now(
        &self,
        request: &PresignRequest,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        sign_with(&self.signer, request, &self.source, at)
    }

    /// Returns the URLs for the parts of a multipart upload, valid from `at` on, without waiting.
    ///
    /// # Errors
    /// Returns the errors of [`Presigner::presign_parts`], except those of loading credentials.
    pub fn presign_parts_now(
        &self,
        parts: &PresignParts,
        at: Timestamp,
    ) -> Result<PresignedParts, PresignError> {
        sign_parts_with(&self.signer, parts, &self.source, at)
    }

    /// Returns the signed form for `policy`, valid from `at` on, without waiting.
    ///
    /// # Errors
    /// Returns the errors of [`Presigner::presign_post`], except those of loading credentials.
    pub fn presign_post_now(
        &self,
        policy: &PostPolicy,
        at: Timestamp,
    ) -> Result<PresignedPost, PresignError> {
        sign_post_with(&self.signer, policy, &self.source, at)
    }
}

#[async_trait]
impl<S: Sign, C: CredentialsSource> Presigner for WithCredentials<S, C> {
    async fn presign(
        &self,
        request: &PresignRequest,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        let credentials = self.source.credentials(at).await?;
        sign_with(&self.signer, request, &credentials, at)
    }

    /// Loads the credentials once, so that all URLs are signed with the same and expire at the same time.
    async fn presign_parts(
        &self,
        parts: &PresignParts,
        at: Timestamp,
    ) -> Result<PresignedParts, PresignError> {
        let credentials = self.source.credentials(at).await?;
        sign_parts_with(&self.signer, parts, &credentials, at)
    }

    /// Loads the credentials once, so that all URLs are signed with the same.
    async fn presign_many(
        &self,
        requests: &[PresignRequest],
        at: Timestamp,
    ) -> Result<Vec<PresignedRequest>, PresignError> {
        let credentials = self.source.credentials(at).await?;
        requests.iter().map(|request| sign_with(&self.signer, request, &credentials, at)).collect()
    }

    async fn presign_post(&self, policy: &PostPolicy, at: Timestamp) -> Result<PresignedPost, PresignError> {
        // Checked first so that a signer without form support fails even when the credentials cannot be loaded.
        if self.signer.post_signer().is_none() {
            return Err(forms_unsupported().into());
        }
        let credentials = self.source.credentials(at).await?;
        sign_post_with(&self.signer, policy, &credentials, at)
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        self.signer.check(request)
    }

    fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported> {
        self.signer.post_signer().ok_or_else(forms_unsupported)?.check_post(policy)
    }
}

fn sign_with<S: Sign>(
    signer: &S,
    request: &PresignRequest,
    credentials: &Credentials,
    at: Timestamp,
) -> Result<PresignedRequest, PresignError> {
    let request = request.limited_by(credentials, at)?;
    Ok(signer.sign(&request, credentials, at)?.with_precision_of(credentials))
}

fn sign_parts_with<S: Sign>(
    signer: &S,
    parts: &PresignParts,
    credentials: &Credentials,
    at: Timestamp,
) -> Result<PresignedParts, PresignError> {
    let parts = parts.limited_by(credentials, at)?;
    Ok(signer.sign_parts(&parts, credentials, at)?.with_precision_of(credentials))
}

fn sign_post_with<S: Sign>(
    signer: &S,
    policy: &PostPolicy,
    credentials: &Credentials,
    at: Timestamp,
) -> Result<PresignedPost, PresignError> {
    let signer = signer.post_signer().ok_or_else(forms_unsupported)?;
    let policy = policy.limited_by(credentials, at)?;
    Ok(signer.sign_post(&policy, credentials, at)?.with_precision_of(credentials))
}
