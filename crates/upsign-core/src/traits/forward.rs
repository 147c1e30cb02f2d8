//! Implementations of the traits for `Arc`, `Box` and references.

use std::sync::Arc;

use async_trait::async_trait;

use crate::credentials::Credentials;
use crate::error::{CredentialsError, PresignError, Unsupported};
use crate::post::policy::PostPolicy;
use crate::post::presigned::PresignedPost;
use crate::request::PresignRequest;
use crate::request::parts::{PresignParts, PresignedParts};
use crate::request::presigned::PresignedRequest;
use crate::time::Timestamp;
use crate::traits::credentials::CredentialsSource;
use crate::traits::presigner::Presigner;
use crate::traits::sign::{Sign, SignPost};

/// Implements every trait for a pointer to `T` by forwarding to the value it points to.
macro_rules! forward_through {
    ($($pointer:ty),*) => {$(
        impl<T: Sign + ?Sized> Sign for $pointer {
            fn sign(
                &self,
                request: &PresignRequest,
                credentials: &Credentials,
                at: Timestamp,
            ) -> Result<PresignedRequest, PresignError> {
                (**self).sign(request, credentials, at)
            }

            fn sign_parts(
                &self,
                parts: &PresignParts,
                credentials: &Credentials,
                at: Timestamp,
            ) -> Result<PresignedParts, PresignError> {
                (**self).sign_parts(parts, credentials, at)
            }

            fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
                (**self).check(request)
            }

            fn post_signer(&self) -> Option<&dyn SignPost> {
                (**self).post_signer()
            }
        }

        impl<T: SignPost + ?Sized> SignPost for $pointer {
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
        impl<T: Presigner + ?Sized> Presigner for $pointer {
            async fn presign(
                &self,
                request: &PresignRequest,
                at: Timestamp,
            ) -> Result<PresignedRequest, PresignError> {
                (**self).presign(request, at).await
            }

            async fn presign_parts(
                &self,
                parts: &PresignParts,
                at: Timestamp,
            ) -> Result<PresignedParts, PresignError> {
                (**self).presign_parts(parts, at).await
            }

            async fn presign_many(
                &self,
                requests: &[PresignRequest],
                at: Timestamp,
            ) -> Result<Vec<PresignedRequest>, PresignError> {
                (**self).presign_many(requests, at).await
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
        impl<T: CredentialsSource + ?Sized> CredentialsSource for $pointer {
            async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
                (**self).credentials(at).await
            }
        }
    )*};
}

forward_through!(Arc<T>, Box<T>, &T);
