//! The keys that sign and verify upload tokens.

use std::sync::Arc;
use std::{fmt, iter};

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

/// The salt of HKDF. A salt need not be secret (RFC 5869 section 3.1).
const SALT: &[u8] = b"upsign";
/// What keys are for. Another purpose, or another version of a format, gets another text and so other keys.
mod purpose {
    pub(super) const UPLOAD_TOKEN: &str = "upload-token/v2";
    pub(super) const RECEIPT: &str = "receipt/v1";
    pub(super) const OWNER: &str = "owner/v1";
    pub(super) const CLAIM: &str = "object-claim/v1";
    pub(super) const SEALED_ID: &str = "sealed-id/v1";
    pub(super) const TICKET: &str = "ticket/v1";
}

pub(crate) const KEY_ID_LEN: usize = 8;
pub(crate) const TAG_LEN: usize = 32;

/// The secrets of a deployment, from which the keys of its upload tokens and receipts are derived.
///
/// The first secret signs, and all of them verify. To replace a secret, put the new one first and keep the old one until the
/// last upload that it signed has expired, at most [`ResumeWindow::MAX`](super::ResumeWindow::MAX), and as long as receipts are
/// in use that it signed: those never expire. If several processes serve the deployment, first add the new secret at the end of
/// every list, so that each process can verify what another one signs.
///
/// A secret has at least [`MIN_SECRET_LEN`](Self::MIN_SECRET_LEN) bytes, which should be random: `openssl rand -base64 32`
/// prints one. The keys are wiped from memory when the last clone is dropped. `Debug` shows the key ids only.
///
/// The [module](crate::session) has an example and documents the derivation.
#[derive(Clone)]
pub struct TokenKeys(Arc<Rings>);

/// The keys of each purpose.
struct Rings {
    upload_token: KeyRing,
    receipt: KeyRing,
    owner: KeyRing,
    claim: KeyRing,
    sealed_id: KeyRing,
    ticket: KeyRing,
}

/// The keys of one purpose, one for each secret and in their order.
pub(crate) struct KeyRing {
    /// The key of the first secret.
    pub(crate) signing: TokenKey,
    /// The other keys, which verify only.
    verifying: Box<[TokenKey]>,
}

/// The reason why secrets do not form [`TokenKeys`]. Positions start at 1. No message contains a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTokenKeys {
    /// The list of secrets is empty.
    #[error("at least one secret is required to sign upload tokens")]
    NoSecret,
    /// A secret is too short to be unpredictable.
    #[error("the secret at position {position} has {len} bytes, but at least 32 are required")]
    SecretTooShort {
        /// The position of the secret.
        position: usize,
        /// Its length in bytes.
        len: usize,
    },
    /// A secret is in the list twice.
    #[error("the secret at position {position} is the same as the one at position {first}")]
    DuplicateSecret {
        /// The position of the second occurrence.
        position: usize,
        /// The position of the first occurrence.
        first: usize,
    },
    /// The name of the deployment is empty or too long.
    #[error("the name of the deployment must have 1 to 255 bytes, but it has {0}")]
    Deployment(usize),
    /// The key derivation failed. It accepts every secret, so this is a defect of this crate.
    #[error("the keys of upload tokens cannot be derived")]
    Derivation,
}

impl TokenKeys {
    /// The minimum length of a secret in bytes, the size of the hash function
    /// (<https://www.rfc-editor.org/rfc/rfc2104#section-3>).
    pub const MIN_SECRET_LEN: usize = 32;

    /// Derives the keys of `deployment` from `secrets`.
    ///
    /// Deployments with different names do not accept each other's tokens, even if they share a secret. The name is 1 to 255
    /// bytes of any text, for example `production`.
    ///
    /// The secrets are not kept. Pass `Zeroizing<Vec<u8>>`, or wipe them otherwise.
    ///
    /// # Errors
    /// Returns [`InvalidTokenKeys`] if there is no secret, if one has less than 32 bytes or occurs twice, or if the name of the
    /// deployment is not valid.
    pub fn new<S: AsRef<[u8]>>(
        deployment: &str,
        secrets: impl IntoIterator<Item = S>,
    ) -> Result<Self, InvalidTokenKeys> {
        if !(1..=255).contains(&deployment.len()) {
            return Err(InvalidTokenKeys::Deployment(deployment.len()));
        }
        let mut derived = [const { Vec::<TokenKey>::new() }; PURPOSES.len()];
        for (index, secret) in secrets.into_iter().enumerate() {
            let (position, secret) = (index + 1, secret.as_ref());
            if secret.len() < Self::MIN_SECRET_LEN {
                return Err(InvalidTokenKeys::SecretTooShort { position, len: secret.len() });
            }
            for (keys, purpose) in derived.iter_mut().zip(PURPOSES) {
                let key =
                    TokenKey::derive(purpose, deployment, secret).ok_or(InvalidTokenKeys::Derivation)?;
                if let Some(first) = keys.iter().position(|other| other.id == key.id) {
                    return Err(InvalidTokenKeys::DuplicateSecret { position, first: first + 1 });
                }
                keys.push(key);
            }
        }
        let [upload_token, receipt, owner, claim, sealed_id, ticket] = derived;
        Ok(Self(Arc::new(Rings {
            upload_token: KeyRing::new(upload_token)?,
            receipt: KeyRing::new(receipt)?,
            owner: KeyRing::new(owner)?,
            claim: KeyRing::new(claim)?,
            sealed_id: KeyRing::new(sealed_id)?,
            ticket: KeyRing::new(ticket)?,
        })))
    }

    /// Returns the id of each key in hexadecimal digits, the signing key first. They are the same in every process with the
    /// same secret and deployment, so a log of them shows whether a rotation has arrived everywhere.
    pub fn key_ids(&self) -> impl Iterator<Item = String> + '_ {
        self.upload_token().all().map(|key| key.id.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Returns `true` if both have the same keys in the same order.
    pub(crate) fn are_same(&self, other: &Self) -> bool {
        self.upload_token().all().map(|key| key.id).eq(other.upload_token().all().map(|key| key.id))
    }

    pub(crate) fn upload_token(&self) -> &KeyRing {
        &self.0.upload_token
    }

    pub(crate) fn receipt(&self) -> &KeyRing {
        &self.0.receipt
    }

    pub(crate) fn owner(&self) -> &KeyRing {
        &self.0.owner
    }

    pub(crate) fn claim(&self) -> &KeyRing {
        &self.0.claim
    }

    pub(crate) fn sealed_id(&self) -> &KeyRing {
        &self.0.sealed_id
    }

    pub(crate) fn ticket(&self) -> &KeyRing {
        &self.0.ticket
    }
}

/// In the order in which [`TokenKeys::new`] derives them.
const PURPOSES: [&str; 6] = [
    purpose::UPLOAD_TOKEN,
    purpose::RECEIPT,
    purpose::OWNER,
    purpose::CLAIM,
    purpose::SEALED_ID,
    purpose::TICKET,
];

impl KeyRing {
    fn new(keys: Vec<TokenKey>) -> Result<Self, InvalidTokenKeys> {
        let mut keys = keys.into_iter();
        let signing = keys.next().ok_or(InvalidTokenKeys::NoSecret)?;
        Ok(Self { signing, verifying: keys.collect() })
    }

    /// Returns the keys, the signing one first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &TokenKey> {
        iter::once(&self.signing).chain(&self.verifying)
    }

    pub(crate) fn with_id(&self, id: [u8; KEY_ID_LEN]) -> Option<&TokenKey> {
        self.all().find(|key| key.id == id)
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<String> = self.key_ids().collect();
        f.debug_struct("TokenKeys").field("key_ids", &ids).finish_non_exhaustive()
    }
}

/// One derived key.
pub(crate) struct TokenKey {
    pub(crate) id: [u8; KEY_ID_LEN],
    /// The two SHA-256 states of HMAC after the key. The features `zeroize` of `sha2` and `hmac` wipe them on drop.
    mac: Hmac<Sha256>,
}

impl TokenKey {
    fn derive(purpose: &str, deployment: &str, secret: &[u8]) -> Option<Self> {
        let (mut pseudorandom_key, hkdf) = Hkdf::<Sha256>::extract(Some(SALT), secret);
        pseudorandom_key.as_mut_slice().zeroize();
        // Purposes are constants without a zero byte, so two pairs of purpose and deployment never give the same text.
        let info = |use_of_key: &str| format!("{purpose}/{use_of_key}\0{deployment}");
        let mut id = [0; KEY_ID_LEN];
        hkdf.expand(info("key-id").as_bytes(), &mut id).ok()?;
        let mut key = Zeroizing::new([0; TAG_LEN]);
        hkdf.expand(info("mac").as_bytes(), key.as_mut_slice()).ok()?;
        Some(Self { id, mac: Hmac::new_from_slice(key.as_slice()).ok()? })
    }

    /// Returns the tag of `message`.
    pub(crate) fn tag(&self, message: &[u8]) -> [u8; TAG_LEN] {
        self.mac.clone().chain_update(message).finalize().into_bytes().into()
    }

    /// Returns `true` if `tag` is that of `message`. Takes the same time wherever a wrong tag differs.
    pub(crate) fn verifies(&self, message: &[u8], tag: &[u8; TAG_LEN]) -> bool {
        self.mac.clone().chain_update(message).verify_slice(tag).is_ok()
    }

    /// Returns `true` if the tag of `message` begins with `start`. Takes the same time wherever a wrong start differs.
    pub(crate) fn verifies_start(&self, message: &[u8], start: &[u8]) -> bool {
        self.mac.clone().chain_update(message).verify_truncated_left(start).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use sha2::block_api::Sha256VarCore;
    use zeroize::ZeroizeOnDrop;

    use super::*;

    const ONE: [u8; 32] = [1; 32];
    const TWO: [u8; 32] = [2; 32];

    #[test]
    fn keys_are_wiped_on_drop() {
        const fn wiped<T: ZeroizeOnDrop>() {}
        // HMAC itself does not implement the trait. It consists of two of these.
        wiped::<Sha256VarCore>();
    }

    #[test]
    fn another_purpose_deployment_or_secret_gives_another_key() {
        let key = |purpose, deployment, secret| TokenKey::derive(purpose, deployment, secret).unwrap();
        let reference = key(purpose::UPLOAD_TOKEN, "production", &ONE);
        let tag = reference.tag(b"message");
        assert!(key(purpose::UPLOAD_TOKEN, "production", &ONE).verifies(b"message", &tag));
        for other in [
            key(purpose::RECEIPT, "production", &ONE),
            key(purpose::UPLOAD_TOKEN, "staging", &ONE),
            key(purpose::UPLOAD_TOKEN, "production\0", &ONE),
            key(purpose::UPLOAD_TOKEN, "production", &TWO),
            key(purpose::UPLOAD_TOKEN, "production", &[1; 33]),
        ] {
            assert_ne!(other.id, reference.id);
            assert!(!other.verifies(b"message", &tag));
        }
    }

    #[test]
    fn key_id_is_not_a_part_of_the_key() {
        let key = TokenKey::derive(purpose::UPLOAD_TOKEN, "production", &ONE).unwrap();
        let same_bytes = Hmac::<Sha256>::new_from_slice(&key.id).unwrap().chain_update(b"message");
        assert_ne!(key.tag(b"message"), <[u8; TAG_LEN]>::from(same_bytes.finalize().into_bytes()));
    }

    #[test]
    fn unusable_secrets_are_refused() {
        let keys = |deployment: &str, secrets: &[&[u8]]| TokenKeys::new(deployment, secrets).map(|_| ());
        assert_eq!(keys("a", &[]), Err(InvalidTokenKeys::NoSecret));
        assert_eq!(keys("a", &[&[7; 31]]), Err(InvalidTokenKeys::SecretTooShort { position: 1, len: 31 }));
        assert_eq!(keys("a", &[&ONE, b""]), Err(InvalidTokenKeys::SecretTooShort { position: 2, len: 0 }));
        let repeated = InvalidTokenKeys::DuplicateSecret { position: 3, first: 1 };
        assert_eq!(keys("a", &[&ONE, &TWO, &ONE]), Err(repeated));
        assert_eq!(keys("", &[&ONE]), Err(InvalidTokenKeys::Deployment(0)));
        assert_eq!(keys(&"a".repeat(256), &[&ONE]), Err(InvalidTokenKeys::Deployment(256)));
        assert_eq!(keys(&"a".repeat(255), &[&ONE, &TWO]), Ok(()));
    }

    #[test]
    fn debug_shows_key_ids_only() {
        let keys = TokenKeys::new("production", [ONE, TWO]).unwrap();
        let ids: Vec<String> = keys.key_ids().collect();
        assert!(ids.iter().all(|id| id.len() == 16) && ids[0] != ids[1], "{ids:?}");
        assert_eq!(format!("{keys:?}"), format!("TokenKeys {{ key_ids: {ids:?}, .. }}"));
    }
}
