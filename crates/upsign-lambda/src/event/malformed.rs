//! The reasons why an event does not contain a valid HTTP request.

use upsign_http::Problem;

/// The reason why the HTTP request of an event is malformed.
///
/// The messages name the part and nothing of its content, because the client receives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("the request method is not valid")]
    Method,
    #[error("the path is not valid")]
    Path,
    #[error("the query is not valid")]
    Query,
    #[error("the path and the query are too long")]
    TargetTooLong,
    #[error("a header is not valid")]
    Header,
    #[error("the headers have more than {0} bytes")]
    HeadersTooLarge(usize),
    #[error("the cookies are not valid")]
    Cookies,
    #[error("the Host header is not valid")]
    Host,
    #[error("the body is not text, or not valid base64")]
    Body,
}

impl Malformed {
    /// Returns the answer for the client.
    pub(crate) fn problem(self) -> Problem {
        match self {
            Self::HeadersTooLarge(limit) => Problem::headers_too_large(limit),
            _ => Problem::request_malformed(self.to_string()),
        }
    }
}
