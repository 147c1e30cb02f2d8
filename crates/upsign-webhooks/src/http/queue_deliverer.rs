//! Delivery of the messages of a queue.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use upsign::{Clock, SystemClock};
use upsign_sqs::{HandleMessage, Handled, QueueMessage, async_trait};

use crate::backoff::{MAX_ATTEMPTS, pause};
use crate::http::in_process::{DeliveryCounts, describe, random};
use crate::http::sender::{DeliveryError, WebhookSender};

/// The pause after a message that is no webhook. No attempt will succeed, so it soon is in the dead-letter queue.
const UNREADABLE: Duration = Duration::from_mins(5);
/// The pause after more attempts than the schedule has.
const LATER: Duration = Duration::from_hours(10);

/// Delivers the webhooks that [`SqsOutbox`](crate::SqsOutbox) put into a queue: the handler of a
/// [`Poller`](upsign_sqs::Poller). Feature `http`. Requires a tokio runtime.
///
/// The pauses between attempts are those of [`InProcessOutbox`](crate::InProcessOutbox): after 5 seconds, 5 and 30 minutes, 2, 5 and
/// twice 10 hours, of which half is random, and every 10 hours from then on. `Retry-After` prolongs a pause up to 11 hours. The redrive
/// policy of the queue ends the attempts: with `maxReceiveCount` 8, after about 28 hours. A process that ends loses no message.
///
/// If the receiver answers 410, the message is deleted and its id is logged as an error. A message that is no webhook is not deleted:
/// the queue may be another one than was meant. It is logged as an error, and stays until the queue moves it to its dead-letter queue.
pub struct QueueDeliverer {
    sender: WebhookSender,
    clock: Box<dyn Clock>,
    delivered: AtomicU64,
    retried: AtomicU64,
    lost: AtomicU64,
}

impl QueueDeliverer {
    /// Creates what delivers by this sender.
    #[must_use]
    pub fn new(sender: WebhookSender) -> Self {
        Self::with_clock(sender, SystemClock)
    }

    /// Creates it with a clock, which states the time of each signature.
    #[must_use]
    pub fn with_clock(sender: WebhookSender, clock: impl Clock + 'static) -> Self {
        let [delivered, retried, lost] = [(); 3].map(|()| AtomicU64::new(0));
        Self { sender, clock: Box::new(clock), delivered, retried, lost }
    }

    /// Returns the numbers of deliveries, of further attempts, and of messages that are deleted without delivery.
    #[must_use]
    pub fn counts(&self) -> DeliveryCounts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        DeliveryCounts {
            delivered: read(&self.delivered),
            retried: read(&self.retried),
            lost: read(&self.lost),
        }
    }

    fn retry(&self, id: &str, attempt: u32, error: &DeliveryError) -> Handled {
        self.retried.fetch_add(1, Ordering::Relaxed);
        let cause = describe(error);
        if matches!(error, DeliveryError::Message(_)) {
            tracing::error!(id, attempt, error = cause, "message in the queue of webhooks is no webhook");
            return Handled::Retry(UNREADABLE);
        }
        let number = usize::try_from(attempt).unwrap_or(MAX_ATTEMPTS);
        let pause = pause(number, random(), error.retry_after()).unwrap_or(LATER);
        tracing::warn!(id, attempt, next_attempt_in = ?pause, error = cause, "webhook not delivered");
        Handled::Retry(pause)
    }
}

#[async_trait]
impl HandleMessage for QueueDeliverer {
    async fn handle(&self, message: &QueueMessage) -> Handled {
        let (id, attempt) = (&*message.id, message.receive_count);
        match self.sender.deliver_text(&message.body, self.clock.now()).await {
            Ok(()) => {
                self.delivered.fetch_add(1, Ordering::Relaxed);
                tracing::debug!(id, attempt, "webhook delivered");
                Handled::Done
            }
            Err(error @ DeliveryError::Gone) => {
                self.lost.fetch_add(1, Ordering::Relaxed);
                tracing::error!(id, attempt, error = describe(&error), "webhook lost");
                Handled::Done
            }
            Err(error) => self.retry(id, attempt, &error),
        }
    }
}

impl fmt::Debug for QueueDeliverer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueDeliverer")
            .field("sender", &self.sender)
            .field("counts", &self.counts())
            .finish()
    }
}
