//! Error answers of a store.

use std::error::Error;
use std::fmt;

use crate::error::ErrorCode;

/// An error answer of the store.
///
/// It keeps the status, the code and the ids with which the store's operator finds the request in the logs. The message and
/// the other elements of the answer are dropped: those of `SignatureDoesNotMatch` repeat the signed request with its
/// session token, and messages of some stores contain the access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError {
    status: u16,
    code: Option<ErrorCode>,
    request_id: Option<Box<str>>,
    host_id: Option<Box<str>>,
    retry_after: Option<u32>,
}

impl StoreError {
    /// Creates an error answer with this status and no body.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self { status, code: None, request_id: None, host_id: None, retry_after: None }
    }

    /// Sets the error code.
    #[must_use]
    pub fn with_code(self, code: &str) -> Self {
        let Ok(code) = code.parse();
        Self { code: Some(code), ..self }
    }

    /// Sets the request id. An id that is empty, longer than 256 characters or not visible ASCII is left out.
    #[must_use]
    pub fn with_request_id(self, id: &str) -> Self {
        Self { request_id: bounded_id(id).or(self.request_id), ..self }
    }

    /// Sets the host id, with the same limits as the request id.
    #[must_use]
    pub fn with_host_id(self, id: &str) -> Self {
        Self { host_id: bounded_id(id).or(self.host_id), ..self }
    }

    /// Sets the seconds of `Retry-After`.
    #[must_use]
    pub fn with_retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// Returns the status of the answer. It is 200 if the store found the error after it had begun to answer
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>).
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns the error code. An answer to HEAD, and one of a proxy, has none.
    #[must_use]
    pub const fn code(&self) -> Option<&ErrorCode> {
        self.code.as_ref()
    }

    /// Returns the id of the request, which S3's support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns the second id that S3's support asks for (`x-amz-id-2`).
    #[must_use]
    pub fn host_id(&self) -> Option<&str> {
        self.host_id.as_deref()
    }

    /// Returns the seconds of the header `Retry-After`. A date in that header is not read.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        self.retry_after
    }

    /// Returns `true` if the same request may succeed later: the store is overloaded, or failed.
    ///
    /// These are the statuses 429, 500, 502, 503 and 504, and the codes of S3 for the same conditions, which can also be
    /// in an answer with status 200. Source:
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ErrorBestPractices.html>.
    #[must_use]
    pub fn retry_may_help(&self) -> bool {
        let by_code = matches!(
            self.code,
            Some(
                ErrorCode::InternalError
                    | ErrorCode::OperationAborted
                    | ErrorCode::RequestTimeout
                    | ErrorCode::ServiceUnavailable
                    | ErrorCode::SlowDown
            )
        );
        by_code || matches!(self.status, 429 | 500 | 502 | 503 | 504)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store answered {}", self.status)?;
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        match (&self.request_id, &self.host_id) {
            (Some(request), Some(host)) => write!(f, " (request id {request}, host id {host})"),
            (Some(request), None) => write!(f, " (request id {request})"),
            (None, Some(host)) => write!(f, " (host id {host})"),
            (None, None) => Ok(()),
        }
    }
}

impl Error for StoreError {}

fn bounded_id(id: &str) -> Option<Box<str>> {
    let fits = (1..=256).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| id.into())
}
