//! One attempt to deliver a message.

use std::fmt;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, StatusCode, Url};
use upsign::Timestamp;

use crate::http::{client, is_allowed};
use crate::message::{InvalidMessage, Message};
use crate::signer::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, WebhookSigner};

/// Sends webhooks to one receiver. Feature `http`. Requires a tokio runtime.
///
/// A status from 200 to 299 means that the receiver has the message. Redirects are not followed, no proxy is used, and a request
/// takes at most 15 seconds. `Debug` shows neither the path of the URL nor the secrets.
///
/// ```no_run
/// use upsign_webhooks::{Message, WebhookSender, WebhookSigner};
///
/// # async fn consume(text: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let signer = WebhookSigner::new(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse()?])?;
/// let sender = WebhookSender::new("https://app.example.org/hooks/uploads", signer)?;
///
/// // A consumer of a queue calls this for each message. If it fails, the queue delivers the message again.
/// sender.deliver_text(text, upsign::Clock::now(&upsign::SystemClock)).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct WebhookSender {
    url: Url,
    signer: WebhookSigner,
    client: Client,
}

/// A text is not a URL to send webhooks to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidWebhookUrl {
    /// The text is no URL, its scheme is not `https` (or `http` on this machine), or it contains a user name, password or fragment.
    #[error(
        "the URL of a webhook must begin with https:// (or with http:// and the address of this machine), without user name and fragment"
    )]
    Form,
    /// TLS cannot be set up on this machine.
    #[error("the HTTP client for webhooks cannot be created")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A message was not delivered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// There was no answer.
    #[error("the receiver of the webhook did not answer")]
    NoAnswer(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The receiver answered another status than 200 to 299.
    #[error("the receiver of the webhook answered {status}")]
    Status {
        /// The status.
        status: u16,
        /// The pause in seconds that the receiver asks for by `Retry-After`.
        retry_after: Option<u64>,
    },
    /// The receiver answered 410: it wants no more webhooks, so this message is not sent again.
    #[error("the receiver of the webhook answered 410: it does not exist any more")]
    Gone,
    /// The text in the queue is no message.
    #[error(transparent)]
    Message(#[from] InvalidMessage),
}

impl DeliveryError {
    /// Returns whether a further attempt is of no use.
    #[must_use]
    pub const fn is_permanent(&self) -> bool {
        matches!(self, Self::Gone | Self::Message(_))
    }

    pub(crate) const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl WebhookSender {
    /// Creates the sender. It does not connect to anything yet.
    ///
    /// # Errors
    /// Fails if the URL is not acceptable, or if TLS cannot be set up.
    pub fn new(url: &str, signer: WebhookSigner) -> Result<Self, InvalidWebhookUrl> {
        let url: Url = url.parse().map_err(|_| InvalidWebhookUrl::Form)?;
        if !is_allowed(&url) {
            return Err(InvalidWebhookUrl::Form);
        }
        let client = client(&url).build().map_err(|error| InvalidWebhookUrl::Client(error.into()))?;
        Ok(Self { url, signer, client })
    }

    /// Sends a message once. `at` is the current time, which is signed.
    ///
    /// # Errors
    /// Fails if the receiver does not confirm that it has the message. Then send it again later, unless the error
    /// [is permanent](DeliveryError::is_permanent).
    pub async fn deliver(&self, message: &Message, at: Timestamp) -> Result<(), DeliveryError> {
        let body = message.body().to_owned();
        let request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ID_HEADER, message.id())
            .header(TIMESTAMP_HEADER, at.as_unix().to_string())
            .header(SIGNATURE_HEADER, self.signer.sign(message.id(), at, body.as_bytes()))
            .body(body);
        // The URL can contain a secret of the receiver, so it is not part of the error.
        let answer =
            request.send().await.map_err(|error| DeliveryError::NoAnswer(error.without_url().into()))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            StatusCode::GONE => Err(DeliveryError::Gone),
            status => {
                let asked = answer.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok()?.parse().ok());
                Err(DeliveryError::Status { status: status.as_u16(), retry_after: asked })
            }
        }
    }

    /// Sends a message that was passed through a queue as [`Message::to_text`] writes it.
    ///
    /// # Errors
    /// As [`deliver`](Self::deliver), and if the text is no message.
    pub async fn deliver_text(&self, text: &str, at: Timestamp) -> Result<(), DeliveryError> {
        self.deliver(&Message::from_text(text)?, at).await
    }
}

impl fmt::Debug for WebhookSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSender")
            .field("origin", &self.url.origin().ascii_serialization())
            .finish_non_exhaustive()
    }
}
