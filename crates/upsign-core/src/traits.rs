//! The extension points: signers, presigners and credentials sources.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::credentials::Credentials;
use crate::error::{CredentialsError, PresignError, Unsupported};
use crate::post::policy::PostPolicy;
use crate::post::presigned::PresignedPost;
use crate::request::PresignRequest;
use crate::request::presigned::PresignedRequest;
use crate::time::Timestamp;

/// Signs presigned URLs with credentials that the caller supplies.
///
/// An implementation is a pure function: it performs no I/O, and the same arguments produce the same bytes. Combine it
/// with a [`CredentialsSource`] by [`WithCredentials`].
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
    /// [`WithCredentials`] uses it to implement [`Presigner::presign_post`].
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

/// Presigns requests with its own credentials.
///
/// This is the trait that the upload service calls. Its methods are asynchronous because an implementation may have to
/// load credentials or call an SDK. Most implementations are a [`WithCredentials`].
#[async_trait]
pub trait Presigner: Debug + Send + Sync {
    /// Returns the URL for `request`, valid from `at` on.
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

    /// Returns the signed form for `policy`, valid from `at` on.
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

fn forms_unsupported() -> Unsupported {
    Unsupported::new("this presigner", "browser forms (POST policies)")
}

/// Supplies the current AWS credentials.
///
/// [`Credentials`] themselves implement this trait as a source that always returns the same set.
#[async_trait]
pub trait CredentialsSource: Debug + Send + Sync {
    /// Returns the credentials to sign with at `at`, loading or refreshing them if necessary.
    ///
    /// # Errors
    /// Returns [`CredentialsError::Missing`] if no credentials are configured, and [`CredentialsError::Load`] if the
    /// configured source fails.
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError>;
}

/// A [`Presigner`] made of a signer and a source of credentials.
///
/// For each request it loads the credentials, limits the lifetime of the request to theirs
/// ([`PresignRequest::limited_by`]), signs, and records how precise the resulting expiry is.
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
}

#[async_trait]
impl<S: Sign, C: CredentialsSource> Presigner for WithCredentials<S, C> {
    async fn presign(
        &self,
        request: &PresignRequest,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        let credentials = self.source.credentials(at).await?;
        let request = request.limited_by(&credentials, at)?;
        Ok(self.signer.sign(&request, &credentials, at)?.with_precision_of(&credentials))
    }

    async fn presign_post(&self, policy: &PostPolicy, at: Timestamp) -> Result<PresignedPost, PresignError> {
        // Checked first so that a signer without form support fails even when the credentials cannot be loaded.
        if self.signer.post_signer().is_none() {
            return Err(forms_unsupported().into());
        }
        let credentials = self.source.credentials(at).await?;
        let post_signer = self.signer.post_signer().ok_or_else(forms_unsupported)?;
        let policy = policy.limited_by(&credentials, at)?;
        Ok(post_signer.sign_post(&policy, &credentials, at)?.with_precision_of(&credentials))
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        self.signer.check(request)
    }

    fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported> {
        self.signer.post_signer().ok_or_else(forms_unsupported)?.check_post(policy)
    }
}

#[async_trait]
impl CredentialsSource for Credentials {
    async fn credentials(&self, _at: Timestamp) -> Result<Credentials, CredentialsError> {
        Ok(self.clone())
    }
}

/// Implements every trait for a smart pointer by forwarding to the value it points to.
macro_rules! forward_through {
    ($($pointer:ident),*) => {$(
        impl<T: Sign + ?Sized> Sign for $pointer<T> {
            fn sign(
                &self,
                request: &PresignRequest,
                credentials: &Credentials,
                at: Timestamp,
            ) -> Result<PresignedRequest, PresignError> {
                (**self).sign(request, credentials, at)
            }

            fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
                (**self).check(request)
            }

            fn post_signer(&self) -> Option<&dyn SignPost> {
                (**self).post_signer()
            }
        }

        impl<T: SignPost + ?Sized> SignPost for $pointer<T> {
            fn sign_post(
                &self,
                policy: &PostPolicy,
                credentials: &Credentials,
                at: Timestamp,
            ) -> Result<PresignedPost, PresignError> {
                (**self).sign_post(policy, credentials, at)
            }

            fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported> {
                (**self).check_post(policy)
            }
        }

        #[async_trait]
        impl<T: Presigner + ?Sized> Presigner for $pointer<T> {
            async fn presign(
                &self,
                request: &PresignRequest,
                at: Timestamp,
            ) -> Result<PresignedRequest, PresignError> {
                (**self).presign(request, at).await
            }

            async fn presign_post(
                &self,
                policy: &PostPolicy,
                at: Timestamp,
            ) -> Result<PresignedPost, PresignError> {
                (**self).presign_post(policy, at).await
            }

            fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
                (**self).check(request)
            }

            fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported> {
                (**self).check_post(policy)
            }
        }

        #[async_trait]
        impl<T: CredentialsSource + ?Sized> CredentialsSource for $pointer<T> {
            async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
                (**self).credentials(at).await
            }
        }
    )*};
}

forward_through!(Arc, Box);
