//! The traits at which the rooms meet.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::credentials::Credentials;
use crate::error::{CredentialsError, PresignError, Unsupported};
use crate::post::form::PresignedPost;
use crate::post::policy::PostPolicy;
use crate::request::{PresignRequest, PresignedRequest};
use crate::time::Timestamp;

/// Signs one request. Pure: the same arguments give the same bytes.
pub trait Sign: Debug + Send + Sync {
    /// The URL for `request`, valid from `at` on.
    ///
    /// # Errors
    /// [`PresignError::Unsupported`] rather than a URL that binds less than was asked.
    fn sign(
        &self,
        request: &PresignRequest,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError>;

    /// Whether [`sign`](Sign::sign) could honour a request of this shape.
    ///
    /// # Errors
    /// [`Unsupported`] names what it could not sign.
    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported>;

    /// The signer of post_signer that this signer is too, if it is one: what [`WithCredentials`] presigns post_signer with.
    fn post_signer(&self) -> Option<&dyn SignPost> {
        None
    }
}

/// Signs a form for an upload. Pure: the same arguments give the same bytes.
pub trait SignPost: Debug + Send + Sync {
    /// The form of `policy`, valid from `at` on.
    ///
    /// # Errors
    /// [`PresignError::Unsupported`] for a target it cannot sign for.
    fn sign_post(
        &self,
        policy: &PostPolicy,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedPost, PresignError>;

    /// Whether [`sign_post`](SignPost::sign_post) could sign a form for this target.
    ///
    /// # Errors
    /// [`Unsupported`] names what it could not sign.
    fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported>;
}

/// Presigns one request with credentials of its own: the seam the issuer calls. May wait, for cold credentials or an SDK.
#[async_trait]
pub trait Presigner: Debug + Send + Sync {
    /// The URL for `request`, valid from `at` on.
    ///
    /// # Errors
    /// [`PresignError`]; a backend signs every constraint it is given or refuses, it never drops one silently.
    async fn presign(
        &self,
        request: &PresignRequest,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError>;

    /// The form of `policy`, valid from `at` on. A presigner that makes no post_signer answers [`Unsupported`].
    ///
    /// # Errors
    /// [`PresignError`], as for [`presign`](Presigner::presign).
    async fn presign_post(&self, policy: &PostPolicy, at: Timestamp) -> Result<PresignedPost, PresignError> {
        let _ = (policy, at);
        Err(no_forms().into())
    }

    /// Whether [`presign`](Presigner::presign) could honour a request of this shape. Called when an issuer is built,
    /// so that an impossible combination fails at start and not at the first caller.
    ///
    /// # Errors
    /// [`Unsupported`] names what it could not sign.
    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported>;

    /// Whether [`presign_post`](Presigner::presign_post) could honour a form of this shape.
    ///
    /// # Errors
    /// [`Unsupported`], unless the presigner makes post_signer.
    fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported> {
        let _ = policy;
        Err(no_forms())
    }
}

fn no_forms() -> Unsupported {
    Unsupported::new("this presigner", "post_signer with a POST policy")
}

/// Hands out the credentials of the moment.
#[async_trait]
pub trait CredentialsSource: Debug + Send + Sync {
    /// Credentials to sign with at `at`. May wait to load or refresh them.
    ///
    /// # Errors
    /// [`CredentialsError`] when there are none.
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError>;
}

/// A pure signer and a source of credentials, together a [`Presigner`].
#[derive(Clone, Debug)]
pub struct WithCredentials<S, C> {
    signer: S,
    source: C,
}

impl<S: Sign, C: CredentialsSource> WithCredentials<S, C> {
    /// Joins the two.
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
        if self.signer.post_signer().is_none() {
            return Err(no_forms().into());
        }
        let credentials = self.source.credentials(at).await?;
        let post_signer = self.signer.post_signer().ok_or_else(no_forms)?;
        let policy = policy.limited_by(&credentials, at)?;
        Ok(post_signer.sign_post(&policy, &credentials, at)?.with_precision_of(&credentials))
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        self.signer.check(request)
    }

    fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported> {
        self.signer.post_signer().ok_or_else(no_forms)?.check_post(policy)
    }
}

/// Fixed credentials are a source that never waits.
#[async_trait]
impl CredentialsSource for Credentials {
    async fn credentials(&self, _at: Timestamp) -> Result<Credentials, CredentialsError> {
        Ok(self.clone())
    }
}

macro_rules! forwarded {
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

forwarded!(Arc, Box);
