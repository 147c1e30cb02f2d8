//! Why a call failed.

mod code;
mod invalid;
mod store;

use std::error::Error;
use std::fmt;
use std::time::Duration;

use upsign_core::{CredentialsError, PresignError};

pub use code::ErrorCode;
pub use invalid::{InvalidAnswer, InvalidCall, InvalidXml};
pub use store::StoreError;

/// A call to the store failed.
///
/// The message names the operation, and the cause is the [`source`](Error::source): print both with
/// [`error_chain`](upsign_core::error_chain()). Neither contains a URL, a signature or a key of the credentials.
///
/// ```
/// use upsign_core::error_chain;
/// use upsign_objects::{CallFailure, ErrorCode, ObjectError, StoreError};
///
/// let answer = StoreError::new(404).with_code("NoSuchUpload").with_request_id("4442587FB7D0A2F9");
/// let error = ObjectError::new("ListParts", CallFailure::Store(answer));
/// assert_eq!(
///     error_chain(&error).to_string(),
///     "ListParts failed: the store answered 404 NoSuchUpload (request id 4442587FB7D0A2F9)",
/// );
/// assert_eq!(error.code(), Some(&ErrorCode::NoSuchUpload));
/// assert!(!error.may_have_happened());
/// ```
#[derive(Debug)]
pub struct ObjectError {
    operation: &'static str,
    failure: CallFailure,
    attempts: u32,
    is_uncertain: bool,
}

/// The cause of an [`ObjectError`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallFailure {
    /// The store answered with an error, possibly with status 200.
    #[error(transparent)]
    Store(StoreError),
    /// The call contradicts the rules of S3, so it was not sent. A bug of the caller, or unchecked input.
    #[error("the call is not valid")]
    Invalid(#[source] InvalidCall),
    /// The request could not be signed: there are no credentials, or the presigner does not support the operation.
    #[error("the request could not be signed")]
    Presign(#[source] PresignError),
    /// The presigner returned a URL that is not the one of the object at the configured target, so nothing was sent.
    #[error("the presigner returned a URL of another address than {expected}")]
    ForeignUrl {
        /// The URL of the object, without a query.
        expected: Box<str>,
    },
    /// The HTTP client could not be built, for example because the machine has no CA certificates.
    #[error("the HTTP client could not be created")]
    Client(#[source] Box<dyn Error + Send + Sync>),
    /// No connection could be established.
    #[error("no connection to the store")]
    Connect(#[source] Box<dyn Error + Send + Sync>),
    /// The connection ended before the answer was complete.
    #[error("the connection to the store failed")]
    Connection(#[source] Box<dyn Error + Send + Sync>),
    /// The store did not answer in time.
    #[error("no answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// The answer is not one of S3, or longer than the limit.
    #[error("the answer of the store cannot be read")]
    Answer(#[source] InvalidAnswer),
}

impl ObjectError {
    /// Creates the error of one attempt, which had no effect. Implementations of
    /// [`ObjectCalls`](crate::ObjectCalls) and tests call this.
    #[must_use]
    pub const fn new(operation: &'static str, failure: CallFailure) -> Self {
        Self { operation, failure, attempts: 1, is_uncertain: false }
    }

    /// Sets the number of attempts that were made. Default: 1.
    #[must_use]
    pub fn with_attempts(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }

    /// Sets whether an attempt may have had its effect. Default: `false`.
    #[must_use]
    pub fn with_uncertainty(self, is_uncertain: bool) -> Self {
        Self { is_uncertain, ..self }
    }

    /// Returns the name of the operation in S3's API reference, such as `CompleteMultipartUpload`.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        self.operation
    }

    /// Returns the cause.
    #[must_use]
    pub const fn failure(&self) -> &CallFailure {
        &self.failure
    }

    /// Returns the error answer of the store, if that is the cause.
    #[must_use]
    pub const fn store(&self) -> Option<&StoreError> {
        match &self.failure {
            CallFailure::Store(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the error code of the store's answer. Answers to HEAD have none.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.store().and_then(StoreError::code)
    }

    /// Returns the number of attempts that were made.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns `true` if the call may have had its effect although it failed: an attempt was sent and its outcome is not
    /// known. Look before you conclude anything.
    ///
    /// For example, an answer to `CompleteMultipartUpload` is lost, and the repeated call fails with `NoSuchUpload`: the
    /// object exists if the first attempt succeeded.
    #[must_use]
    pub const fn may_have_happened(&self) -> bool {
        self.is_uncertain
    }

    /// Returns `true` if the same call may succeed later.
    #[must_use]
    pub fn retry_may_help(&self) -> bool {
        match &self.failure {
            CallFailure::Store(error) => error.retry_may_help(),
            CallFailure::Presign(error) => {
                matches!(error, PresignError::Credentials(CredentialsError::Load(_)))
            }
            CallFailure::Connect(_) | CallFailure::Connection(_) | CallFailure::Timeout(_) => true,
            CallFailure::Answer(error) => matches!(error, InvalidAnswer::Incomplete),
            CallFailure::Invalid(_) | CallFailure::ForeignUrl { .. } | CallFailure::Client(_) => false,
        }
    }

    /// Returns the seconds to wait before the same call, if the store states them in `Retry-After`.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        self.store().and_then(StoreError::retry_after)
    }

    /// Returns `true` if the store answered that the object or its version does not exist.
    ///
    /// S3 answers 403 instead if the credentials lack `s3:ListBucket`
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.store().is_some_and(|error| {
            let code = error.code();
            let is_object = matches!(code, None | Some(ErrorCode::NoSuchKey | ErrorCode::NoSuchVersion));
            error.status() == 404 && is_object
        })
    }

    /// Returns `true` if a condition of the call was not met: status 412, or code `PreconditionFailed` in an answer with
    /// status 200.
    #[must_use]
    pub fn is_precondition_failed(&self) -> bool {
        self.store().is_some_and(|error| {
            error.status() == 412 || error.code() == Some(&ErrorCode::PreconditionFailed)
        })
    }
}

impl fmt::Display for ObjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed", self.operation)?;
        if self.attempts > 1 {
            write!(f, " after {} attempts", self.attempts)?;
        }
        if self.is_uncertain {
            f.write_str(" and may have had its effect")?;
        }
        Ok(())
    }
}

impl Error for ObjectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.failure)
    }
}
