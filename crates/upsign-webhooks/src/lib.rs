//! Notifies an application by HTTP when an upload was confirmed, rejected or has expired. The requests are signed as
//! Standard Webhooks specifies.
//!
//! [`WebhookAnnouncer`] is the [`Announce`](upsign::Announce) of an upload service: it writes a [`Message`] and puts it into
//! an [`Outbox`]. The service answers its client only after that, so no message is lost between the two, and each arrives at least
//! once.
//!
//! | outbox | keeps messages | delivers |
//! | --- | --- | --- |
//! | `InProcessOutbox` (feature `http`) | in memory, until the process ends | itself, with further attempts for a day |
//! | `SqsOutbox` (feature `http`) | in a queue of SQS | `upsign serve` with `deliver = true`, or a program with `QueueDeliverer` |
//! | your own | for example in a table of your database | your own job, by `WebhookSender::deliver` |
//!
//! # In the application that receives them
//!
//! [`WebhookVerifier`] checks the signature, and refuses webhooks that were recorded and sent again. Every library for Standard
//! Webhooks does the same, in any language.
//!
//! ```
//! use upsign::{Announcement, AnnouncementKind};
//! use upsign_webhooks::{Message, WebhookHeaders, WebhookSecret, WebhookSigner, WebhookVerifier};
//!
//! let secret: WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse()?;
//! let at = "2026-01-31T12:00:00Z".parse()?;
//! let key = "articles/7/0190.jpg".parse()?;
//! let message = Message::of(&Announcement::new(AnnouncementKind::Expired, "article-images", &key, "v1", at))?;
//! let signature = WebhookSigner::new([secret.clone()])?.sign(message.id(), at, message.body().as_bytes());
//!
//! let headers = WebhookHeaders { id: message.id(), timestamp: "1769860800", signature: &signature };
//! WebhookVerifier::new([secret])?.verify(headers, message.body().as_bytes(), at)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What this is not
//!
//! It does not decide what is announced: `upsign` does. It filters no private addresses: the URL comes from the operator, not from
//! users.
//!
//! Source: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.

#[cfg(feature = "http")]
mod backoff;
#[cfg(feature = "http")]
mod http;
mod message;
mod outbox;
mod secret;
mod signer;

#[cfg(feature = "http")]
pub use http::{
    DeliveryCounts, DeliveryError, Drained, InProcessOutbox, InvalidWebhookUrl, QueueDeliverer, SqsOutbox,
    WebhookSender,
};
pub use message::{InvalidMessage, Message};
pub use outbox::{Outbox, OutboxError, WebhookAnnouncer};
pub use secret::{InvalidWebhookSecret, WebhookSecret};
pub use signer::{
    ID_HEADER, InvalidSecretCount, InvalidWebhook, SIGNATURE_HEADER, TIMESTAMP_HEADER, WebhookHeaders,
    WebhookSigner, WebhookVerifier,
};
#[doc(no_inline)]
pub use upsign::{Announcement, Clock, CredentialsSource, Timestamp};
#[cfg(feature = "http")]
#[doc(no_inline)]
pub use upsign_sqs::{HandleMessage, Handled, InvalidQueueUrl, Poller, Queue, QueueMessage};
