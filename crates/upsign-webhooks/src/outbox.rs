//! Where messages wait until they are delivered.

use std::error::Error;
use std::fmt::Debug;
use std::sync::Arc;

use upsign::async_trait;
use upsign::{Announce, AnnounceError, Announcement};

use crate::message::Message;

/// Keeps messages until they are delivered.
///
/// The application chooses what is safe enough: a table of its database in the transaction of the upload, a queue
/// (`SqsOutbox`), or the memory of a single process (`InProcessOutbox`).
///
/// ```
/// use std::sync::mpsc::SyncSender;
///
/// use upsign::async_trait;
/// use upsign_webhooks::{Message, Outbox, OutboxError};
///
/// /// Passes messages to a thread of this program, which delivers them.
/// #[derive(Debug)]
/// struct ToThread(SyncSender<Message>);
///
/// #[async_trait]
/// impl Outbox for ToThread {
///     async fn put(&self, message: Message) -> Result<(), OutboxError> {
///         self.0.try_send(message).map_err(|_| OutboxError::new("the thread does not keep up"))
///     }
/// }
/// ```
#[async_trait]
pub trait Outbox: Debug + Send + Sync {
    /// Accepts a message. It must not be lost once this returned.
    ///
    /// Implementations write `async fn put(&self, message: Message) -> Result<(), OutboxError>`. The same message can arrive more
    /// than once, with the same [`id`](Message::id).
    ///
    /// # Errors
    /// Return [`OutboxError`] if the message is not kept. The client that confirms its upload receives 503 and repeats.
    async fn put(&self, message: Message) -> Result<(), OutboxError>;
}

/// The outbox does not keep the message.
#[derive(Debug, thiserror::Error)]
#[error("the outbox did not accept the message")]
#[non_exhaustive]
pub struct OutboxError {
    source: Box<dyn Error + Send + Sync>,
}

impl OutboxError {
    /// Wraps the outbox's own error, or a message that describes it.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: source.into() }
    }
}

#[async_trait]
impl<O: Outbox + ?Sized> Outbox for Arc<O> {
    async fn put(&self, message: Message) -> Result<(), OutboxError> {
        (**self).put(message).await
    }
}

/// Announces uploads by webhooks: writes the message of each announcement and puts it into an outbox.
#[derive(Clone, Debug)]
pub struct WebhookAnnouncer<O> {
    outbox: O,
}

impl<O: Outbox> WebhookAnnouncer<O> {
    /// Creates the announcer.
    #[must_use]
    pub const fn new(outbox: O) -> Self {
        Self { outbox }
    }
}

#[async_trait]
impl<O: Outbox> Announce for WebhookAnnouncer<O> {
    async fn announce(&self, announcement: &Announcement<'_>) -> Result<(), AnnounceError> {
        let message = Message::of(announcement).map_err(AnnounceError::new)?;
        self.outbox.put(message).await.map_err(AnnounceError::new)
    }
}
