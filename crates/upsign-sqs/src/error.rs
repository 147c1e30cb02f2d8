//! Errors.

use std::error::Error;
use std::time::Duration;

use serde::Deserialize;
use upsign_core::CredentialsError;

/// A text is not the URL of a queue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidQueueUrl {
    /// The text is no URL such as `https://sqs.eu-central-1.amazonaws.com/123456789012/uploads`.
    #[error("the URL of a queue must have the form https://sqs.REGION.amazonaws.com/ACCOUNT/NAME")]
    Form,
    /// TLS cannot be set up on this machine.
    #[error("the HTTP client for SQS cannot be created")]
    Client(#[source] Box<dyn Error + Send + Sync>),
}

/// A call of a queue failed. No message contains a secret or the content of a message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// There are no credentials to sign with.
    #[error("the credentials for SQS cannot be loaded")]
    Credentials(#[from] CredentialsError),
    /// There was no complete answer.
    #[error("SQS did not answer")]
    NoAnswer(#[source] Box<dyn Error + Send + Sync>),
    /// The call took too long.
    #[error("SQS did not answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// SQS refused the call.
    #[error("SQS answered {status} with the error {code}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The name of the error, for example `QueueDoesNotExist` or `AccessDeniedException`. Empty if the answer has none.
        code: Box<str>,
    },
    /// The answer is not one of SQS.
    #[error("the answer is not one of SQS")]
    Malformed,
    /// The answer is larger than this crate reads.
    #[error("the answer is larger than {} MiB", MAX_BODY >> 20)]
    TooLarge,
}

/// The largest answer that is read. One message has up to 1 MiB, and up to six times as much if JSON escapes each character.
///
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>.
pub(crate) const MAX_BODY: usize = 8 << 20;

impl QueueError {
    /// Returns the error of an answer, whose body names it: `{"__type": "com.amazonaws.sqs#QueueDoesNotExist"}`.
    pub(crate) fn of_answer(status: u16, body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(rename = "__type")]
            name: String,
        }
        let name = serde_json::from_slice::<Answer>(body).map(|answer| answer.name).unwrap_or_default();
        let name = name.rsplit('#').next().unwrap_or_default();
        let code: String =
            name.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '.').take(80).collect();
        Self::Status { status, code: code.into() }
    }

    /// Returns whether a repetition of the call may succeed soon: SQS did not answer, failed, or limits the calls.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html>.
    #[must_use]
    pub fn retry_may_help(&self) -> bool {
        match self {
            Self::NoAnswer(_) | Self::Timeout(_) => true,
            Self::Status { status, code } => *status >= 500 || *status == 429 || code.contains("Throttl"),
            Self::Credentials(_) | Self::Malformed | Self::TooLarge => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_named_and_throttling_is_temporary() {
        for (status, body, code, is_temporary) in [
            (
                400,
                r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"m"}"#,
                "QueueDoesNotExist",
                false,
            ),
            (400, r#"{"__type":"AccessDeniedException"}"#, "AccessDeniedException", false),
            (400, r#"{"__type":"com.amazonaws.sqs#RequestThrottled"}"#, "RequestThrottled", true),
            (
                400,
                r#"{"__type":"com.amazon.coral.availability#ThrottlingException"}"#,
                "ThrottlingException",
                true,
            ),
            (403, "<html>", "", false),
            (429, "", "", true),
            (503, r#"{"__type":"a b\n<c>"}"#, "abc", true),
        ] {
            let error = QueueError::of_answer(status, body.as_bytes());
            assert_eq!(error.retry_may_help(), is_temporary, "{body}");
            assert!(matches!(error, QueueError::Status { code: found, .. } if *found == *code), "{body}");
        }
    }
}
