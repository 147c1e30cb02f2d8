//! The signer of single requests.

use std::fmt;

use upsign_core::{
    Credentials, CredentialsSource, Operation, PresignError, PresignParts, PresignRequest, PresignedParts,
    PresignedRequest, Sign, SignPost, SignatureFamily, Timestamp, Unsupported, WithCredentials,
};

use crate::canonical::{canonical_hash, push_query};
use crate::state::cache::StateCache;
use crate::state::second::SecondState;
use crate::text::percent::encode_key;

/// Signs S3 requests with Signature Version 4 in the query string and an unsigned payload.
///
/// Share one signer between all threads (`&SigV4` or `Arc<SigV4>`): it caches the values that depend only on the day and
/// the second, takes no lock while it signs, and compares credentials on every use, so they may change at any time. Where
/// many URLs differ only in their key, a [`UrlTemplate`](crate::UrlTemplate) is faster.
///
/// The lifetime of the request is signed unchanged, even if the credentials expire earlier.
/// [`WithCredentials`](upsign_core::WithCredentials) shortens it.
///
/// ```
/// use upsign_sigv4::{Credentials, ExpiresIn, Operation, PresignRequest, Sign, SigV4, Target};
///
/// let signer = SigV4::new();
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let request = PresignRequest::new(target, Operation::GetObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?);
/// let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let at = "2026-01-01T00:00:00Z".parse()?;
///
/// let presigned = signer.sign(&request, &credentials, at)?;
/// assert!(presigned.url.expose().contains("&X-Amz-Date=20260101T000000Z&X-Amz-Expires=900&"));
/// // The signature depends on nothing else: the same arguments give the same URL.
/// assert_eq!(signer.sign(&request, &credentials, at)?, presigned);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SigV4 {
    states: StateCache,
}

/// The last parameter of a presigned URL, without its value. It is not part of the canonical query string.
pub(crate) const SIGNATURE_PARAMETER: &str = "&X-Amz-Signature=";

impl SigV4 {
    /// Creates a signer with an empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self { states: StateCache::new() }
    }

    /// Returns a presigner that signs with this signer and the credentials of `source`.
    ///
    /// `source` is a set of [`Credentials`], or anything else that implements [`CredentialsSource`]. With a set of
    /// credentials the presigner can also sign without an async runtime:
    ///
    /// ```
    /// use upsign_sigv4::{Credentials, ExpiresIn, Operation, PresignRequest, SigV4, Target};
    ///
    /// let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
    /// let presigner = SigV4::new().with_credentials(credentials);
    /// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    /// let request = PresignRequest::new(target, Operation::GetObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?);
    /// let presigned = presigner.presign_now(&request, "2026-01-01T00:00:00Z".parse()?)?;
    /// assert_eq!(presigned.expires_at.to_string(), "2026-01-01T00:15:00Z");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn with_credentials<C: CredentialsSource>(self, source: C) -> WithCredentials<Self, C> {
        WithCredentials::new(self, source)
    }

    /// Appends the presigned URL of `request` to `url`, signed with `credentials` at `at`.
    ///
    /// Does not allocate if `url` has the capacity and neither the operation nor the request has query parameters.
    ///
    /// ```
    /// # use upsign_sigv4::{Credentials, ExpiresIn, Operation, PresignRequest, SigV4, Target};
    /// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    /// # let request = PresignRequest::new(target, Operation::GetObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?);
    /// # let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
    /// let mut url = String::with_capacity(1_024);
    /// SigV4::new().sign_into(&mut url, &request, &credentials, "2026-01-01T00:00:00Z".parse()?)?;
    /// assert!(url.starts_with("https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/a/b.jpg?"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`Unsupported`] if the target is a multi-region access point, which requires SigV4a, or if the operation is one
    /// of Google Cloud Storage. `url` is then unchanged.
    pub fn sign_into(
        &self,
        url: &mut String,
        request: &PresignRequest,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<(), Unsupported> {
        ensure_sigv4(request)?;
        self.states.with(credentials, request.target(), at, |state| push_signed_url(url, request, state));
        Ok(())
    }

    pub(crate) const fn states(&self) -> &StateCache {
        &self.states
    }
}

/// Writes the URL and hashes its path and query in place, so that the signed bytes and the sent bytes are the same.
fn push_signed_url(url: &mut String, request: &PresignRequest, state: &SecondState) {
    let target = request.target();
    url.push_str(target.scheme().as_str());
    url.push_str("://");
    url.push_str(target.host());
    let path_start = url.len();
    url.push_str(target.path_prefix());
    url.push('/');
    encode_key(url, request.key().as_str());
    let path_end = url.len();
    url.push('?');
    push_query(url, request, state);
    let (path, query) = (url.get(path_start..path_end), url.get(path_end + 1..));
    let hash = canonical_hash(request, path.unwrap_or_default(), query.unwrap_or_default());
    let signature = state.signature(&hash);
    url.push_str(SIGNATURE_PARAMETER);
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
        let mut url = String::with_capacity(estimated_len(request, credentials));
        self.sign_into(&mut url, request, credentials, at)?;
        Ok(PresignedRequest::new(request, url, at))
    }

    fn sign_parts(
        &self,
        parts: &PresignParts,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedParts, PresignError> {
        let mut presigned = PresignedParts::new(parts, at);
        self.sign_in_pairs(parts, credentials, at, |number, url| {
            presigned.push(number, std::mem::take(url));
        })?;
        Ok(presigned)
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        ensure_sigv4(request)
    }

    fn post_signer(&self) -> Option<&dyn SignPost> {
        Some(self)
    }
}

/// What is refused for a target with another family of signatures, whose headers AWS's signatures do not go with.
pub(crate) const FOR_GOOGLE: &str = "with the signatures of Google Cloud Storage that the target requires";

/// Refuses multi-region access points, which accept only asymmetric signatures (SigV4a), and the operation that S3 does not
/// have.
pub(crate) fn ensure_sigv4(request: &PresignRequest) -> Result<(), Unsupported> {
    if request.target().requires_sigv4a() {
        return Err(Unsupported::new(
            "upsign-sigv4",
            "for a multi-region access point, which requires SigV4a",
        ));
    }
    if request.target().signature_family() != SignatureFamily::Aws {
        return Err(Unsupported::new("upsign-sigv4", FOR_GOOGLE));
    }
    let operation = request.operation();
    if *operation == Operation::StartResumableUpload {
        return Err(Unsupported::new("upsign-sigv4", format!("the operation {}", operation.name())));
    }
    Ok(())
}

/// Estimates the length of the URL, so that it is allocated once in the usual case: 360 bytes of fixed text, the variable
/// parts, and a third more of those that percent-encoding may lengthen. A longer URL costs another allocation.
fn estimated_len(request: &PresignRequest, credentials: &Credentials) -> usize {
    let target = request.target();
    let encoded = request.key().as_str().len() + credentials.session_token().map_or(0, str::len);
    let names: usize = request.headers().iter().map(|(name, _)| name.len() + 3).sum();
    360 + target.host().len() + target.path_prefix().len() + encoded + encoded / 3 + names
}
