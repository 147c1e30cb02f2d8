//! Signatures of webhooks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac as _;
use upsign::Timestamp;

use crate::secret::WebhookSecret;

/// The name of the header with the id of the message. It is the same for every attempt to deliver it.
pub const ID_HEADER: &str = "webhook-id";
/// The name of the header with the time of the attempt, in Unix seconds.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The name of the header with the signatures.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// Signs webhooks as Standard Webhooks specifies (`v1`, HMAC-SHA256).
///
/// # Rotation
///
/// Every secret signs, and a receiver accepts a webhook if one of the signatures is right. To replace a secret: add the new one
/// here, change the receiver to it, and remove the old one here.
///
/// Source: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.
///
/// ```
/// use upsign_webhooks::WebhookSigner;
/// let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse()?;
/// let signer = WebhookSigner::new([secret])?;
/// let at = "2021-02-25T15:02:10Z".parse()?;
/// let signature = signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, br#"{"test": 2432232314}"#);
/// assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct WebhookSigner {
    secrets: Vec<WebhookSecret>,
}

/// There is no secret to sign with, or there are more than 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a webhook needs 1 to 8 secrets, but there are {0}")]
#[non_exhaustive]
pub struct InvalidSecretCount(pub usize);

const MAX_SECRETS: usize = 8;

fn checked(
    secrets: impl IntoIterator<Item = WebhookSecret>,
) -> Result<Vec<WebhookSecret>, InvalidSecretCount> {
    let secrets: Vec<WebhookSecret> = secrets.into_iter().collect();
    if (1..=MAX_SECRETS).contains(&secrets.len()) {
        Ok(secrets)
    } else {
        Err(InvalidSecretCount(secrets.len()))
    }
}

impl WebhookSigner {
    /// Creates the signer. Every secret signs each webhook.
    ///
    /// # Errors
    /// Fails if there is no secret, or if there are more than 8.
    pub fn new(secrets: impl IntoIterator<Item = WebhookSecret>) -> Result<Self, InvalidSecretCount> {
        checked(secrets).map(|secrets| Self { secrets })
    }

    /// Returns the value of the header `webhook-signature`: one signature per secret, separated by spaces.
    ///
    /// `at` is the time of the attempt, which the header `webhook-timestamp` states in Unix seconds.
    #[must_use]
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> String {
        let macs = self.secrets.iter().filter_map(|secret| secret.mac(id, at.as_unix(), body));
        let signatures = macs.map(|mac| format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
        signatures.collect::<Vec<_>>().join(" ")
    }
}

/// Verifies webhooks, for the application that receives them.
///
/// # Replays
///
/// A webhook whose time differs from the clock by more than the tolerance (5 minutes) is refused, so that one that was recorded
/// is of no use later. Inside of the tolerance, and because a webhook can be delivered more than once, remember the ids of the
/// last messages (at least for twice the tolerance) and ignore repetitions. A message that is retried has a new time and the same
/// id.
///
/// ```
/// use upsign_webhooks::{WebhookHeaders, WebhookVerifier};
/// let verifier = WebhookVerifier::new(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse()?])?;
/// let headers = WebhookHeaders {
///     id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
///     timestamp: "1614265330",
///     signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
/// };
/// let now = "2021-02-25T15:04:00Z".parse()?;
/// // The bytes of the body as they arrived, before they are parsed.
/// verifier.verify(headers, br#"{"test": 2432232314}"#, now)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct WebhookVerifier {
    secrets: Vec<WebhookSecret>,
    tolerance: u64,
}

/// The three headers of a webhook.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the headers of the specification")]
pub struct WebhookHeaders<'a> {
    /// The value of `webhook-id`.
    pub id: &'a str,
    /// The value of `webhook-timestamp`.
    pub timestamp: &'a str,
    /// The value of `webhook-signature`.
    pub signature: &'a str,
}

/// The reason why a webhook is refused. Answer 400 or 401, and do not act on its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidWebhook {
    /// The id is empty or longer than 256 bytes, or contains a full stop, which separates the signed parts.
    #[error("the id of the webhook is invalid")]
    Id,
    /// The time is no number of seconds.
    #[error("the time of the webhook is invalid")]
    Timestamp,
    /// The webhook is older than the tolerance: it was recorded and sent again, or the clocks differ.
    #[error("the webhook is too old")]
    TooOld,
    /// The time of the webhook is in the future: the clocks differ.
    #[error("the time of the webhook is in the future")]
    TooNew,
    /// No signature is that of a known secret: the body was changed, or the secrets differ.
    #[error("no signature of the webhook is valid")]
    Signature,
}

impl WebhookVerifier {
    /// Creates a verifier that accepts webhooks that one of the secrets signed, with a tolerance of 300 seconds.
    ///
    /// # Errors
    /// Fails if there is no secret, or if there are more than 8.
    pub fn new(secrets: impl IntoIterator<Item = WebhookSecret>) -> Result<Self, InvalidSecretCount> {
        checked(secrets).map(|secrets| Self { secrets, tolerance: 300 })
    }

    /// Sets by how many seconds the time of a webhook may differ from the clock, up to 3600. Default: 300, the value of the
    /// reference libraries.
    #[must_use]
    pub fn with_tolerance(self, seconds: u64) -> Self {
        Self { tolerance: seconds.min(3600), ..self }
    }

    /// Verifies the signature and the time of a webhook. `body` is the body as it arrived.
    ///
    /// # Errors
    /// Fails if the headers are malformed, the time is too far from `now`, or no signature is valid.
    pub fn verify(
        &self,
        headers: WebhookHeaders<'_>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), InvalidWebhook> {
        if headers.id.is_empty() || headers.id.len() > 256 || headers.id.contains('.') {
            return Err(InvalidWebhook::Id);
        }
        let is_number = (1..=11).contains(&headers.timestamp.len())
            && headers.timestamp.bytes().all(|it| it.is_ascii_digit());
        let timestamp: u64 =
            headers.timestamp.parse().ok().filter(|_| is_number).ok_or(InvalidWebhook::Timestamp)?;
        if timestamp.saturating_add(self.tolerance) < now.as_unix() {
            return Err(InvalidWebhook::TooOld);
        }
        if timestamp > now.as_unix().saturating_add(self.tolerance) {
            return Err(InvalidWebhook::TooNew);
        }
        let signatures =
            headers.signature.split(' ').filter_map(|it| it.strip_prefix("v1,")).take(2 * MAX_SECRETS);
        for signature in signatures.filter_map(|it| STANDARD.decode(it).ok()) {
            let mut macs = self.secrets.iter().filter_map(|secret| secret.mac(headers.id, timestamp, body));
            // The comparison takes the same time wherever the two differ.
            if macs.any(|mac| mac.verify_slice(&signature).is_ok()) {
                return Ok(());
            }
        }
        Err(InvalidWebhook::Signature)
    }
}
