//! The error answers of stores.

use crate::error::{ErrorCode, StoreError};
use crate::http::wire::xml::Element;

impl StoreError {
    /// Adds what the `<Error>` element of an answer states.
    pub(crate) fn with_body(self, error: &Element) -> Self {
        let (code, request_id, host_id) = (error.text("Code"), error.text("RequestId"), error.text("HostId"));
        let coded = match code {
            Some(code) if !code.is_empty() => self.with_code(code),
            _ => self,
        };
        coded.with_request_id(request_id.unwrap_or_default()).with_host_id(host_id.unwrap_or_default())
    }

    /// Returns `true` if the store refused the request without beginning it, so that repeating it is as safe as sending
    /// it.
    ///
    /// That holds for every status of the client's errors (4xx), and for S3's `SlowDown` and `ServiceUnavailable`, with
    /// which S3 refuses requests above its rate
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html>). Other errors of a server leave
    /// open what was done. In an answer with status 200, the store had begun, so there only the errors of a client are certain.
    pub(crate) fn had_no_effect(&self) -> bool {
        let is_throttled = matches!(self.code(), Some(ErrorCode::SlowDown | ErrorCode::ServiceUnavailable));
        match self.status() {
            200..=299 => !self.retry_may_help(),
            300..=499 => true,
            503 => is_throttled,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
