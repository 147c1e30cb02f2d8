//! The result of signing: a URL and what must be sent with it.

use std::fmt;

use crate::credentials::Credentials;
use crate::request::PresignRequest;
use crate::request::headers::SignedHeaders;
use crate::request::lifetime::ExpiryPrecision;
use crate::request::operation::Method;
use crate::time::Timestamp;

/// A presigned request: everything a client needs to send it, except the body.
///
/// Anyone who has the URL can use it until it expires.
///
/// A service that receives only the URL from a remote signer completes it with [`PresignedRequest::new`]. With the
/// feature `serde`, the whole value can be sent.
///
/// ```
/// use upsign_core::{ExpiresIn, Method, Operation, PresignRequest, PresignedRequest, SignedHeaders, Target};
///
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let mut headers = SignedHeaders::new();
/// headers.insert("content-type", "image/jpeg")?;
/// let request = PresignRequest::new(target, Operation::PutObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?)
///     .with_headers(headers);
/// let url = "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/a/b.jpg?X-Amz-Signature=5f1e";
/// let presigned = PresignedRequest::new(&request, url.to_owned(), "2026-01-01T00:00:00Z".parse()?);
///
/// // What to tell the client: the method, the URL, and the headers that it must send as they are.
/// assert_eq!(presigned.method, Method::Put);
/// assert_eq!(presigned.url.expose(), url);
/// assert_eq!(presigned.headers.get("content-type"), Some("image/jpeg"));
/// assert_eq!(presigned.expires_at.to_string(), "2026-01-01T00:15:00Z");
/// // What a log shows.
/// assert!(presigned.url.to_string().ends_with("/a/b.jpg?[redacted]"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignedRequest {
    /// The HTTP method to use.
    pub method: Method,
    /// The URL with its signature. Treat it as a secret.
    pub url: PresignedUrl,
    /// The headers that the client must send unchanged: every signed header except `host`.
    pub headers: SignedHeaders,
    /// The instant from which S3 rejects the URL.
    pub expires_at: Timestamp,
    /// Whether S3 may reject the URL before `expires_at`.
    pub expiry_precision: ExpiryPrecision,
}

impl PresignedRequest {
    /// Creates the result for `request`, which was signed at the time `at`. Backends call this.
    ///
    /// Its expiry is [`Exact`](ExpiryPrecision::Exact) until [`with_precision_of`](Self::with_precision_of) changes it.
    #[must_use]
    pub fn new(request: &PresignRequest, url: String, at: Timestamp) -> Self {
        Self {
            method: request.operation().method(),
            url: PresignedUrl(url),
            headers: request.headers().clone(),
            expires_at: at.saturating_add(u64::from(request.expires_in().as_secs())),
            expiry_precision: ExpiryPrecision::Exact,
        }
    }

    /// Sets the precision of the expiry to that of the credentials that signed the request.
    #[must_use]
    pub fn with_precision_of(self, credentials: &Credentials) -> Self {
        Self { expiry_precision: ExpiryPrecision::of(credentials), ..self }
    }
}

/// A URL that contains a signature. It is a bearer secret until it expires.
///
/// `Debug` and `Display` omit the query, so that a URL in a log cannot be used. [`expose`](PresignedUrl::expose)
/// returns the whole URL.
///
/// [`PresignedRequest`] has an example.
#[derive(Clone, PartialEq, Eq)]
pub struct PresignedUrl(String);

impl PresignedUrl {
    /// Wraps the whole URL that a backend signed.
    #[must_use]
    pub const fn new(url: String) -> Self {
        Self(url)
    }

    /// Returns the whole URL including the signature. Send it to the client and do not log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the whole URL including the signature, as an owned string.
    #[must_use]
    pub fn into_exposed(self) -> String {
        self.0
    }

    fn without_query(&self) -> &str {
        self.0.split_once('?').map_or(&self.0, |(before, _)| before)
    }
}

impl fmt::Debug for PresignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PresignedUrl({}?[redacted])", self.without_query())
    }
}

impl fmt::Display for PresignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}?[redacted]", self.without_query())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_and_display_hide_the_signature() {
        let url = PresignedUrl("https://b.s3.amazonaws.com/k?X-Amz-Signature=abc".into());
        assert_eq!(format!("{url}"), "https://b.s3.amazonaws.com/k?[redacted]");
        assert_eq!(format!("{url:?}"), "PresignedUrl(https://b.s3.amazonaws.com/k?[redacted])");
        assert!(url.expose().ends_with("abc"));
    }
}
