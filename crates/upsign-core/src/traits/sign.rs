//! Signers, which receive the credentials from their caller and never wait.

use std::fmt::Debug;

use crate::credentials::Credentials;
use crate::error::{PresignError, Unsupported};
use crate::post::policy::PostPolicy;
use crate::post::presigned::PresignedPost;
use crate::request::PresignRequest;
use crate::request::presigned::PresignedRequest;
use crate::time::Timestamp;

/// Signs presigned URLs with credentials that the caller supplies.
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
