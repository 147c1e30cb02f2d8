//! The proof of a confirmation, which the application stores.

use std::fmt;

use upsign_core::{Identity, ObjectKey, Resource, Target, Timestamp};
use upsign_objects::{ETag, VersionId};
use upsign_policy::{Checksum, ContentType};

use crate::confirm::owner::Owner;
use crate::route::RouteName;
use crate::session::TokenKeys;

/// What a receipt proves: that the service has confirmed this version of this object, when, and whose upload it was.
///
/// The service stores nothing. The application stores the [`SignedReceipt`], next to its own row, and sends it back to have the
/// object read ([`UploadService::read_url`](crate::UploadService::read_url)) or deleted. A receipt has no expiry.
///
/// ```
/// use upsign::confirm::Receipt;
/// use upsign::session::TokenKeys;
/// use upsign::{Identity, RouteName, Target};
///
/// let keys = TokenKeys::new("production", [b"an example secret of 32 bytes or more"])?;
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let alice = Identity::from_verified("https://issuer.example", "alice")?;
/// let at = "2026-01-01T00:00:00Z".parse()?;
/// let (key, etag, content_type) = ("a/1.jpg".parse()?, "9b2cf535f27731c974343645a3985328".parse()?, "image/jpeg".parse()?);
/// let receipt = Receipt::new(&target, key, etag, 48_213, content_type, keys.owner_of(&alice), at)
///     .with_version_id(Some("3sL4kqtJlcpXroDTDmJ".parse()?));
///
/// let signed = keys.sign_receipt(&receipt)?; // the text to store
/// let target_of = |_: Option<&RouteName>| Some(target.clone());
/// assert_eq!(keys.verify_receipt(signed.expose(), target_of)?, receipt);
/// assert!(keys.is_owner(&alice, receipt.owner()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub(super) route: Option<RouteName>,
    pub(super) bucket: Resource,
    pub(super) endpoint: Box<str>,
    pub(super) key: ObjectKey,
    pub(super) version_id: Option<VersionId>,
    pub(super) etag: ETag,
    pub(super) size: u64,
    pub(super) checksum: Option<Checksum>,
    pub(super) content_type: ContentType,
    pub(super) owner: Owner,
    pub(super) confirmed_at: Timestamp,
}

impl Receipt {
    /// Creates the receipt of an object of the unnamed route, without version and checksum.
    #[must_use]
    pub fn new(
        target: &Target,
        key: ObjectKey,
        etag: ETag,
        size: u64,
        content_type: ContentType,
        owner: Owner,
        confirmed_at: Timestamp,
    ) -> Self {
        Self {
            route: None,
            bucket: target.resource(),
            endpoint: target.endpoint_url().into(),
            key,
            version_id: None,
            etag,
            size,
            checksum: None,
            content_type,
            owner,
            confirmed_at,
        }
    }

    /// Sets the route.
    #[must_use]
    pub fn with_route(self, route: Option<RouteName>) -> Self {
        Self { route, ..self }
    }

    /// Sets the version.
    #[must_use]
    pub fn with_version_id(self, version_id: Option<VersionId>) -> Self {
        Self { version_id, ..self }
    }

    /// Sets the checksum of all bytes.
    #[must_use]
    pub fn with_checksum(self, checksum: Option<Checksum>) -> Self {
        Self { checksum, ..self }
    }

    /// Returns the route through which the object was uploaded, or `None` for the unnamed route.
    #[must_use]
    pub const fn route(&self) -> Option<&RouteName> {
        self.route.as_ref()
    }

    /// Returns the bucket or access point of the object.
    #[must_use]
    pub const fn bucket(&self) -> &Resource {
        &self.bucket
    }

    /// Returns the address of the store.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the key of the object.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the confirmed version. `None` in a bucket without versioning, where the entity tag identifies the content.
    #[must_use]
    pub const fn version_id(&self) -> Option<&VersionId> {
        self.version_id.as_ref()
    }

    /// Returns the entity tag of the confirmed version.
    #[must_use]
    pub const fn etag(&self) -> &ETag {
        &self.etag
    }

    /// Returns the size in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns the checksum of all bytes, if the store has one.
    #[must_use]
    pub const fn checksum(&self) -> Option<&Checksum> {
        self.checksum.as_ref()
    }

    /// Returns the content type.
    #[must_use]
    pub const fn content_type(&self) -> &ContentType {
        &self.content_type
    }

    /// Returns whose upload it was.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        self.owner
    }

    /// Returns when the object was confirmed: the time at which the store created the confirmed version if it states one, so that
    /// repeated confirmations give equal receipts.
    #[must_use]
    pub const fn confirmed_at(&self) -> Timestamp {
        self.confirmed_at
    }

    /// Returns `true` if `target` is the bucket of the object at the same store.
    #[must_use]
    pub fn is_at(&self, target: &Target) -> bool {
        self.bucket == target.resource() && *self.endpoint == *target.endpoint_url()
    }
}

/// A signed [`Receipt`] as text, of `A-Z`, `a-z`, `0-9`, `-` and `_`.
///
/// Holding one gives no right by itself: each caller that sends it is authenticated and authorized. `Debug` does not show it, because it
/// states the bucket and the key to everyone. [`expose`](Self::expose) returns the text.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedReceipt(pub(super) Box<str>);

impl SignedReceipt {
    /// Returns the receipt as text. Store it in the application's database.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SignedReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedReceipt([redacted])")
    }
}

/// The values of a receipt are too long together. Only the address of the store has no limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the receipt would have {len} bytes, but at most {max} are possible")]
#[non_exhaustive]
pub struct ReceiptTooLong {
    /// The length in bytes.
    pub len: usize,
    /// The maximum length.
    pub max: usize,
}

/// The receipt is not accepted.
///
/// The message is the same for every reason. [`reason`](Self::reason) is for the service's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the receipt is not valid for this service")]
pub struct InvalidReceipt(ReceiptRejection);

impl InvalidReceipt {
    /// Returns the reason, for the service's log. Do not send it to the client.
    #[must_use]
    pub const fn reason(&self) -> ReceiptRejection {
        self.0
    }
}

impl From<ReceiptRejection> for InvalidReceipt {
    fn from(reason: ReceiptRejection) -> Self {
        Self(reason)
    }
}

/// The reason why a receipt is not accepted. No message contains anything from the receipt that was not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptRejection {
    /// The receipt has more characters than any that this version issues.
    #[error("the receipt has {len} characters, but the longest possible one has {max}")]
    TooLong {
        /// The length of the receipt.
        len: usize,
        /// The maximum length.
        max: usize,
    },
    /// The receipt is not base64url without padding, or not in its only canonical form.
    #[error("the receipt is not canonical base64url without padding")]
    Encoding,
    /// The receipt ends before its signature.
    #[error("the receipt is too short")]
    TooShort,
    /// The receipt has another version.
    #[error("the receipt has the version {0}, expected 1")]
    Version(u8),
    /// No configured key has the receipt's key id. The secret was removed, or belongs to another deployment.
    #[error(
        "the receipt was signed with a key that is not configured: keep old secrets as long as their receipts are used"
    )]
    UnknownKey,
    /// The signature does not match.
    #[error("the signature of the receipt does not match")]
    Signature,
    /// The signature matches, but the payload is not a receipt in canonical form.
    #[error("the payload of the receipt is malformed")]
    Payload,
    /// The route of the receipt does not exist, or no longer offers the call.
    #[error("the receipt is for a route that does not exist or does not offer this call")]
    Route,
    /// The route of the receipt now stores in another bucket, or in one of another store.
    #[error("the receipt is for a bucket that the route does not use")]
    Bucket,
}

impl TokenKeys {
    /// Returns the identification of `caller` that receipts contain, by the first secret.
    #[must_use]
    pub fn owner_of(&self, caller: &Identity) -> Owner {
        owner(&self.owner().signing, caller)
    }

    /// Returns `true` if `owner` is [`owner_of`](Self::owner_of) `caller`, by any of the secrets.
    #[must_use]
    pub fn is_owner(&self, caller: &Identity, other: Owner) -> bool {
        // An owner is no secret and gives no right, so the time of the comparison tells nothing.
        self.owner().all().any(|key| owner(key, caller) == other)
    }
}

/// The first bytes of the tag of the issuer, preceded by its length, and the subject.
fn owner(key: &crate::session::keys::TokenKey, caller: &Identity) -> Owner {
    let (issuer, subject) = (caller.issuer().as_str(), caller.subject().as_str());
    let mut message = Vec::with_capacity(8 + issuer.len() + subject.len());
    message.extend_from_slice(&u64::try_from(issuer.len()).unwrap_or(u64::MAX).to_be_bytes());
    message.extend_from_slice(issuer.as_bytes());
    message.extend_from_slice(subject.as_bytes());
    let tag = key.tag(&message);
    let (first, _) = tag.split_first_chunk().unwrap_or((&[0; Owner::LEN], &[]));
    Owner::new(*first)
}
