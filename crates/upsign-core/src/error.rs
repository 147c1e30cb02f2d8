//! Errors of signers, presigners and credentials sources.

use std::error::Error;
use std::sync::Arc;

use crate::time::Timestamp;

/// A backend cannot sign a request as it was described.
///
/// A backend reports this error instead of dropping the part it does not support, because the resulting URL would allow
/// more than the caller intended. Choose another backend or change the request.
///
/// ```
/// use upsign_core::Unsupported;
/// let error = Unsupported::new("signing service", "query parameters");
/// assert_eq!(error.to_string(), "signing service cannot sign query parameters");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{backend} cannot sign {feature}")]
#[non_exhaustive]
pub struct Unsupported {
    /// The name of the backend, such as `aws-sdk-s3`.
    pub backend: &'static str,
    /// What the backend cannot sign, such as ``the header `x-amz-user-agent` ``.
    pub feature: Box<str>,
}

impl Unsupported {
    /// Creates the error from the name of the backend and the feature that it does not support.
    pub fn new(backend: &'static str, feature: impl Into<Box<str>>) -> Self {
        Self { backend, feature: feature.into() }
    }
}

/// A [`CredentialsSource`](crate::CredentialsSource) could not supply credentials.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// No credentials are configured. The text explains what is missing.
    #[error("no credentials found: {0}")]
    Missing(Box<str>),
    /// The configured source failed, or it answered with something other than credentials.
    #[error("credentials could not be loaded")]
    Load(#[source] Box<dyn Error + Send + Sync>),
    /// The configured source failed, there are no usable earlier credentials, and the source is not called again before
    /// `next_attempt`. Returned by `Renewing` (feature `renewing`).
    #[error("credentials are not available until the next attempt at {next_attempt}")]
    Unavailable {
        /// The time from which a caller causes another attempt.
        next_attempt: Timestamp,
        /// The error of the last attempt.
        source: Arc<dyn Error + Send + Sync>,
    },
}

impl CredentialsError {
    /// Wraps the error of a source that failed to load credentials.
    ///
    /// Operators see the cause in logs; it is never sent to clients.
    pub fn load(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Load(cause.into())
    }
}

/// A request could not be presigned.
///
/// The cause is always the configuration or the environment of the service, never the input of a client.
///
/// ```
/// use upsign_core::{CredentialsError, PresignError, error_chain};
/// let error = PresignError::from(CredentialsError::load("the vault is sealed"));
/// assert_eq!(
///     error_chain(&error).to_string(),
///     "no credentials to sign with: credentials could not be loaded: the vault is sealed",
/// );
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PresignError {
    /// The credentials source supplied no credentials.
    #[error("no credentials to sign with")]
    Credentials(#[from] CredentialsError),
    /// The backend does not support part of the request.
    #[error("the request cannot be signed by this backend")]
    Unsupported(#[from] Unsupported),
    /// The credentials expire before the request would, and either the request uses [`ShortCredentials::Refuse`], or less
    /// than one second is left, or less than the shortest lifetime of a grant.
    ///
    /// [`ShortCredentials::Refuse`]: crate::ShortCredentials::Refuse
    #[error("the credentials can sign for {remaining} more seconds, but the request needs {requested}")]
    CredentialsTooShort {
        /// Seconds until the credentials expire, less [`SAFETY_MARGIN`](crate::SAFETY_MARGIN).
        remaining: u64,
        /// The lifetime of the request in seconds, or the shortest lifetime of a grant.
        requested: u32,
    },
    /// The credentials are temporary, and it is not known when they expire. A URL signed with them could stop working
    /// before its stated expiry.
    #[error("the credentials are temporary, but their source does not state when they expire")]
    UnknownExpiry,
    /// The backend failed for another reason, which is the source of this error.
    #[error("{backend} failed to presign")]
    Backend {
        /// The name of the backend, such as `aws-sdk-s3`.
        backend: &'static str,
        /// The error of the backend.
        source: Box<dyn Error + Send + Sync>,
    },
}
