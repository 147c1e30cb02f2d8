//! The shared secrets of webhooks.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// A secret that the sender and the receiver of webhooks share, as `whsec_` and base64 of 24 to 64 bytes.
///
/// Create one with `echo whsec_$(openssl rand -base64 32)`, or from random bytes with [`from_bytes`](Self::from_bytes). The bytes
/// are overwritten with zeros when the value is dropped, and `Debug` does not show them.
///
/// Source: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme>.
///
/// ```
/// use upsign_webhooks::WebhookSecret;
/// let secret: WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse()?;
/// assert_eq!(format!("{secret:?}"), "WebhookSecret(..)");
/// assert!("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse::<WebhookSecret>().is_err());
/// # Ok::<(), upsign_webhooks::InvalidWebhookSecret>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(Zeroizing<Vec<u8>>);

/// The reason why a text is not a [`WebhookSecret`]. The messages do not contain the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidWebhookSecret {
    /// The text does not begin with `whsec_`.
    #[error("a webhook secret must begin with `whsec_`")]
    Prefix,
    /// The text after the prefix is not base64.
    #[error("a webhook secret must be `whsec_` and base64")]
    Base64,
    /// The secret has fewer than 24 or more than 64 bytes. Holds the number.
    #[error("a webhook secret must have 24 to 64 bytes, but this one has {0}")]
    Length(usize),
}

const PREFIX: &str = "whsec_";

impl WebhookSecret {
    /// Creates a secret from 24 to 64 random bytes.
    ///
    /// # Errors
    /// Fails if there are fewer or more.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidWebhookSecret> {
        if !(24..=64).contains(&bytes.len()) {
            return Err(InvalidWebhookSecret::Length(bytes.len()));
        }
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// Returns the text with the prefix, to hand it to the receiver. Do not log it.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", STANDARD.encode(&*self.0)))
    }

    /// Returns the HMAC over the id, the time in Unix seconds and the body, which has the form that the specification demands.
    pub(crate) fn mac(&self, id: &str, timestamp: u64, body: &[u8]) -> Option<Hmac<Sha256>> {
        // HMAC accepts keys of every length.
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        Some(mac.chain_update(format!("{id}.{timestamp}.")).chain_update(body))
    }
}

impl FromStr for WebhookSecret {
    type Err = InvalidWebhookSecret;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let encoded = text.strip_prefix(PREFIX).ok_or(InvalidWebhookSecret::Prefix)?;
        let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| InvalidWebhookSecret::Base64)?);
        Self::from_bytes(&bytes)
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}
