//! The seam at which a signature is checked.

use std::fmt;

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512,
};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;

use crate::{Algorithm, Backend};

/// One public key, fit for one algorithm.
pub(crate) trait VerifySignature: Send + Sync {
    /// Whether `signature` is this key's over `message`.
    fn is_signed(&self, message: &[u8], signature: &[u8]) -> bool;
}

/// What a public key was read from.
pub(crate) enum Material<'a> {
    /// Modulus and exponent, big-endian, without leading zeros.
    Rsa { algorithm: Algorithm, n: &'a [u8], e: &'a [u8] },
    /// An uncompressed point on P-256: 65 bytes.
    P256 { point: &'a [u8] },
}

/// A key the backend can check signatures with; `None` when the backend refuses it.
pub(crate) fn key(backend: Backend, material: &Material<'_>) -> Option<Box<dyn VerifySignature>> {
    let parsed = parsed(material)?; // Both backends hold keys to what AWS-LC parses.
    match backend {
        Backend::AwsLc => Some(Box::new(parsed)),
        Backend::Jsonwebtoken => Some(Box::new(reference(material))),
    }
}

fn parsed(material: &Material<'_>) -> Option<ParsedPublicKey> {
    match material {
        Material::Rsa { algorithm, n, e } => {
            let parameters = match algorithm {
                Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
                Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
                Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
            };
            PublicKeyComponents { n, e }.to_parsed_public_key(parameters).ok()
        }
        Material::P256 { point } => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok(),
    }
}

impl VerifySignature for ParsedPublicKey {
    fn is_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verify_sig(message, signature).is_ok()
    }
}

/// `jsonwebtoken`'s check, taken from the provider's value: its `decode` and `crypto::verify` go through a
/// process-global that panics when a host application's dependencies switch on both of its backends.
struct Reference {
    algorithm: jsonwebtoken::Algorithm,
    key: DecodingKey,
}

fn reference(material: &Material<'_>) -> Reference {
    match material {
        Material::Rsa { algorithm, n, e } => {
            let algorithm = match algorithm {
                Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
                Algorithm::Rs384 => jsonwebtoken::Algorithm::RS384,
                Algorithm::Rs512 => jsonwebtoken::Algorithm::RS512,
            };
            Reference { algorithm, key: DecodingKey::from_rsa_raw_components(n, e) }
        }
        Material::P256 { point } => {
            Reference { algorithm: jsonwebtoken::Algorithm::ES256, key: DecodingKey::from_ec_der(point) }
        }
    }
}

impl VerifySignature for Reference {
    fn is_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let verifier = (DEFAULT_PROVIDER.verifier_factory)(&self.algorithm, &self.key);
        verifier.is_ok_and(|verifier| verifier.verify(message, &signature.to_vec()).is_ok())
    }
}

impl fmt::Debug for dyn VerifySignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey")
    }
}
