//! The seam to the network.

use std::fmt;

use async_trait::async_trait;

/// A signed request as it is sent. `Debug` shows neither its query nor its headers, which are as good as a key until they expire.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpRequest {
    /// `PUT`, `GET`, `HEAD`, `POST` or `DELETE`.
    pub method: &'static str,
    /// The complete URL, with the signature.
    pub url: String,
    /// Headers, with names in lower case. `host` and `content-length` are left to the transport.
    pub headers: Vec<(String, String)>,
    /// The body, which may be empty. A `PUT` and a `POST` have a `content-length` also then.
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// Returns the URL without its query.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url.split('?').next().unwrap_or_default()
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &format_args!("{}?[redacted]", self.address()))
            .field("headers", &names)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

/// The answer of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "transports of other crates create it")]
pub struct HttpAnswer {
    /// The status.
    pub status: u16,
    /// Headers, with names in lower case. Bytes of a value that are not UTF-8 are replaced by U+FFFD.
    pub headers: Vec<(String, String)>,
    /// The body, or its first [`MAX_ANSWER`] bytes.
    pub body: Vec<u8>,
}

/// The bytes of an answer that are read: a page of a listing with 1,000 keys has less.
pub const MAX_ANSWER: usize = 2 << 20;

impl HttpAnswer {
    /// Returns the first value of a header, whose name is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// No answer arrived. The text contains no URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NoAnswer {
    reason: Box<str>,
    was_sent: bool,
}

impl NoAnswer {
    /// Creates the error of a request that may have arrived and been carried out. The reason must not contain the URL.
    pub fn new(reason: impl Into<Box<str>>) -> Self {
        Self { reason: reason.into(), was_sent: true }
    }

    /// Creates the error of a request that was not sent, because there was no connection. The reason must not contain the URL.
    pub fn unsent(reason: impl Into<Box<str>>) -> Self {
        Self { reason: reason.into(), was_sent: false }
    }

    /// Returns whether the request may have been carried out.
    #[must_use]
    pub const fn was_sent(&self) -> bool {
        self.was_sent
    }
}

/// Sends requests. `HttpTransport`, with the feature `http`, is the implementation; tests have others.
///
/// ```
/// use upsign_probe::{HttpAnswer, HttpRequest, NoAnswer, Transport, async_trait};
///
/// /// A store that refuses everything.
/// #[derive(Debug)]
/// struct Refuses;
///
/// #[async_trait]
/// impl Transport for Refuses {
///     async fn send(&self, request: &HttpRequest) -> Result<HttpAnswer, NoAnswer> {
///         println!("{} {}", request.method, request.address());
///         Ok(HttpAnswer { status: 403, headers: Vec::new(), body: Vec::new() })
///     }
/// }
/// ```
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends a request once. Redirects are answers.
    ///
    /// Implementations write `async fn send(&self, request: &HttpRequest) -> Result<HttpAnswer, NoAnswer>`.
    ///
    /// # Errors
    /// Returns [`NoAnswer`] if the store cannot be reached, or if no complete answer arrives in time.
    async fn send(&self, request: &HttpRequest) -> Result<HttpAnswer, NoAnswer>;
}
