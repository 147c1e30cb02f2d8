//! The signer.

use std::fmt;

use upsign_core::{
    Credentials, PresignError, PresignRequest, PresignedRequest, Sign, SignPost, Timestamp, Unsupported,
};

use crate::blocks::Hasher;
use crate::encode::encode_key;
use crate::query;
use crate::second::{Second, Seconds};
use crate::stages::UNSIGNED_PAYLOAD;

/// Signs S3 requests with SigV4 in the query string, payload unsigned.
///
/// Share one `&SigV4` between threads: what it keeps of a day and a second is swapped atomically, and no lock is held
/// while signing. Where many URLs differ in their key alone, a [`UrlTemplate`](crate::UrlTemplate) is faster still.
pub struct SigV4 {
    seconds: Seconds,
}

pub(crate) const SIGNATURE: &str = "&X-Amz-Signature=";

impl SigV4 {
    /// A signer that has signed nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { seconds: Seconds::new() }
    }

    /// The URL for `request`, signed with `credentials` at `at`, appended to `url`.
    ///
    /// Works in the caller's buffer: with one that is long enough nothing is allocated, unless the operation or the
    /// request has query parameters of its own.
    ///
    /// # Errors
    /// [`Unsupported`] for a target that is signed with SigV4a.
    pub fn sign_into(
        &self,
        url: &mut String,
        request: &PresignRequest,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<(), Unsupported> {
        checked(request)?;
        self.seconds.with(credentials, request.target(), at, |second| push_signed(url, request, second));
        Ok(())
    }

    pub(crate) const fn seconds(&self) -> &Seconds {
        &self.seconds
    }
}

fn push_signed(url: &mut String, request: &PresignRequest, second: &Second) {
    let target = request.target();
    url.push_str(target.scheme().as_str());
    url.push_str("://");
    url.push_str(target.host());
    let path = url.len();
    url.push_str(target.path_prefix());
    url.push('/');
    encode_key(url, request.key().as_str());
    let mark = url.len();
    url.push('?');
    query::push(url, request, second);
    let (path, query) = (url.get(path..mark), url.get(mark + 1..));
    let hash = canonical_hash(request, path.unwrap_or_default(), query.unwrap_or_default());
    let signature = second.signature(&hash);
    url.push_str(SIGNATURE);
    url.push_str(signature.as_str());
}

impl Default for SigV4 {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SigV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigV4").finish_non_exhaustive()
    }
}

impl Sign for SigV4 {
    fn sign(
        &self,
        request: &PresignRequest,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        let mut url = String::with_capacity(capacity(request, credentials));
        self.sign_into(&mut url, request, credentials, at)?;
        Ok(PresignedRequest::new(request, url, at))
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        checked(request)
    }

    fn forms(&self) -> Option<&dyn SignPost> {
        Some(self)
    }
}

/// Everything can be signed but a multi-region access point, which takes asymmetric signatures.
pub(crate) fn checked(request: &PresignRequest) -> Result<(), Unsupported> {
    if request.target().signs_with_sigv4a() {
        return Err(Unsupported::new("upsign-sigv4", "for a multi-region access point, which takes SigV4a"));
    }
    Ok(())
}

/// The hash of the canonical request, streamed: the path and query it is made of already stand in the URL.
fn canonical_hash(request: &PresignRequest, path: &str, query: &str) -> [u8; 32] {
    let mut hasher = Hasher::new();
    hasher.update(request.operation().method().as_str().as_bytes());
    hasher.update(b"\n");
    hasher.update(path.as_bytes());
    hasher.update(b"\n");
    hasher.update(query.as_bytes());
    hasher.update(b"\n");
    query::for_each_header(request, |name, value| {
        hasher.update(name.as_bytes());
        hasher.update(b":");
        hasher.update(value.as_bytes());
        hasher.update(b"\n");
    });
    let mut separator: &[u8] = b"\n";
    query::for_each_header(request, |name, _| {
        hasher.update(separator);
        hasher.update(name.as_bytes());
        separator = b";";
    });
    hasher.update(b"\n");
    hasher.update(UNSIGNED_PAYLOAD.as_bytes());
    hasher.finish()
}

/// Room for the whole URL in the usual case, so that it grows once: fixed text, the parts as they are, and a third
/// more of what percent-encoding may lengthen.
fn capacity(request: &PresignRequest, credentials: &Credentials) -> usize {
    let target = request.target();
    let encoded = request.key().as_str().len() + credentials.session_token().map_or(0, str::len);
    let names: usize = request.headers().iter().map(|(name, _)| name.len() + 3).sum();
    360 + target.host().len() + target.path_prefix().len() + encoded + encoded / 3 + names
}
