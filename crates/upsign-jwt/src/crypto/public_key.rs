//! Public keys that verify signatures.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;

use crate::crypto::algorithm::{Algorithm, Backend};

/// A public key for one algorithm.
pub(crate) trait PublicKey: Send + Sync {
    /// Returns whether `signature` is a signature of `message` by this key.
    fn is_signature_of(&self, message: &[u8], signature: &[u8]) -> bool;
}

/// A public key for one algorithm, for signed messages that are not tokens. Cheap to clone.
#[derive(Clone)]
pub struct VerifyingKey(Arc<dyn PublicKey>);

impl VerifyingKey {
    /// Creates an ES256 key from an uncompressed point on P-256: `0x04` and two coordinates of 32 bytes. Returns `None` if it is
    /// not on the curve.
    #[must_use]
    pub fn es256(point: &[u8], backend: Backend) -> Option<Self> {
        public_key(backend, Algorithm::Es256, &KeyMaterial::Ec { point }).map(|key| Self(key.into()))
    }

    /// Returns whether `signature` is a signature of `message` by this key.
    #[must_use]
    pub fn is_signature_of(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.is_signature_of(message, signature)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyingKey")
    }
}

/// The components of a public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyMaterial<B> {
    /// Modulus and exponent, big-endian, without leading zeros.
    Rsa { n: B, e: B },
    /// An uncompressed point on P-256 (65 bytes) or P-384 (97 bytes).
    Ec { point: B },
    /// The 32 bytes of an Ed25519 key.
    Ed25519 { x: B },
}

/// Returns a key that verifies `algorithm` with `backend`, or `None` if the key is malformed, weak or of another algorithm.
///
/// AWS-LC parses the key for both backends, so both accept the same keys. (`jsonwebtoken` accepts any bytes and fails only
/// when it verifies.)
pub(crate) fn public_key<B: AsRef<[u8]>>(
    backend: Backend,
    algorithm: Algorithm,
    material: &KeyMaterial<B>,
) -> Option<Box<dyn PublicKey>> {
    let key = aws_lc_key(algorithm, material)?;
    match backend {
        Backend::AwsLc => Some(Box::new(key)),
        Backend::Jsonwebtoken => Some(Box::new(jsonwebtoken_key(algorithm, material))),
    }
}

/// The type of the key must be that of the algorithm, and the point must be on its curve.
fn aws_lc_key<B: AsRef<[u8]>>(algorithm: Algorithm, material: &KeyMaterial<B>) -> Option<ParsedPublicKey> {
    let key = match (algorithm, material) {
        (
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Ps256,
            KeyMaterial::Rsa { n, e },
        ) => {
            let parameters = match algorithm {
                Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
                Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
                Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
                _ => &RSA_PKCS1_2048_8192_SHA256,
            };
            PublicKeyComponents { n, e }.to_parsed_public_key(parameters)
        }
        (Algorithm::Es256, KeyMaterial::Ec { point }) => {
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        }
        (Algorithm::Es384, KeyMaterial::Ec { point }) => {
            ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point)
        }
        (Algorithm::EdDsa, KeyMaterial::Ed25519 { x }) => ParsedPublicKey::new(&ED25519, x),
        _ => return None,
    };
    key.ok()
}

impl PublicKey for ParsedPublicKey {
    fn is_signature_of(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verify_sig(message, signature).is_ok()
    }
}

/// A key for `jsonwebtoken`, used through the value of its AWS-LC provider.
///
/// `jsonwebtoken::decode` and `crypto::verify` use a process-global provider instead, and panic if the dependencies of the
/// host application enable both of its crypto backends.
struct JsonwebtokenKey {
    algorithm: jsonwebtoken::Algorithm,
    key: DecodingKey,
}

fn jsonwebtoken_key<B: AsRef<[u8]>>(algorithm: Algorithm, material: &KeyMaterial<B>) -> JsonwebtokenKey {
    let algorithm = match algorithm {
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::Rs384 => jsonwebtoken::Algorithm::RS384,
        Algorithm::Rs512 => jsonwebtoken::Algorithm::RS512,
        Algorithm::Ps256 => jsonwebtoken::Algorithm::PS256,
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::Es384 => jsonwebtoken::Algorithm::ES384,
        Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
    };
    let key = match material {
        KeyMaterial::Rsa { n, e } => DecodingKey::from_rsa_raw_components(n.as_ref(), e.as_ref()),
        KeyMaterial::Ec { point } => DecodingKey::from_ec_der(point.as_ref()),
        KeyMaterial::Ed25519 { x } => DecodingKey::from_ed_der(x.as_ref()),
    };
    JsonwebtokenKey { algorithm, key }
}

impl PublicKey for JsonwebtokenKey {
    fn is_signature_of(&self, message: &[u8], signature: &[u8]) -> bool {
        let verifier = (DEFAULT_PROVIDER.verifier_factory)(&self.algorithm, &self.key);
        verifier.is_ok_and(|verifier| verifier.verify(message, &signature.to_vec()).is_ok())
    }
}

impl fmt::Debug for dyn PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey")
    }
}
