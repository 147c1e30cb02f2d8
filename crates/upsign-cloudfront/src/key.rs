//! The private key whose public half CloudFront knows.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// A private key of a trusted key group: RSA with 2048 bits, or ECDSA with the curve P-256. CloudFront accepts no others.
///
/// Clones share one copy of the key, which the cryptographic library erases when the last clone is dropped. `Debug` shows only the
/// kind.
///
/// Create one with `openssl genrsa -out key.pem 2048` or `openssl ecparam -name prime256v1 -genkey -noout -out key.pem`. ECDSA
/// signatures are shorter and faster to make.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html>.
#[derive(Clone)]
pub struct CloudFrontKey(Arc<Pair>);

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
}

/// The text is not a private key that CloudFront accepts. The message contains nothing of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCloudFrontKey {
    /// The text is not one PEM block `PRIVATE KEY`, `RSA PRIVATE KEY` or `EC PRIVATE KEY` without encryption.
    #[error(
        "the key must be one PEM block `PRIVATE KEY`, `RSA PRIVATE KEY` or `EC PRIVATE KEY`, without a password"
    )]
    Pem,
    /// The block is not a private key of RSA or of ECDSA with the curve P-256.
    #[error("the key must be an RSA key, or an ECDSA key of the curve P-256 (prime256v1)")]
    Key,
    /// The RSA key does not have 2048 bits. Holds the number.
    #[error("an RSA key for CloudFront must have 2048 bits, but this one has {0}")]
    Bits(usize),
}

impl CloudFrontKey {
    /// Reads a private key from PEM.
    ///
    /// # Errors
    /// Fails if the text is not a private key of a kind that CloudFront accepts.
    pub fn from_pem(pem: &str) -> Result<Self, InvalidCloudFrontKey> {
        let (label, der) = decode(pem).ok_or(InvalidCloudFrontKey::Pem)?;
        let rsa = || match label {
            "PRIVATE KEY" => RsaKeyPair::from_pkcs8(&der),
            _ => RsaKeyPair::from_der(&der),
        };
        if label != "EC PRIVATE KEY"
            && let Ok(pair) = rsa()
        {
            let bits = pair.public_modulus_len() * 8;
            return if bits == 2048 {
                Ok(Self(Arc::new(Pair::Rsa(pair))))
            } else {
                Err(InvalidCloudFrontKey::Bits(bits))
            };
        }
        let pair = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_ASN1_SIGNING, &der);
        pair.map(|pair| Self(Arc::new(Pair::Ecdsa(pair)))).map_err(|_| InvalidCloudFrontKey::Key)
    }

    /// Returns the signature of the message's SHA-256 hash: PKCS #1 v1.5 for RSA, ASN.1 for ECDSA.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        match &*self.0 {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                // The padding is deterministic: the random numbers do not reach the signature.
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)?;
                Ok(signature)
            }
            Pair::Ecdsa(pair) => Ok(pair.sign(&random, message)?.as_ref().to_vec()),
        }
    }

    /// Returns the public key: for RSA as PKCS #1 in DER, for ECDSA as an uncompressed point. It verifies signatures in tests.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        match &*self.0 {
            Pair::Rsa(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ecdsa(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// Returns the public key in PEM, as `openssl pkey -pubout` prints it: CloudFront needs it, in a trusted key group.
    ///
    /// Lines have 64 characters, and the text ends with a line break.
    #[must_use]
    pub fn public_key_pem(&self) -> String {
        let der: Result<PublicKeyX509Der<'_>, Unspecified> = match &*self.0 {
            Pair::Rsa(pair) => pair.public_key().as_der(),
            Pair::Ecdsa(pair) => pair.public_key().as_der(),
        };
        // A key that was read has a public half, so this does not fail.
        let base64 = der.map(|der| STANDARD.encode(der.as_ref())).unwrap_or_default();
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        let mut rest = base64.as_str();
        while let Some((line, after)) = rest.split_at_checked(64) {
            pem.push_str(line);
            pem.push('\n');
            rest = after;
        }
        if !rest.is_empty() {
            pem.push_str(rest);
            pem.push('\n');
        }
        pem.push_str("-----END PUBLIC KEY-----\n");
        pem
    }

    /// Returns `rsa` or `ecdsa`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &*self.0 {
            Pair::Rsa(_) => "rsa",
            Pair::Ecdsa(_) => "ecdsa",
        }
    }
}

/// Returns the label and the content of the text's one block with a private key. OpenSSL writes the parameters of a curve in a
/// block before it, which is skipped.
fn decode(pem: &str) -> Option<(&'static str, Zeroizing<Vec<u8>>)> {
    let pem = match pem.trim().strip_prefix("-----BEGIN EC PARAMETERS-----") {
        Some(rest) => rest.split_once("-----END EC PARAMETERS-----")?.1.trim_start(),
        None => pem.trim(),
    };
    let label = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"]
        .into_iter()
        .find(|label| pem.starts_with(&format!("-----BEGIN {label}-----")))?;
    let body = pem
        .strip_prefix(&format!("-----BEGIN {label}-----"))?
        .strip_suffix(&format!("-----END {label}-----"))?;
    let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
    base64.extend(body.split_ascii_whitespace());
    let der = STANDARD.decode(base64.as_str()).ok().map(Zeroizing::new)?;
    Some((label, der))
}

impl fmt::Debug for CloudFrontKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudFrontKey").field("kind", &self.kind()).finish_non_exhaustive()
    }
}
