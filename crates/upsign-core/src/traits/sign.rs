//! Signers, which receive the credentials from their caller and never wait.

use std::fmt::Debug;

use crate::credentials::Credentials;
use crate::error::{PresignError, Unsupported};
use crate::post::policy::PostPolicy;
use crate::post::presigned::PresignedPost;
use crate::request::PresignRequest;
use crate::request::parts::{PresignParts, PresignedParts};
use crate::request::presigned::PresignedRequest;
use crate::time::Timestamp;

/// Signs presigned URLs with credentials that the caller supplies.
///
/// ```
/// use upsign_core::{Credentials, PresignError, PresignRequest, PresignedRequest, Sign, Timestamp, Unsupported};
///
/// /// Signs for a test server that checks no signatures.
/// #[derive(Debug)]
/// struct Unsigned;
///
/// impl Sign for Unsigned {
///     fn sign(
///         &self,
///         request: &PresignRequest,
///         _credentials: &Credentials,
///         at: Timestamp,
///     ) -> Result<PresignedRequest, PresignError> {
///         self.check(request)?;
///         let url = format!("http://127.0.0.1:9000/{}?X-Amz-Signature=none", request.key());
///         Ok(PresignedRequest::new(request, url, at))
///     }
///
///     fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
///         let is_supported = request.query().is_empty();
///         if is_supported { Ok(()) } else { Err(Unsupported::new("unsigned", "query parameters")) }
///     }
/// }
/// # use upsign_core::{ExpiresIn, Operation, Target, WithCredentials};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let request = PresignRequest::new(target, Operation::PutObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?);
/// let credentials = Credentials::long_term("AKIDEXAMPLE", "secret")?;
/// let presigner = WithCredentials::new(Unsigned, credentials);
/// assert!(presigner.presign_now(&request, "2026-01-01T00:00:00Z".parse()?).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `SigV4` of `upsign-sigv4` is the implementation for AWS and compatible stores.
///
/// An implementation is a pure function: it performs no I/O, and the same arguments produce the same bytes. Combine it
/// with a [`CredentialsSource`](crate::CredentialsSource) by [`WithCredentials`](crate::WithCredentials).
pub trait Sign: Debug + Send + Sync {
    /// Returns the URL for `request`, valid from `at` on.
    ///
    /// # Errors
    /// Returns [`PresignError::Unsupported`] if the signer cannot bind every constraint of the request. A signer never
    /// returns a URL that binds less than requested.
    fn sign(
        &self,
        request: &PresignRequest,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError>;

    /// Returns the URLs for the parts of a multipart upload, valid from `at` on.
    ///
    /// The URLs are those of [`sign`](Sign::sign) for each [`PresignParts::request`]. The default implementation calls it for
    /// each; a signer can override this method to hash the text that the URLs have in common once.
    ///
    /// # Errors
    /// Returns the error of the first part that cannot be signed.
    fn sign_parts(
        &self,
        parts: &PresignParts,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedParts, PresignError> {
        let mut presigned = PresignedParts::new(parts, at);
        for part in parts.parts() {
            let request = parts.request_to_sign(part)?;
            presigned.push_signed(part.number, self.sign(&request, credentials, at)?);
        }
        Ok(presigned)
    }

    /// Checks whether [`sign`](Sign::sign) supports requests like this one, without signing anything.
    ///
    /// # Errors
    /// Returns [`Unsupported`], which names the first feature that the signer does not support.
    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported>;

    /// Returns this signer as a signer of browser forms, or `None`, the default, if it does not sign forms.
    ///
    /// [`WithCredentials`](crate::WithCredentials) uses it to implement
    /// [`Presigner::presign_post`](crate::Presigner::presign_post).
    fn post_signer(&self) -> Option<&dyn SignPost> {
        None
    }
}

/// Signs browser forms with credentials that the caller supplies.
///
/// An implementation is a pure function: it performs no I/O, and the same arguments produce the same bytes.
///
/// [`PostPolicy::to_unsigned`] builds the form and the document to sign, so an implementation computes one signature:
///
/// ```
/// use upsign_core::{
///     Credentials, PostPolicy, PostSigningFields, PresignError, PresignedPost, SignPost, Timestamp, Unsupported,
/// };
///
/// /// Signs for a test server that checks no signatures.
/// #[derive(Debug)]
/// struct Unsigned;
///
/// impl SignPost for Unsigned {
///     fn sign_post(
///         &self,
///         policy: &PostPolicy,
///         credentials: &Credentials,
///         at: Timestamp,
///     ) -> Result<PresignedPost, PresignError> {
///         let fields = PostSigningFields {
///             algorithm: "AWS4-HMAC-SHA256",
///             credential: "AKIDEXAMPLE/20260101/ap-southeast-1/s3/aws4_request",
///             date: "20260101T000000Z",
///             security_token: credentials.session_token(),
///         };
///         let form = policy.to_unsigned(&fields, at);
///         // A real signer encodes `form.document()` in base64 and signs that.
///         Ok(form.into_signed("e30=", "none"))
///     }
///
///     fn check_post(&self, _policy: &PostPolicy) -> Result<(), Unsupported> {
///         Ok(())
///     }
/// }
/// ```
pub trait SignPost: Debug + Send + Sync {
    /// Returns the signed form for `policy`, valid from `at` on.
    ///
    /// # Errors
    /// Returns [`PresignError::Unsupported`] if the signer cannot sign forms for the policy's target.
    fn sign_post(
        &self,
        policy: &PostPolicy,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedPost, PresignError>;

    /// Checks whether [`sign_post`](SignPost::sign_post) supports a policy like this one, without signing anything.
    ///
    /// # Errors
    /// Returns [`Unsupported`], which names the feature that the signer does not support.
    fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported>;
}
