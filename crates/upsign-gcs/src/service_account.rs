//! The key file of a service account.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::canonical::hex;

/// The private key of a service account, and the account's address.
///
/// Clones share one copy of the key, which the cryptographic library erases when the last clone is dropped. `Debug` shows only
/// the address.
///
/// Source: <https://cloud.google.com/iam/docs/keys-create-delete>.
///
/// ```no_run
/// use upsign_gcs::ServiceAccountKey;
/// let key = ServiceAccountKey::from_json(&std::fs::read_to_string("service-account.json")?)?;
/// assert_eq!(key.client_email(), "uploads@my-project.iam.gserviceaccount.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ServiceAccountKey {
    client_email: Box<str>,
    pair: Arc<RsaKeyPair>,
}

/// The reason why a text is not the key file of a service account. No variant contains a part of the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidServiceAccountKey {
    /// The text is not a JSON object with the members `type`, `client_email` and `private_key`, at this line and column.
    #[error(
        "the key file is not JSON with the texts type, client_email and private_key (line {line}, column {column})"
    )]
    Json {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
    },
    /// `type` is not `service_account`. Files of users and of workload identity federation contain no key to sign with.
    #[error("the key file is of type {0:?}, but only \"service_account\" contains a key that can sign")]
    Type(Box<str>),
    /// `client_email` is empty, longer than 256 bytes, or contains `/` or a character other than visible ASCII.
    #[error("client_email must be 1 to 256 visible ASCII characters without `/`")]
    ClientEmail,
    /// `private_key` is not a PEM block `PRIVATE KEY` (PKCS #8) with an RSA key of 2048 to 8192 bits.
    #[error("private_key must be a PEM block `PRIVATE KEY` with an RSA key of 2048 to 8192 bits")]
    PrivateKey,
}

/// The members that signing needs. `private_key` is moved into a buffer that is erased.
#[derive(Deserialize)]
struct KeyFile {
    #[serde(rename = "type")]
    kind: Box<str>,
    #[serde(default)]
    client_email: Box<str>,
    #[serde(default)]
    private_key: String,
}

impl ServiceAccountKey {
    /// Reads the text of a JSON key file, as Google creates it for a service account.
    ///
    /// The decoded key is erased from memory after it has been read. The caller erases `json`, if it must not stay in memory.
    ///
    /// # Errors
    /// Returns the first reason why the text is not such a file. The error contains nothing of the key.
    pub fn from_json(json: &str) -> Result<Self, InvalidServiceAccountKey> {
        // The error of the parser quotes its input, so only the position is kept.
        let file: KeyFile = serde_json::from_str(json)
            .map_err(|error| InvalidServiceAccountKey::Json { line: error.line(), column: error.column() })?;
        let private_key = Zeroizing::new(file.private_key);
        if file.kind.as_ref() != "service_account" {
            return Err(InvalidServiceAccountKey::Type(file.kind));
        }
        Self::from_pem(&file.client_email, &private_key)
    }

    /// Combines the address of a service account and its private key, a PEM block `PRIVATE KEY`.
    ///
    /// # Errors
    /// Returns an error if the address or the key is malformed. The error contains nothing of the key.
    pub fn from_pem(client_email: &str, private_key: &str) -> Result<Self, InvalidServiceAccountKey> {
        let is_visible = client_email.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
        if !(1..=256).contains(&client_email.len()) || !is_visible {
            return Err(InvalidServiceAccountKey::ClientEmail);
        }
        let der = der_of_pem(private_key).ok_or(InvalidServiceAccountKey::PrivateKey)?;
        let pair = RsaKeyPair::from_pkcs8(&der).map_err(|_| InvalidServiceAccountKey::PrivateKey)?;
        Ok(Self { client_email: client_email.into(), pair: Arc::new(pair) })
    }

    /// Returns the address of the service account. Every URL signed with the key contains it.
    #[must_use]
    pub fn client_email(&self) -> &str {
        &self.client_email
    }

    /// Returns the PKCS #1 v1.5 signature of the message's SHA-256 hash, in hex.
    pub(crate) fn sign(&self, message: &str) -> Result<String, aws_lc_rs::error::Unspecified> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        // The padding is deterministic: the random numbers do not reach the signature.
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)?;
        Ok(hex(&signature))
    }
}

/// Returns the content of the text's one PEM block `PRIVATE KEY`.
fn der_of_pem(pem: &str) -> Option<Zeroizing<Vec<u8>>> {
    let body =
        pem.trim().strip_prefix("-----BEGIN PRIVATE KEY-----")?.strip_suffix("-----END PRIVATE KEY-----")?;
    let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
    base64.extend(body.split_ascii_whitespace());
    STANDARD.decode(base64.as_str()).ok().map(Zeroizing::new)
}

impl fmt::Debug for ServiceAccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccountKey").field("client_email", &self.client_email).finish_non_exhaustive()
    }
}
