//! What can go wrong at the seams.

use std::error::Error;

/// A backend cannot sign a request without dropping something the caller asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{backend} cannot sign {feature}")]
#[non_exhaustive]
pub struct Unsupported {
    /// The backend, as in `aws-sdk-s3`.
    pub backend: &'static str,
    /// What it cannot sign, as in ``the header `x-amz-user-agent` ``.
    pub feature: Box<str>,
}

impl Unsupported {
    /// Says which backend cannot sign what.
    pub fn new(backend: &'static str, feature: impl Into<Box<str>>) -> Self {
        Self { backend, feature: feature.into() }
    }
}

/// Credentials could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// Nothing is configured.
    #[error("no credentials: {0}")]
    Missing(Box<str>),
    /// What is configured did not answer, or not with credentials.
    #[error("credentials could not be loaded")]
    Load(#[source] Box<dyn Error + Send + Sync>),
}

/// A request could not be presigned. None of these is the caller's doing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PresignError {
    /// No credentials to sign with.
    #[error("no credentials to sign with")]
    Credentials(#[from] CredentialsError),
    /// The backend would have to drop a constraint.
    #[error("the request cannot be signed by this backend")]
    Unsupported(#[from] Unsupported),
    /// The credentials end before the request would, and the request is not to be shortened; or they end too soon for
    /// any.
    #[error("the credentials work for {remaining} more seconds, and the request asks for {requested}")]
    CredentialsTooShort {
        /// Seconds for which they can still sign.
        remaining: u64,
        /// Seconds asked for.
        requested: u32,
    },
    /// Temporary credentials whose end nobody states: a URL signed with them would promise what it cannot keep.
    #[error("nobody says when the credentials end")]
    UnknownExpiry,
    /// The backend itself failed.
    #[error("{backend} failed to presign")]
    Backend {
        /// The backend, as in `aws-sdk-s3`.
        backend: &'static str,
        /// What it said.
        source: Box<dyn Error + Send + Sync>,
    },
}
