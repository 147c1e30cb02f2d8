//! An outbox in a queue of SQS.

use upsign::{Clock, CredentialsSource, SystemClock, async_trait};
use upsign_sqs::{InvalidQueueUrl, Queue};

use crate::message::Message;
use crate::outbox::{Outbox, OutboxError};

/// Passes messages to a queue of SQS. Feature `http`. Requires a tokio runtime.
///
/// A consumer of the queue delivers them: `upsign serve` with `deliver = true`, a Lambda function that calls
/// [`WebhookSender::deliver_text`](crate::WebhookSender::deliver_text), or a program with
/// [`QueueDeliverer`](crate::QueueDeliverer). The queue delivers a failed message again after its visibility timeout, and moves it
/// to a dead-letter queue after the attempts of its redrive policy.
///
/// `SendMessage` is signed with Signature Version 4 in headers; no crate of the AWS SDK is involved. The credentials need
/// `sqs:SendMessage` on the queue. A call has up to 3 attempts. In a FIFO queue, the id of a message removes repetitions within 5
/// minutes.
///
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>.
#[derive(Debug)]
pub struct SqsOutbox {
    queue: Queue,
    clock: Box<dyn Clock>,
}

impl SqsOutbox {
    /// Creates the outbox. It does not connect to anything yet.
    ///
    /// `region` is that of the queue.
    ///
    /// # Errors
    /// Fails if the URL is not that of a queue, or if TLS cannot be set up.
    pub fn new(
        queue_url: &str,
        region: &str,
        credentials: impl CredentialsSource + 'static,
    ) -> Result<Self, InvalidQueueUrl> {
        let region = region.parse().map_err(|_| InvalidQueueUrl::Form)?;
        Ok(Self::with_queue(Queue::new(queue_url, &region, credentials)?))
    }

    /// Creates the outbox of a queue.
    #[must_use]
    pub fn with_queue(queue: Queue) -> Self {
        Self { queue, clock: Box::new(SystemClock) }
    }

    /// Sets the clock, which states the time of each signature.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Box::new(clock), ..self }
    }
}

#[async_trait]
impl Outbox for SqsOutbox {
    async fn put(&self, message: Message) -> Result<(), OutboxError> {
        let text = message.to_text().map_err(OutboxError::new)?;
        let sent = self.queue.send(&text, message.id(), self.clock.now()).await;
        sent.map_err(OutboxError::new)
    }
}
