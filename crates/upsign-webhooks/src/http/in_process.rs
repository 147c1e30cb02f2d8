//! An outbox in the memory of the process.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep, timeout_at};
use upsign::{Clock, SystemClock, async_trait, fill_random};

use crate::backoff::{MAX_ATTEMPTS, pause};
use crate::http::sender::{DeliveryError, WebhookSender};
use crate::message::Message;
use crate::outbox::{Outbox, OutboxError};

/// Maximum number of messages that wait. A further one is refused, and the client that confirms receives 503.
const CAPACITY: u32 = 1_000;
/// Maximum number of requests at the same time.
const CONCURRENT: usize = 16;

/// Keeps messages in the memory of one process and delivers them. Feature `http`. Requires a tokio runtime.
///
/// **Messages are lost if the process dies.** It suits a server that runs once and is stopped by [`drain`](Self::drain); a
/// function of Lambda is frozen between requests and needs a queue.
///
/// A message is sent at once, and after failures up to 7 times more, within about 28 hours: after 5 seconds, 5 and 30 minutes, 2, 5,
/// 10 and 10 hours, of which half is random. `Retry-After` prolongs a pause up to a day. After the last attempt, or if the receiver
/// answers 410, the message is dropped and its id is logged as an error.
///
/// Up to 1,000 messages wait, and up to 16 are sent at the same time. The order of delivery is not that of the announcements.
pub struct InProcessOutbox {
    shared: Arc<Shared>,
}

struct Shared {
    sender: WebhookSender,
    clock: Box<dyn Clock>,
    waiting: Arc<Semaphore>,
    requests: Semaphore,
    stop: watch::Sender<bool>,
    delivered: AtomicU64,
    retried: AtomicU64,
    lost: AtomicU64,
}

/// What an outbox has done since it was created, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveryCounts {
    /// Messages that the receiver has.
    pub delivered: u64,
    /// Failed attempts after which the message is sent again.
    pub retried: u64,
    /// Messages that are dropped after their last attempt.
    pub lost: u64,
}

/// What became of the messages that waited when the outbox was [drained](InProcessOutbox::drain).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drained {
    /// Number of messages that were still waiting when the time was over. They are lost.
    pub undelivered: u32,
}

impl InProcessOutbox {
    /// Creates an empty outbox.
    #[must_use]
    pub fn new(sender: WebhookSender) -> Self {
        Self::with_clock(sender, SystemClock)
    }

    /// Creates an empty outbox with a clock, which states the time of each signature.
    #[must_use]
    pub fn with_clock(sender: WebhookSender, clock: impl Clock + 'static) -> Self {
        let shared = Shared {
            sender,
            clock: Box::new(clock),
            waiting: Arc::new(Semaphore::new(CAPACITY as usize)),
            requests: Semaphore::new(CONCURRENT),
            stop: watch::Sender::new(false),
            delivered: AtomicU64::new(0),
            retried: AtomicU64::new(0),
            lost: AtomicU64::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Delivers the messages that wait, for a shutdown: every pause ends at once for a last attempt. Returns when all are
    /// delivered or refused, at the latest after `within`. Messages that arrive meanwhile are refused.
    pub async fn drain(&self, within: Duration) -> Drained {
        let end = Instant::now() + within;
        self.shared.stop.send_replace(true);
        // All permits are free once no message waits.
        let all = self.shared.waiting.acquire_many(CAPACITY);
        let undelivered = match timeout_at(end, all).await {
            Ok(_) => 0,
            Err(_) => CAPACITY - u32::try_from(self.shared.waiting.available_permits()).unwrap_or(CAPACITY),
        };
        if undelivered > 0 {
            tracing::error!(messages = undelivered, "webhooks lost at shutdown");
        }
        Drained { undelivered }
    }

    /// Returns the number of messages that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        CAPACITY as usize - self.shared.waiting.available_permits()
    }

    /// Returns the numbers of deliveries, of further attempts and of lost messages.
    #[must_use]
    pub fn counts(&self) -> DeliveryCounts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let Shared { delivered, retried, lost, .. } = &*self.shared;
        DeliveryCounts { delivered: read(delivered), retried: read(retried), lost: read(lost) }
    }
}

impl Drop for InProcessOutbox {
    fn drop(&mut self) {
        // Tasks that wait for their next attempt hold the shared state, and would go on for hours.
        self.shared.stop.send_replace(true);
    }
}

#[async_trait]
impl Outbox for InProcessOutbox {
    async fn put(&self, message: Message) -> Result<(), OutboxError> {
        if *self.shared.stop.borrow() {
            return Err(OutboxError::new("the outbox is shutting down"));
        }
        let permit = Arc::clone(&self.shared.waiting)
            .try_acquire_owned()
            .map_err(|_| OutboxError::new(format!("{CAPACITY} webhooks are waiting already")))?;
        tokio::spawn(deliver(Arc::clone(&self.shared), message, permit));
        Ok(())
    }
}

/// Delivers one message with its further attempts. The permit is returned at the end, also if the task is cancelled.
async fn deliver(shared: Arc<Shared>, message: Message, _permit: OwnedSemaphorePermit) {
    let mut stop = shared.stop.subscribe();
    for attempt in 1..=MAX_ATTEMPTS {
        let is_last = *stop.borrow_and_update() || attempt == MAX_ATTEMPTS;
        let Err(error) = shared.attempt(&message).await else {
            shared.delivered.fetch_add(1, Ordering::Relaxed);
            tracing::debug!(id = message.id(), attempt, "webhook delivered");
            return;
        };
        let pause =
            pause(attempt, random(), error.retry_after()).filter(|_| !is_last && !error.is_permanent());
        let cause = describe(&error);
        let Some(pause) = pause else {
            shared.lost.fetch_add(1, Ordering::Relaxed);
            tracing::error!(id = message.id(), attempt, error = cause, "webhook lost");
            return;
        };
        shared.retried.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(id = message.id(), attempt, next_attempt_in = ?pause, error = cause, "webhook not delivered");
        tokio::select! {
            () = sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

impl Shared {
    async fn attempt(&self, message: &Message) -> Result<(), DeliveryError> {
        // The semaphore is never closed.
        let _permit = self.requests.acquire().await.ok();
        self.sender.deliver(message, self.clock.now()).await
    }
}

/// Without entropy the pauses are only less spread.
pub(super) fn random() -> u32 {
    let mut bytes = [0; 4];
    let filled = fill_random(&mut bytes);
    filled.map_or(0, |()| u32::from_le_bytes(bytes))
}

pub(super) fn describe(error: &DeliveryError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

impl fmt::Debug for InProcessOutbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcessOutbox")
            .field("sender", &self.shared.sender)
            .field("waiting", &self.waiting())
            .finish()
    }
}
