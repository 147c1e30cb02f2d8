//! The signer.

use sha2::{Digest, Sha256};
use upsign_core::{
    Credentials, PresignError, PresignRequest, PresignedRequest, Sign, Timestamp, Unsupported,
};

use crate::date::AmzDate;
use crate::day::{Day, Days};
use crate::encode::encode_key;
use crate::hex::Hex;
use crate::query;
use crate::stages::UNSIGNED_PAYLOAD;

/// Signs S3 requests with SigV4 in the query string, payload unsigned.
///
/// Share one `&SigV4` between threads: what it keeps of a day is behind a lock held for a look-up, never while signing.
/// It can sign every request that can be described, so [`check`](Sign::check) never objects.
#[derive(Debug, Default)]
pub struct SigV4 {
    days: Days,
}

impl SigV4 {
    /// A signer that has signed nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The URL for `request`, signed with `credentials` at `at`, appended to `url`.
    ///
    /// Works on the caller's buffer, so that a loop over many requests can reuse it.
    pub fn sign_into(
        &self,
        url: &mut String,
        request: &PresignRequest,
        credentials: &Credentials,
        at: Timestamp,
    ) {
        let target = request.target();
        let day = self.days.get(credentials, target.region(), at);
        let date = AmzDate::new(at);
        url.push_str(target.scheme().as_str());
        url.push_str("://");
        url.push_str(target.host());
        let path = url.len();
        url.push_str(target.path_prefix());
        url.push('/');
        encode_key(url, request.key().as_str());
        let mark = url.len();
        url.push('?');
        query::push(url, request, &day, &date);
        let (path, query) = (url.get(path..mark), url.get(mark + 1..));
        let hash = canonical_hash(request, path.unwrap_or_default(), query.unwrap_or_default());
        let signature = signature(&day, &date, &hash);
        url.push_str("&X-Amz-Signature=");
        url.push_str(signature.as_str());
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
        self.sign_into(&mut url, request, credentials, at);
        Ok(PresignedRequest::new(request, url, at))
    }

    fn check(&self, _request: &PresignRequest) -> Result<(), Unsupported> {
        Ok(())
    }
}

/// The hash of the canonical request, streamed: the path and query it is made of already stand in the URL.
fn canonical_hash(request: &PresignRequest, path: &str, query: &str) -> Hex {
    let mut hasher = Sha256::new();
    hasher.update(request.operation().method().as_str());
    hasher.update("\n");
    hasher.update(path);
    hasher.update("\n");
    hasher.update(query);
    hasher.update("\n");
    query::for_each_header(request, |name, value| {
        hasher.update(name);
        hasher.update(":");
        hasher.update(value);
        hasher.update("\n");
    });
    let mut separator = "\n";
    query::for_each_header(request, |name, _| {
        hasher.update(separator);
        hasher.update(name);
        separator = ";";
    });
    hasher.update("\n");
    hasher.update(UNSIGNED_PAYLOAD);
    Hex::new(&hasher.finalize().into())
}

fn signature(day: &Day, date: &AmzDate, hash: &Hex) -> Hex {
    day.key.sign_parts(&[
        b"AWS4-HMAC-SHA256\n",
        date.as_str().as_bytes(),
        b"\n",
        day.scope.as_bytes(),
        b"\n",
        hash.as_bytes(),
    ])
}

/// Room for the whole URL in the usual case, so that it grows once: fixed text, the parts as they are, and a third
/// more of what percent-encoding may lengthen.
fn capacity(request: &PresignRequest, credentials: &Credentials) -> usize {
    let target = request.target();
    let encoded = request.key().as_str().len() + credentials.session_token().map_or(0, str::len);
    let names: usize = request.headers().iter().map(|(name, _)| name.len() + 3).sum();
    360 + target.host().len() + target.path_prefix().len() + encoded + encoded / 3 + names
}
