//! Signing of URLs that differ only in their key.

use std::fmt;
use std::sync::Arc;

use upsign_core::{Credentials, ObjectKey, PresignRequest, Timestamp, Unsupported};

use crate::batch::lanes::{self, Lane};
use crate::canonical;
use crate::hash::sha256::Hasher;
use crate::signer::{SIGNATURE_PARAMETER, SigV4, ensure_sigv4};
use crate::state::second::SecondState;
use crate::sync::ArcSwapOption;
use crate::text::percent::encode_key;

/// A presign request without a key. Each call supplies one.
///
/// The text that does not depend on the key is prepared once per second, so a URL costs little more than its SHA-256
/// compressions. Use a template to sign many URLs of one policy, and [`SigV4`] for requests that differ in other parts too.
///
/// The URLs are byte for byte those that [`Sign::sign`](upsign_core::Sign::sign) gives for the same request with that key.
///
/// ```
/// use std::sync::Arc;
///
/// use upsign_core::{Credentials, ExpiresIn, Operation, PresignRequest, Target};
/// use upsign_sigv4::{SigV4, UrlTemplate};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// // The key of this request is a placeholder.
/// let request = PresignRequest::new(target, Operation::PutObject, "any".parse()?, ExpiresIn::from_secs(900)?);
/// let template = UrlTemplate::new(Arc::new(SigV4::new()), request)?;
/// let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let url = template.url(&"a/b.jpg".parse()?, &credentials, "2026-01-01T00:00:00Z".parse()?);
/// assert!(url.starts_with("https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/a/b.jpg?"));
/// # Ok(())
/// # }
/// ```
pub struct UrlTemplate {
    signer: Arc<SigV4>,
    request: PresignRequest,
    /// The URL up to the key: `https://<host>/`, with the bucket in the path for path-style targets.
    url_prefix: String,
    /// The index in `url_prefix` at which the path starts. Invariant: `url_prefix[path_start..]` starts with `/`.
    path_start: usize,
    /// The canonical request up to the key: the method, a line feed and the path prefix.
    canonical_prefix: String,
    /// The suffixes of the last second. Readers compare time and credentials before they use them.
    last: ArcSwapOption<Suffixes>,
}

/// The text after the key, for one second and one set of credentials.
struct Suffixes {
    state: Arc<SecondState>,
    credentials: Credentials,
    at: Timestamp,
    /// The canonical request after the key: a line feed, the query, the headers, the payload hash.
    canonical: String,
    /// The URL after the key, up to the signature: `?`, the query and `&X-Amz-Signature=`.
    url: String,
}

impl UrlTemplate {
    /// Creates a template from `request`. The key of the request is not used.
    ///
    /// # Errors
    /// Returns [`Unsupported`] if the target is a multi-region access point, which requires SigV4a.
    pub fn new(signer: Arc<SigV4>, request: PresignRequest) -> Result<Self, Unsupported> {
        ensure_sigv4(&request)?;
        let target = request.target();
        let mut url_prefix = format!("{}://{}", target.scheme().as_str(), target.host());
        let path_start = url_prefix.len();
        url_prefix.push_str(target.path_prefix());
        url_prefix.push('/');
        let method = request.operation().method();
        let canonical_prefix = format!("{method}\n{}", url_prefix.get(path_start..).unwrap_or_default());
        Ok(Self { signer, request, url_prefix, path_start, canonical_prefix, last: ArcSwapOption::empty() })
    }

    /// Returns the URL for `key`, valid from `at` for the lifetime of the request. Allocates once.
    #[must_use]
    pub fn url(&self, key: &ObjectKey, credentials: &Credentials, at: Timestamp) -> String {
        self.with_suffixes(credentials, at, |suffixes| {
            let capacity = self.url_prefix.len() + 3 * key.as_str().len() + suffixes.url.len() + 64;
            let mut url = String::with_capacity(capacity);
            self.push_url(&mut url, key, suffixes);
            url
        })
    }

    /// Appends the URL for `key` to `url`. Does not allocate if `url` has the capacity.
    pub fn url_into(&self, url: &mut String, key: &ObjectKey, credentials: &Credentials, at: Timestamp) {
        self.with_suffixes(credentials, at, |suffixes| self.push_url(url, key, suffixes));
    }

    /// Signs the URLs of many keys and calls `each` with every URL, in the order of the keys.
    ///
    /// Computes two signatures at a time, which is faster than [`url_into`](UrlTemplate::url_into) in a loop.
    pub fn sign_many<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a ObjectKey>,
        credentials: &Credentials,
        at: Timestamp,
        mut each: impl FnMut(&str),
    ) {
        self.with_suffixes(credentials, at, |suffixes| {
            self.sign_in_pairs(keys.into_iter(), suffixes, &mut each);
        });
    }

    fn sign_in_pairs<'a>(
        &self,
        mut keys: impl Iterator<Item = &'a ObjectKey>,
        suffixes: &Suffixes,
        each: &mut impl FnMut(&str),
    ) {
        let (mut one, mut two) = (Lane::new(), Lane::new());
        while let Some(first) = keys.next() {
            self.fill(&mut one, first, suffixes);
            let Some(second) = keys.next() else {
                lanes::sign_one(&mut one, &suffixes.state);
                return each(&one.url);
            };
            self.fill(&mut two, second, suffixes);
            lanes::sign_two(&mut one, &mut two, &suffixes.state);
            each(&one.url);
            each(&two.url);
        }
    }

    #[inline]
    fn push_url(&self, url: &mut String, key: &ObjectKey, suffixes: &Suffixes) {
        url.push_str(&self.url_prefix);
        let key_start = url.len();
        encode_key(url, key.as_str());
        let mut hasher = Hasher::new();
        hasher.update(self.canonical_prefix.as_bytes());
        hasher.update(url.get(key_start..).unwrap_or_default().as_bytes());
        hasher.update(suffixes.canonical.as_bytes());
        let signature = suffixes.state.signature(&hasher.finish());
        url.push_str(&suffixes.url);
        url.push_str(signature.as_str());
    }

    /// Writes the URL of a key without its signature, and its canonical request, into a lane.
    fn fill(&self, lane: &mut Lane, key: &ObjectKey, suffixes: &Suffixes) {
        lane.url.clear();
        lane.url.push_str(&self.url_prefix);
        encode_key(&mut lane.url, key.as_str());
        let path = lane.url.get(self.path_start..).unwrap_or_default();
        let method = self.request.operation().method().as_str();
        lane.message.set(&[method.as_bytes(), b"\n", path.as_bytes(), suffixes.canonical.as_bytes()]);
        lane.url.push_str(&suffixes.url);
    }

    /// Calls `sign` with the suffixes for `credentials` and `at`. The target is that of the request and needs no comparison.
    #[inline]
    fn with_suffixes<T>(
        &self,
        credentials: &Credentials,
        at: Timestamp,
        sign: impl FnOnce(&Suffixes) -> T,
    ) -> T {
        let last = self.last.load();
        match &*last {
            Some(suffixes) if suffixes.at == at && suffixes.credentials.same_keys(credentials) => {
                sign(suffixes)
            }
            _ => sign(&self.prepare(credentials, at)),
        }
    }

    #[cold]
    fn prepare(&self, credentials: &Credentials, at: Timestamp) -> Arc<Suffixes> {
        let state = self.signer.states().get(credentials, self.request.target(), at);
        let mut canonical = "\n".to_owned();
        canonical::push_query(&mut canonical, &self.request, &state);
        let url = format!("?{}{SIGNATURE_PARAMETER}", canonical.trim_start_matches('\n'));
        canonical::push_canonical_tail(&mut canonical, &self.request);
        let suffixes = Arc::new(Suffixes { state, credentials: credentials.clone(), at, canonical, url });
        self.last.store(Some(Arc::clone(&suffixes)));
        suffixes
    }
}

impl fmt::Debug for UrlTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UrlTemplate").field("request", &self.request).finish_non_exhaustive()
    }
}
