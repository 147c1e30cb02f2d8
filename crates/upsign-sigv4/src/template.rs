//! Many URLs that differ in their key alone.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use upsign_core::{Credentials, ObjectKey, PresignRequest, Timestamp, Unsupported};

use crate::blocks::Hasher;
use crate::encode::encode_key;
use crate::lanes::{self, Lane};
use crate::query;
use crate::second::Second;
use crate::signer::{SIGNATURE, SigV4, checked};

/// A request with everything decided but its key: what does not depend on the key is written once a second.
///
/// ```
/// use upsign_core::{Credentials, ExpiresIn, Operation, PresignRequest, Target};
/// use upsign_sigv4::{SigV4, UrlTemplate};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let any = PresignRequest::new(target, Operation::PutObject, "any".parse()?, ExpiresIn::from_secs(900)?);
/// let template = UrlTemplate::new(Arc::new(SigV4::new()), any)?;
/// let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let url = template.url(&"a/b.jpg".parse()?, &credentials, "2026-01-01T00:00:00Z".parse()?);
/// assert!(url.starts_with("https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/a/b.jpg?"));
/// # Ok(())
/// # }
/// # use std::sync::Arc;
/// ```
pub struct UrlTemplate {
    signer: Arc<SigV4>,
    request: PresignRequest,
    /// `https://host`, and from `path` on the path up to the key.
    base: String,
    path: usize,
    /// `PUT\n` and the path up to the key.
    head: String,
    ready: ArcSwapOption<Ready>,
}

/// The template of one second.
struct Ready {
    second: Arc<Second>,
    credentials: Credentials,
    at: Timestamp,
    /// `\n`, the query, and what follows it in the canonical request.
    canonical: String,
    /// `?`, the query and `&X-Amz-Signature=`.
    url: String,
}

impl UrlTemplate {
    /// A template of `request`, whose own key is not used.
    ///
    /// # Errors
    /// [`Unsupported`] for a target that is signed with SigV4a.
    pub fn new(signer: Arc<SigV4>, request: PresignRequest) -> Result<Self, Unsupported> {
        checked(&request)?;
        let target = request.target();
        let mut base = format!("{}://{}", target.scheme().as_str(), target.host());
        let path = base.len();
        base.push_str(target.path_prefix());
        base.push('/');
        let method = request.operation().method();
        let head = format!("{method}\n{}", base.get(path..).unwrap_or_default());
        Ok(Self { signer, request, base, path, head, ready: ArcSwapOption::empty() })
    }

    /// The URL for `key`: one allocation.
    #[must_use]
    pub fn url(&self, key: &ObjectKey, credentials: &Credentials, at: Timestamp) -> String {
        self.with(credentials, at, |ready| {
            let room = self.base.len() + 3 * key.as_str().len() + ready.url.len() + 64;
            let mut url = String::with_capacity(room);
            self.push(&mut url, key, ready);
            url
        })
    }

    /// The URL for `key`, appended to `url`: no allocation if it has the room.
    pub fn url_into(&self, url: &mut String, key: &ObjectKey, credentials: &Credentials, at: Timestamp) {
        self.with(credentials, at, |ready| self.push(url, key, ready));
    }

    /// The URLs for many keys, two in the making at a time: calls `each` with every URL, in the order of the keys.
    pub fn sign_many<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a ObjectKey>,
        credentials: &Credentials,
        at: Timestamp,
        mut each: impl FnMut(&str),
    ) {
        self.with(credentials, at, |ready| self.batch(keys.into_iter(), ready, &mut each));
    }

    fn batch<'a>(
        &self,
        mut keys: impl Iterator<Item = &'a ObjectKey>,
        ready: &Ready,
        each: &mut impl FnMut(&str),
    ) {
        let (mut one, mut two) = (Lane::new(), Lane::new());
        while let Some(first) = keys.next() {
            self.load(&mut one, first, ready);
            let Some(second) = keys.next() else {
                lanes::sign_one(&mut one, &ready.second);
                return each(&one.url);
            };
            self.load(&mut two, second, ready);
            lanes::sign_two(&mut one, &mut two, &ready.second);
            each(&one.url);
            each(&two.url);
        }
    }

    #[inline]
    fn push(&self, url: &mut String, key: &ObjectKey, ready: &Ready) {
        url.push_str(&self.base);
        let start = url.len();
        encode_key(url, key.as_str());
        let mut hasher = Hasher::new();
        hasher.update(self.head.as_bytes());
        hasher.update(url.get(start..).unwrap_or_default().as_bytes());
        hasher.update(ready.canonical.as_bytes());
        let signature = ready.second.signature(&hasher.finish());
        url.push_str(&ready.url);
        url.push_str(signature.as_str());
    }

    /// Puts a key's URL and its canonical request into a lane.
    fn load(&self, lane: &mut Lane, key: &ObjectKey, ready: &Ready) {
        lane.url.clear();
        lane.url.push_str(&self.base);
        encode_key(&mut lane.url, key.as_str());
        let path = lane.url.get(self.path..).unwrap_or_default();
        let method = self.request.operation().method().as_str();
        lane.message.load(&[method.as_bytes(), b"\n", path.as_bytes(), ready.canonical.as_bytes()]);
        lane.url.push_str(&ready.url);
    }

    #[inline]
    fn with<T>(&self, credentials: &Credentials, at: Timestamp, use_it: impl FnOnce(&Ready) -> T) -> T {
        let kept = self.ready.load();
        match &*kept {
            Some(ready) if ready.at == at && ready.credentials.same_keys(credentials) => use_it(ready),
            _ => use_it(&self.make(credentials, at)),
        }
    }

    #[cold]
    fn make(&self, credentials: &Credentials, at: Timestamp) -> Arc<Ready> {
        let second = self.signer.seconds().at(credentials, self.request.target(), at);
        let mut canonical = "\n".to_owned();
        query::push(&mut canonical, &self.request, &second);
        let url = format!("?{}{SIGNATURE}", canonical.trim_start_matches('\n'));
        query::push_canonical_tail(&mut canonical, &self.request);
        let ready = Arc::new(Ready { second, credentials: credentials.clone(), at, canonical, url });
        self.ready.store(Some(Arc::clone(&ready)));
        ready
    }
}

impl fmt::Debug for UrlTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UrlTemplate").field("request", &self.request).finish_non_exhaustive()
    }
}
