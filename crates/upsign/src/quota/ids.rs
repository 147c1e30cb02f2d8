//! The names under which a store keeps accounts and reservations.

use std::fmt::{self, Display, Write};

use sha2::{Digest, Sha256};
use upsign_core::Identity;

/// The number of bytes of an id: two of a trillion ids are equal with a probability below 10⁻¹⁴.
const LEN: usize = 16;

/// Whose uploads are counted together: usually one caller.
///
/// It is a hash, so a store neither contains nor reveals names of callers in its keys, and every value has the same length.
///
/// ```
/// use upsign::quota::{AccountKey, QuotaAccount};
/// use upsign::types::Identity;
///
/// let alice = Identity::from_verified("https://issuer.example", "alice")?.with_claim("team", "blue");
/// let bob = Identity::from_verified("https://issuer.example", "bob")?.with_claim("team", "blue");
/// let by_subject = |caller| QuotaAccount::of("production", &AccountKey::Subject, caller);
/// assert_ne!(by_subject(&alice), by_subject(&bob));
/// let by_team = |caller| QuotaAccount::of("production", &AccountKey::Claim("team".into()), caller);
/// assert_eq!(by_team(&alice), by_team(&bob));
/// # Ok::<(), upsign::types::InvalidIdentity>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QuotaAccount([u8; LEN]);

/// What a caller's account is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountKey {
    /// Each issuer and subject has an account. The default.
    #[default]
    Subject,
    /// Callers of one issuer with the same value of this claim share an account, for example `org_id`. A caller without the
    /// claim has an account of its own, as with [`Subject`](Self::Subject), so a missing claim does not lift a limit.
    Claim(Box<str>),
}

impl QuotaAccount {
    /// Returns the account of `caller`.
    ///
    /// `namespace` separates deployments that share a store; it can be empty. The issuer is part of the account: two issuers may
    /// use the same subject or claim for different people.
    #[must_use]
    pub fn of(namespace: &str, key: &AccountKey, caller: &Identity) -> Self {
        let claim = match key {
            AccountKey::Subject => None,
            AccountKey::Claim(name) => caller.claim(name).map(|value| (&**name, value)),
        };
        let (name, value) = claim.unwrap_or(("", caller.subject().as_str()));
        Self(hash(["account/v1", namespace, caller.issuer().as_str(), name, value]))
    }

    /// Restores an account from its bytes, for example from those of an upload token.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; LEN]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; LEN] {
        &self.0
    }
}

/// The name of one reservation: a hash of the object that is uploaded.
///
/// A repeated [`reserve`](crate::quota::QuotaStore::reserve) for the same object therefore counts once, and a program that learns that
/// the object was confirmed, from a call of its client or from an event, can compute the id.
///
/// ```
/// use upsign::quota::ReservationId;
/// let id = ReservationId::of("images", "https://images.s3.eu-west-1.amazonaws.com/", &"pending/a.jpg".parse()?);
/// assert_eq!(id.to_string().len(), 32);
/// # Ok::<(), upsign::types::InvalidObjectKey>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReservationId([u8; LEN]);

impl ReservationId {
    /// Returns the id of the reservation for the object that is uploaded to `key` in `bucket` at `endpoint`: the values of an
    /// upload token. `key` is the one that the client uploads to, not the one that a confirmed object is moved to.
    #[must_use]
    pub fn of(bucket: &str, endpoint: &str, key: &upsign_core::ObjectKey) -> Self {
        Self(hash(["reservation/v1", bucket, endpoint, key.as_str()]))
    }

    /// Returns the id under which a further object of the same upload is counted: another version, or one that was
    /// uploaded with its URL after the first was deleted.
    #[must_use]
    pub fn of_object(self, object: ObjectMark) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"object/v1");
        hash.update(self.0);
        hash.update(object.0);
        Self(first_bytes(hash))
    }

    /// Restores an id from its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; LEN]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; LEN] {
        &self.0
    }
}

/// Distinguishes the objects of one upload: a hash of the version id, or of the entity tag in a bucket without versions.
///
/// ```
/// use upsign::quota::ObjectMark;
/// assert_ne!(ObjectMark::of("version-1"), ObjectMark::of("version-2"));
/// assert_eq!(ObjectMark::of("version-1").to_string().len(), 32);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectMark([u8; LEN]);

impl ObjectMark {
    /// Returns the mark of an object with this version id or entity tag.
    #[must_use]
    pub fn of(version: &str) -> Self {
        Self(hash(["object-mark/v1", version]))
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; LEN] {
        &self.0
    }
}

/// Hashes the texts with their lengths, so that no two lists of texts have the same input.
fn hash<'a>(texts: impl IntoIterator<Item = &'a str>) -> [u8; LEN] {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    first_bytes(hash)
}

fn first_bytes(hash: Sha256) -> [u8; LEN] {
    let mut id = [0; LEN];
    for (byte, hashed) in id.iter_mut().zip(hash.finalize()) {
        *byte = hashed;
    }
    id
}

fn write_hex(bytes: &[u8], f: &mut impl Write) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl Display for QuotaAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl Display for ReservationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl Display for ObjectMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}
