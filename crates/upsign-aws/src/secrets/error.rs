//! The reasons why a secret cannot be read.

use upsign_core::CredentialsError;

/// The reason why a secret cannot be read. No error contains the secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadSecretError {
    /// The text is not the ARN of a secret.
    #[error(
        "not the ARN of a secret, as in arn:aws:secretsmanager:eu-central-1:123456789012:secret:upsign/uploads-AbCdEf"
    )]
    InvalidArn,
    /// There are no credentials to sign the call with.
    #[error("there are no credentials to sign the call with")]
    Credentials(#[from] CredentialsError),
    /// AWS Secrets Manager cannot be reached, or did not answer in time.
    #[error("AWS Secrets Manager does not answer")]
    NoAnswer(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// AWS Secrets Manager refused the call. `AccessDeniedException` means that the role lacks `secretsmanager:GetSecretValue` on
    /// the secret or `kms:Decrypt` on its key, and `ResourceNotFoundException` that the region or the name is wrong.
    #[error("AWS Secrets Manager answered {status} {code}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The code of the error, for example `AccessDeniedException`.
        code: Box<str>,
        /// The explanation of the service, without control characters and of at most 500 characters.
        message: Box<str>,
    },
    /// The answer is not that of `GetSecretValue`, or the secret has no value.
    #[error("the answer of AWS Secrets Manager contains no secret")]
    Malformed,
}

/// Codes of temporary errors. Those with the status 429 or 5xx are temporary whatever their code is.
///
/// Source: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html>.
const TEMPORARY: [&str; 3] = ["ThrottlingException", "InternalServiceError", "ServiceUnavailable"];

impl ReadSecretError {
    /// Returns the error about a call without an answer. The URL is left out, because the ARN identifies the secret.
    pub(super) fn no_answer(error: reqwest::Error) -> Self {
        Self::NoAnswer(error.without_url().into())
    }

    /// Returns whether the same call can succeed soon.
    pub(super) fn is_temporary(&self) -> bool {
        match self {
            Self::NoAnswer(_) => true,
            Self::Refused { status, code, .. } => {
                *status == 429 || *status >= 500 || TEMPORARY.contains(&&**code)
            }
            Self::InvalidArn | Self::Credentials(_) | Self::Malformed => false,
        }
    }
}
