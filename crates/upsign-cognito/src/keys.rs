//! A key set: the public keys an issuer publishes, filtered to those that may check a token.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::json::{self, InvalidJson};
use crate::signature::{self, Material, VerifySignature};
use crate::{Algorithm, Backend};

/// The usable public keys of an issuer, by `kid`. Cheap to clone.
///
/// Usable is an RSA key of 2,048 to 8,192 bits with an odd exponent from 65,537 up to 32 bits, whose `use`, `key_ops`
/// and `alg` allow checking signatures with an allowed algorithm, and whose `kid` no other usable key has. Everything
/// else in the document is passed over.
///
/// Source: RFC 7517; the lower bounds are those of NIST SP 800-131A and FIPS 186-5.
#[derive(Clone, Default)]
pub struct KeySet(Arc<HashMap<Box<str>, Key>>);

pub(crate) struct Key {
    n: Box<[u8]>,
    e: Box<[u8]>,
    checks: Vec<(Algorithm, Box<dyn VerifySignature>)>,
}

/// Why an answer is not a key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKeySet {
    /// Longer than [`KeySet::MAX_BYTES`].
    #[error("the key set is longer than 256 KiB")]
    TooLong,
    /// Not strict JSON.
    #[error("the key set is not a JSON object")]
    Json(#[source] InvalidJson),
    /// `keys` is absent or not an array.
    #[error("the key set has no array `keys`")]
    NoKeys,
    /// `keys` is empty.
    #[error("the key set is empty")]
    Empty,
    /// More than [`KeySet::MAX_KEYS`] keys.
    #[error("the key set has more than 100 keys")]
    TooManyKeys,
}

impl InvalidKeySet {
    /// A stable name for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "key-set-too-long",
            Self::Json(_) => "key-set-not-json",
            Self::NoKeys => "key-set-without-keys",
            Self::Empty => "key-set-empty",
            Self::TooManyKeys => "key-set-too-many-keys",
        }
    }
}

const MAX_DEPTH: u8 = 16;
const MAX_KID_BYTES: usize = 256;
/// RFC 7518, sections 6.3.2 and 6.4.1: what only the owner of a key has.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

impl KeySet {
    /// The longest document that is read, in bytes.
    pub const MAX_BYTES: usize = 256 * 1024;
    /// The most keys a document may list.
    pub const MAX_KEYS: usize = 100;

    /// The keys of a JWKS document that are usable for RS256, the one algorithm of Cognito.
    ///
    /// # Errors
    /// [`InvalidKeySet`] when the document is none. A document whose keys are all unusable is an empty set.
    pub fn parse(document: &[u8]) -> Result<Self, InvalidKeySet> {
        Self::parse_for(document, &[Algorithm::Rs256], Backend::default())
    }

    /// The keys usable for any of `algorithms`, checked by `backend`.
    ///
    /// # Errors
    /// As [`KeySet::parse`].
    pub fn parse_for(
        document: &[u8],
        algorithms: &[Algorithm],
        backend: Backend,
    ) -> Result<Self, InvalidKeySet> {
        if document.len() > Self::MAX_BYTES {
            return Err(InvalidKeySet::TooLong);
        }
        let mut document = json::object(document, MAX_DEPTH).map_err(InvalidKeySet::Json)?;
        let Some(Value::Array(entries)) = document.remove("keys") else { return Err(InvalidKeySet::NoKeys) };
        match entries.len() {
            0 => Err(InvalidKeySet::Empty),
            1..=Self::MAX_KEYS => Ok(Self::of(&entries, algorithms, backend)),
            _ => Err(InvalidKeySet::TooManyKeys),
        }
    }

    /// The `kid`s of the usable keys, sorted.
    #[must_use]
    pub fn kids(&self) -> Vec<&str> {
        let mut kids: Vec<&str> = self.0.keys().map(AsRef::as_ref).collect();
        kids.sort_unstable();
        kids
    }

    /// Whether no key is usable.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a token that names this `kid` could be checked.
    #[must_use]
    pub fn contains(&self, kid: &str) -> bool {
        self.0.contains_key(kid)
    }

    pub(crate) fn key(&self, kid: &str) -> Option<&Key> {
        self.0.get(kid)
    }

    fn of(entries: &[Value], algorithms: &[Algorithm], backend: Backend) -> Self {
        let mut keys = HashMap::new();
        let mut ambiguous = Vec::new();
        for (kid, key) in entries.iter().filter_map(|entry| usable(entry, algorithms, backend)) {
            match keys.entry(kid) {
                Entry::Vacant(place) => {
                    place.insert(key);
                }
                Entry::Occupied(taken) => ambiguous.push(taken.key().clone()),
            }
        }
        for kid in ambiguous {
            keys.remove(&kid);
        }
        Self(Arc::new(keys))
    }
}

impl Key {
    pub(crate) fn check(&self, algorithm: Algorithm) -> Option<&dyn VerifySignature> {
        let check = self.checks.iter().find(|(fits, _)| *fits == algorithm);
        check.map(|(_, check)| check.as_ref())
    }
}

/// The key of one entry of `keys`, unless something about it speaks against using it.
fn usable(entry: &Value, algorithms: &[Algorithm], backend: Backend) -> Option<(Box<str>, Key)> {
    let jwk = entry.as_object()?;
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let kid = text("kid").filter(|kid| (1..=MAX_KID_BYTES).contains(&kid.len()))?;
    if text("kty") != Some("RSA")
        || !is_for_signatures(jwk)
        || PRIVATE.iter().any(|name| jwk.contains_key(*name))
    {
        return None;
    }
    let n = unsigned(text("n")?).filter(|n| is_modulus(n))?;
    let e = unsigned(text("e")?).filter(|e| is_exponent(e))?;
    let fits =
        |algorithm: &&Algorithm| jwk.get("alg").is_none_or(|alg| alg.as_str() == Some(algorithm.name()));
    let check = |algorithm: &Algorithm| {
        let material = Material::Rsa { algorithm: *algorithm, n: &n, e: &e };
        signature::key(backend, &material).map(|check| (*algorithm, check))
    };
    let checks: Vec<_> = algorithms.iter().filter(fits).filter_map(check).collect();
    (!checks.is_empty()).then(|| (kid.into(), Key { n: n.into(), e: e.into(), checks }))
}

/// RFC 7517, sections 4.2 and 4.3.
fn is_for_signatures(jwk: &Map<String, Value>) -> bool {
    let operations = |value: &Value| {
        value.as_array().is_some_and(|operations| operations.iter().any(|operation| operation == "verify"))
    };
    jwk.get("use").is_none_or(|usage| usage == "sig") && jwk.get("key_ops").is_none_or(operations)
}

/// RFC 7518, section 2: base64url of a big-endian number. The leading zero that some issuers add is dropped.
fn unsigned(text: &str) -> Option<Vec<u8>> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).map(<[u8]>::to_vec)
}

fn is_modulus(n: &[u8]) -> bool {
    let bits = n.len() * 8 - n.first().map_or(0, |first| first.leading_zeros() as usize);
    (2_048..=8_192).contains(&bits) && n.last().is_some_and(|last| last & 1 == 1)
}

fn is_exponent(e: &[u8]) -> bool {
    let value = e.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    e.len() <= 4 && value >= 65_537 && value & 1 == 1
}

impl PartialEq for KeySet {
    /// The same keys under the same names, for the same algorithms.
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().all(|(kid, key)| other.0.get(kid).is_some_and(|twin| key == twin))
    }
}

impl Eq for KeySet {}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        let algorithms = |key: &Self| key.checks.iter().map(|(algorithm, _)| *algorithm).collect::<Vec<_>>();
        self.n == other.n && self.e == other.e && algorithms(self) == algorithms(other)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeySet").field(&self.kids()).finish()
    }
}
