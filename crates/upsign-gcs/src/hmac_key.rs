//! Signatures with HMAC keys.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use upsign_core::{
    Credentials, CredentialsSource, PostPolicy, PresignError, PresignRequest, PresignedPost,
    PresignedRequest, Sign, SignPost, Timestamp, Unsupported, WithCredentials,
};
use zeroize::Zeroizing;

use crate::canonical::{BACKEND, Dates, Signing, check, check_post, hex};

const ALGORITHM: &str = "GOOG4-HMAC-SHA256";

/// Signs requests to Google Cloud Storage with HMAC keys, by `GOOG4-HMAC-SHA256`.
///
/// The [`Credentials`] hold the access id of the HMAC key as the access key id, and its secret as the secret access key. HMAC
/// keys do not expire and have no session token, so credentials with a token are refused.
///
/// The signer derives the signing key for every request and caches nothing.
///
/// Source: <https://cloud.google.com/storage/docs/authentication/hmackeys>.
///
/// ```
/// use upsign_gcs::types::{Addressing, Operation};
/// use upsign_gcs::{Credentials, ExpiresIn, Goog4Hmac, PresignRequest, Target};
///
/// let credentials = Credentials::long_term("GOOGTS7C7FUP3AIRVJTE2BCD", "bGoa+V7g/yqDXvKRqq+JTFn4uQZbPiQJo4pf9RzJ")?;
/// let presigner = Goog4Hmac::new().with_credentials(credentials);
/// let endpoint = "https://storage.googleapis.com".parse()?;
/// let target = Target::at(&endpoint, Addressing::Path, "article-images".parse()?, "auto".parse()?)?;
/// let key = "a/b.mp4".parse()?;
/// let request = PresignRequest::new(target, Operation::StartResumableUpload, key, ExpiresIn::from_secs(900)?);
/// let presigned = presigner.presign_now(&request, "2026-01-01T00:00:00Z".parse()?)?;
/// // The client must send this header.
/// assert_eq!(presigned.headers.get("x-goog-resumable"), Some("start"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Goog4Hmac;

impl Goog4Hmac {
    /// Creates a signer. It has no state.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }

    /// Returns a presigner that signs with the HMAC keys of `source`.
    #[must_use]
    pub const fn with_credentials<C: CredentialsSource>(self, source: C) -> WithCredentials<Self, C> {
        WithCredentials::new(self, source)
    }
}

impl Sign for Goog4Hmac {
    fn sign(
        &self,
        request: &PresignRequest,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        let signing = signing(credentials, at)?;
        signing.request(request, |to_sign| signature(credentials, at, to_sign))
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        check(request)
    }

    fn post_signer(&self) -> Option<&dyn SignPost> {
        Some(self)
    }
}

impl SignPost for Goog4Hmac {
    fn sign_post(
        &self,
        policy: &PostPolicy,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedPost, PresignError> {
        let signing = signing(credentials, at)?;
        signing.post(policy, |to_sign| signature(credentials, at, to_sign))
    }

    fn check_post(&self, policy: &PostPolicy) -> Result<(), Unsupported> {
        check_post(policy)
    }
}

fn signing(credentials: &Credentials, at: Timestamp) -> Result<Signing<'_>, Unsupported> {
    if credentials.session_token().is_some() {
        return Err(Unsupported::new(BACKEND, "with a session token, which HMAC keys do not have"));
    }
    Ok(Signing { algorithm: ALGORITHM, account: credentials.access_key_id(), at })
}

/// Derives the signing key of the day and signs with it: four nested HMACs over the date, `auto`, `storage` and
/// `goog4_request`, as documented at <https://cloud.google.com/storage/docs/authentication/signatures>.
fn signature(credentials: &Credentials, at: Timestamp, to_sign: &str) -> Result<String, PresignError> {
    let mut key = Zeroizing::new(format!("GOOG4{}", credentials.secret_access_key()).into_bytes());
    for part in Dates::of(at).key_parts() {
        key = Zeroizing::new(mac(&key, part)?);
    }
    Ok(hex(&mac(&key, to_sign)?))
}

fn mac(key: &[u8], message: &str) -> Result<Vec<u8>, PresignError> {
    // HMAC accepts keys of any length, so this does not fail.
    let mac = Hmac::<Sha256>::new_from_slice(key);
    let mut mac = mac.map_err(|error| PresignError::Backend { backend: BACKEND, source: error.into() })?;
    mac.update(message.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}
