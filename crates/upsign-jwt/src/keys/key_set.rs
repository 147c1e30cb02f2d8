//! Key sets (JWKS), reduced to the keys that may verify a token.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use upsign_json::{InvalidJson, Json, Limits, Object, read_object};

use crate::crypto::algorithm::{Algorithm, Backend};
use crate::crypto::public_key::{KeyMaterial, PublicKey, public_key};

/// The usable public keys of an issuer, by key id (`kid`). Cheap to clone.
///
/// A key is usable if all of these hold:
///
/// - it is an RSA key of 2,048 to 8,192 bits with an odd exponent of at least 65,537 and at most 32 bits, or a key on P-256,
///   P-384 or Ed25519;
/// - its type and curve are those of an allowed algorithm: RSA for RS256, RS384, RS512 and PS256, P-256 for ES256, P-384 for
///   ES384, Ed25519 for EdDSA;
/// - its `use`, `key_ops` and `alg`, where present, allow verifying signatures with an allowed algorithm;
/// - it has no private components;
/// - its `kid` has 1 to 256 bytes, and no other usable key of the document has the same one. If two have, neither is used.
///
/// Other entries of the document are ignored, so that an issuer can publish keys for other purposes.
///
/// A token is verified only with the algorithms of its key, whatever its header says.
///
/// Source: RFC 7517, RFC 7518, RFC 8037. The lower bounds are those of NIST SP 800-131A and FIPS 186-5.
#[derive(Clone, Default)]
pub struct KeySet(Arc<HashMap<Box<str>, Key>>);

/// A usable key, parsed once for each algorithm that it may verify.
pub(crate) struct Key {
    material: KeyMaterial<Box<[u8]>>,
    public_keys: Vec<(Algorithm, Box<dyn PublicKey>)>,
}

/// The reason a document is not a key set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKeySet {
    /// The document is longer than [`KeySet::MAX_BYTES`].
    #[error("the key set is longer than 256 KiB")]
    TooLong,
    /// The document is not a JSON object, or not a strict one.
    #[error("the key set is not a JSON object")]
    Json(#[source] InvalidJson),
    /// The member `keys` is absent or not an array.
    #[error("the key set has no array `keys`")]
    NoKeys,
    /// The array `keys` is empty.
    #[error("the key set is empty")]
    Empty,
    /// The array `keys` has more than [`KeySet::MAX_KEYS`] entries.
    #[error("the key set has more than 100 keys")]
    TooManyKeys,
    /// No key of the array is usable, so every token would be rejected. Only constructors that take a key set which never
    /// changes, such as [`StaticKeys::new`](crate::StaticKeys::new), return this. [`KeySet`] lists what a usable key is.
    #[error("the key set has no usable key, expected one with a `kid` for {}", keys_of(algorithms))]
    NoUsableKey {
        /// The allowed algorithms.
        algorithms: Box<[Algorithm]>,
    },
}

impl InvalidKeySet {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "key-set-too-long",
            Self::Json(_) => "key-set-not-json",
            Self::NoKeys => "key-set-without-keys",
            Self::Empty => "key-set-empty",
            Self::TooManyKeys => "key-set-too-many-keys",
            Self::NoUsableKey { .. } => "key-set-no-usable-key",
        }
    }
}

/// Lists algorithms, and the types of their keys: `RS256, PS256, ES256 (RSA of at least 2,048 bits, P-256)`.
fn keys_of(algorithms: &[Algorithm]) -> String {
    let names: Vec<&str> = algorithms.iter().map(|algorithm| algorithm.name()).collect();
    let mut types = Vec::new();
    for key_type in algorithms.iter().map(|algorithm| algorithm.key_type()) {
        if !types.contains(&key_type) {
            types.push(key_type);
        }
    }
    format!("{} ({})", names.join(", "), types.join(", "))
}

const LIMITS: Limits = Limits::new(KeySet::MAX_BYTES, 16);
/// The longest key id of a usable key. A token that names a longer one can therefore be rejected without a fetch.
pub(crate) const MAX_KID_BYTES: usize = 256;
/// The private components of RFC 7518, sections 6.3.2 and 6.4.1. An issuer that publishes one has disclosed its private key.
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

impl KeySet {
    /// The maximum length of a document in bytes.
    pub const MAX_BYTES: usize = 256 * 1024;
    /// The maximum number of keys in a document.
    pub const MAX_KEYS: usize = 100;

    /// Parses a JWKS document and keeps the keys that are usable for RS256, the algorithm of most issuers.
    ///
    /// The set is empty if no key is usable.
    ///
    /// # Errors
    /// Returns [`InvalidKeySet`] if the document is not a strict JSON object with an array `keys` of 1 to
    /// [`MAX_KEYS`](Self::MAX_KEYS) entries, or is longer than [`MAX_BYTES`](Self::MAX_BYTES).
    pub fn parse(document: &[u8]) -> Result<Self, InvalidKeySet> {
        Self::parse_for(document, &[Algorithm::Rs256], Backend::default())
    }

    /// Parses a JWKS document and keeps the keys that are usable for any of `algorithms`. `backend` verifies with them.
    ///
    /// # Errors
    /// Returns [`InvalidKeySet`] in the cases that [`parse`](Self::parse) lists.
    pub fn parse_for(
        document: &[u8],
        algorithms: &[Algorithm],
        backend: Backend,
    ) -> Result<Self, InvalidKeySet> {
        let document = read_object(document, LIMITS).map_err(|error| match error {
            InvalidJson::TooLong => InvalidKeySet::TooLong,
            error => InvalidKeySet::Json(error),
        })?;
        let entries = document.get("keys").and_then(Json::as_array).ok_or(InvalidKeySet::NoKeys)?;
        match entries.len() {
            0 => Err(InvalidKeySet::Empty),
            1..=Self::MAX_KEYS => Ok(Self::from_entries(entries, algorithms, backend)),
            _ => Err(InvalidKeySet::TooManyKeys),
        }
    }

    /// Returns the key ids of the usable keys, sorted.
    #[must_use]
    pub fn kids(&self) -> Vec<&str> {
        let mut kids: Vec<&str> = self.0.keys().map(AsRef::as_ref).collect();
        kids.sort_unstable();
        kids
    }

    /// Returns whether no key is usable.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether a key with this id is usable.
    #[must_use]
    pub fn contains(&self, kid: &str) -> bool {
        self.0.contains_key(kid)
    }

    pub(crate) fn key(&self, kid: &str) -> Option<&Key> {
        self.0.get(kid)
    }

    fn from_entries(entries: &[Json<'_>], algorithms: &[Algorithm], backend: Backend) -> Self {
        let mut keys = HashMap::new();
        // Removed only at the end, so that a third key with the same id does not take the place of the first two.
        let mut ambiguous = Vec::new();
        for (kid, key) in entries.iter().filter_map(|entry| usable_key(entry, algorithms, backend)) {
            match keys.entry(kid) {
                Entry::Vacant(vacant) => {
                    vacant.insert(key);
                }
                Entry::Occupied(occupied) => ambiguous.push(occupied.key().clone()),
            }
        }
        for kid in ambiguous {
            keys.remove(&kid);
        }
        Self(Arc::new(keys))
    }
}

impl Key {
    pub(crate) fn for_algorithm(&self, algorithm: Algorithm) -> Option<&dyn PublicKey> {
        let entry = self.public_keys.iter().find(|(supported, _)| *supported == algorithm);
        entry.map(|(_, key)| key.as_ref())
    }
}

/// Returns the key of one entry of `keys` and its id, or `None` if the key is not usable.
fn usable_key(entry: &Json<'_>, algorithms: &[Algorithm], backend: Backend) -> Option<(Box<str>, Key)> {
    let jwk = entry.as_object()?;
    let text = |name: &str| jwk.get(name).and_then(Json::as_str);
    let kid = text("kid").filter(|kid| (1..=MAX_KID_BYTES).contains(&kid.len()))?;
    if !is_for_signatures(jwk) || PRIVATE_MEMBERS.iter().any(|name| jwk.contains(name)) {
        return None;
    }
    let material = key_material(text)?;
    let allows =
        |algorithm: &&Algorithm| jwk.get("alg").is_none_or(|alg| alg.as_str() == Some(algorithm.name()));
    let parsed = |algorithm: &Algorithm| {
        let key = public_key(backend, *algorithm, &material)?;
        Some((*algorithm, key))
    };
    let public_keys: Vec<_> = algorithms.iter().filter(allows).filter_map(parsed).collect();
    (!public_keys.is_empty()).then(|| (kid.into(), Key { material, public_keys }))
}

/// Reads the components of a key by its type and curve (RFC 7518, section 6; RFC 8037, section 2).
fn key_material<'a>(text: impl Fn(&str) -> Option<&'a str>) -> Option<KeyMaterial<Box<[u8]>>> {
    match (text("kty")?, text("crv")) {
        ("RSA", _) => {
            let n = big_endian(text("n")?).filter(|n| is_modulus(n))?;
            let e = big_endian(text("e")?).filter(|e| is_exponent(e))?;
            Some(KeyMaterial::Rsa { n: n.into(), e: e.into() })
        }
        ("EC", Some("P-256")) => point(&text, 32),
        ("EC", Some("P-384")) => point(&text, 48),
        ("OKP", Some("Ed25519")) => {
            let x = BASE64_URL_SAFE_NO_PAD.decode(text("x")?).ok().filter(|x| x.len() == 32)?;
            Some(KeyMaterial::Ed25519 { x: x.into() })
        }
        _ => None,
    }
}

/// Returns the uncompressed point. Both coordinates have the full length, with leading zeros (RFC 7518, section 6.2.1.2).
fn point<'a>(text: &impl Fn(&str) -> Option<&'a str>, length: usize) -> Option<KeyMaterial<Box<[u8]>>> {
    let coordinate = |name| {
        BASE64_URL_SAFE_NO_PAD.decode(text(name)?).ok().filter(|bytes: &Vec<u8>| bytes.len() == length)
    };
    let (x, y) = (coordinate("x")?, coordinate("y")?);
    Some(KeyMaterial::Ec { point: [&[4], x.as_slice(), &y].concat().into() })
}

/// RFC 7517, sections 4.2 and 4.3. A member of another type does not allow anything.
fn is_for_signatures(jwk: &Object<'_>) -> bool {
    let allows_verifying = |operations: &Json<'_>| {
        operations
            .as_array()
            .is_some_and(|operations| operations.iter().any(|operation| operation.as_str() == Some("verify")))
    };
    jwk.get("use").is_none_or(|usage| usage.as_str() == Some("sig"))
        && jwk.get("key_ops").is_none_or(allows_verifying)
}

/// RFC 7518, section 2: base64url of a big-endian number. Some issuers add a leading zero, which is dropped, so that equal
/// keys are equal bytes.
fn big_endian(text: &str) -> Option<Vec<u8>> {
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
    /// Compares the keys, their ids and their algorithms.
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().all(|(kid, key)| other.0.get(kid).is_some_and(|other| key == other))
    }
}

impl Eq for KeySet {}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        let algorithms =
            |key: &Self| key.public_keys.iter().map(|(algorithm, _)| *algorithm).collect::<Vec<_>>();
        self.material == other.material && algorithms(self) == algorithms(other)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeySet").field(&self.kids()).finish()
    }
}
