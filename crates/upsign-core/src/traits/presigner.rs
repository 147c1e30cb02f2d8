//! Presigners, which have their own credentials and may wait.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::error::{PresignError, Unsupported};
use crate::post::policy::PostPolicy;
use crate::post::presigned::PresignedPost;
use crate::request::PresignRequest;
use crate::request::parts::{PresignParts, PresignedParts};
use crate::request::presigned::PresignedRequest;
use crate::time::Timestamp;

/// Presigns requests with its own credentials.
///
/// Most presigners are a [`WithCredentials`](crate::WithCredentials), which needs no implementation of this trait. Implement
/// it if another service signs:
///
/// ```
/// use upsign_core::{PresignError, PresignRequest, PresignedRequest, Presigner, Timestamp, Unsupported, async_trait};
///
/// #[derive(Debug)]
/// struct RemotePresigner;
/// # impl RemotePresigner {
/// #     async fn call(&self, request: &PresignRequest, _: Timestamp) -> Result<String, std::io::Error> {
/// #         Ok(format!("https://{}/{}?X-Amz-Signature=00", request.target().host(), request.key()))
/// #     }
/// # }
///
/// #[async_trait]
/// impl Presigner for RemotePresigner {
///     async fn presign(&self, request: &PresignRequest, at: Timestamp) -> Result<PresignedRequest, PresignError> {
///         self.check(request)?;
///         let url = self.call(request, at).await;
///         let url = url.map_err(|error| PresignError::Backend { backend: "signing service", source: error.into() })?;
///         Ok(PresignedRequest::new(request, url, at))
///     }
///
///     /// This service signs requests without additional query parameters.
///     fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
///         let is_supported = request.query().is_empty();
///         if is_supported { Ok(()) } else { Err(Unsupported::new("signing service", "query parameters")) }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use upsign_core::{ExpiresIn, Operation, Target};
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let request = PresignRequest::new(target, Operation::PutObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?);
/// let presigned = RemotePresigner.presign(&request, "2026-01-01T00:00:00Z".parse()?).await?;
/// assert_eq!(presigned.expires_at.to_string(), "2026-01-01T00:15:00Z");
/// # Ok(())
/// # }
/// ```
///
/// This is the trait that the upload service calls. Its methods are asynchronous because an implementation may have to
/// load credentials or call an SDK. A presigner of forms also implements [`presign_post`](Self::presign_post) and
/// [`check_post`](Self::check_post); by default both answer that forms are not supported.
///
/// `upsign-testing` has a conformance suite for implementations.
#[async_trait]
pub trait Presigner: Debug + Send + Sync {
    /// Returns the URL for `request`, valid from `at` on.
    ///
    /// Implementations write
    /// `async fn presign(&self, request: &PresignRequest, at: Timestamp) -> Result<PresignedRequest, PresignError>`.
    ///
    /// # Errors
    /// Returns an error if no credentials are available, if they expire too soon
    /// ([`PresignError::CredentialsTooShort`], [`PresignError::UnknownExpiry`]), or if the backend cannot bind every
    /// constraint of the request. A presigner never drops a constraint silently.
    async fn presign(
        &self,
        request: &PresignRequest,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError>;

    /// Returns the URLs for the parts of a multipart upload, valid from `at` on.
    ///
    /// The default implementation calls [`presign`](Presigner::presign) for each part, one after the other. A presigner that
    /// forwards to another one must forward this method too, or it loses the speed of that presigner. Implementations write
    /// `async fn presign_parts(&self, parts: &PresignParts, at: Timestamp) -> Result<PresignedParts, PresignError>`.
    ///
    /// # Errors
    /// Returns the error of the first part that cannot be signed.
    async fn presign_parts(
        &self,
        parts: &PresignParts,
        at: Timestamp,
    ) -> Result<PresignedParts, PresignError> {
        let mut presigned = PresignedParts::new(parts, at);
        for part in parts.parts() {
            let request = parts.request_to_sign(part)?;
            presigned.push_signed(part.number, self.presign(&request, at).await?);
        }
        Ok(presigned)
    }

    /// Returns the URLs for several requests, in their order and all valid from `at` on.
    ///
    /// The default implementation calls [`presign`](Presigner::presign) for each request, one after the other. A presigner that
    /// forwards to another one should forward this method too. Implementations write
    /// `async fn presign_many(&self, requests: &[PresignRequest], at: Timestamp) -> Result<Vec<PresignedRequest>, PresignError>`.
    ///
    /// # Errors
    /// Returns the error of the first request that cannot be signed, and no URL.
    async fn presign_many(
        &self,
        requests: &[PresignRequest],
        at: Timestamp,
    ) -> Result<Vec<PresignedRequest>, PresignError> {
        let mut presigned = Vec::with_capacity(requests.len());
        for request in requests {
            presigned.push(self.presign(request, at).await?);
        }
        Ok(presigned)
    }

    /// Returns the signed form for `policy`, valid from `at` on.
    ///
    /// Implementations write
    /// `async fn presign_post(&self, policy: &PostPolicy, at: Timestamp) -> Result<PresignedPost, PresignError>`.
    ///
    /// # Errors
    /// Fails under the same conditions as [`presign`](Presigner::presign). The default implementation always returns
    /// [`PresignError::Unsupported`].
    async fn presign_post(&self, policy: &PostPolicy, at: Timestamp) -> Result<PresignedPost, PresignError> {
        let _ = (policy, at);
        Err(forms_unsupported().into())
    }

    /// Checks whether [`presign`](Presigner::presign) supports requests like this one, without signing anything.
    ///
    /// The service calls this when it is built, so that an unsupported configuration fails at startup and not at the
    /// first upload.
    ///
    /// # Errors
    /// Returns [`Unsupported`], which names the first feature that the presigner does not support.
    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported>;

    /// Checks whether [`presign_post`](Presigner::presign_post) supports a policy like this one.
    ///
    /// # Errors
    /// Returns [`Unsupported`], which names the feature that the presigner does not support. The default implementation
    /// always returns an error.
    fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported> {
        let _ = policy;
        Err(forms_unsupported())
    }
}

pub(super) fn forms_unsupported() -> Unsupported {
    Unsupported::new("this presigner", "browser forms (POST policies)")
}
