//! Public keys that verify signatures.

use std::fmt;

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512,
};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;

use crate::crypto::algorithm::{Algorithm, Backend};

/// A public key for one algorithm.
pub(crate) trait PublicKey: Send + Sync {
    /// Returns whether `signature` is a signature of `message` by this key.
    fn is_signature_of(&self, message: &[u8], signature: &[u8]) -> bool;
}

/// The components of a public key.
pub(crate) enum KeyMaterial<'a> {
    /// Modulus and exponent, big-endian, without leading zeros.
    Rsa { algorithm: Algorithm, n: &'a [u8], e: &'a [u8] },
    /// An uncompressed point on P-256: 65 bytes.
    P256 { point: &'a [u8] },
}

/// Returns a key that verifies with `backend`, or `None` if the key is malformed or weak.
///
/// AWS-LC parses the key for both backends, so both accept the same keys. (`jsonwebtoken` accepts any bytes and fails only
/// when it verifies.)
pub(crate) fn public_key(backend: Backend, material: &KeyMaterial<'_>) -> Option<Box<dyn PublicKey>> {
    let key = aws_lc_key(material)?;
    match backend {
        Backend::AwsLc => Some(Box::new(key)),
        Backend::Jsonwebtoken => Some(Box::new(jsonwebtoken_key(material))),
    }
}

fn aws_lc_key(material: &KeyMaterial<'_>) -> Option<ParsedPublicKey> {
    match material {
        KeyMaterial::Rsa { algorithm, n, e } => {
            let parameters = match algorithm {
                Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
                Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
                Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
            };
            PublicKeyComponents { n, e }.to_parsed_public_key(parameters).ok()
        }
        KeyMaterial::P256 { point } => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok(),
    }
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

fn jsonwebtoken_key(material: &KeyMaterial<'_>) -> JsonwebtokenKey {
    match material {
        KeyMaterial::Rsa { algorithm, n, e } => {
            let algorithm = match algorithm {
                Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
                Algorithm::Rs384 => jsonwebtoken::Algorithm::RS384,
                Algorithm::Rs512 => jsonwebtoken::Algorithm::RS512,
            };
            JsonwebtokenKey { algorithm, key: DecodingKey::from_rsa_raw_components(n, e) }
        }
        KeyMaterial::P256 { point } => JsonwebtokenKey {
            algorithm: jsonwebtoken::Algorithm::ES256,
            key: DecodingKey::from_ec_der(point),
        },
    }
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
