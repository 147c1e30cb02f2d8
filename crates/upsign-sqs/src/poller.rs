//! Receiving messages until a process ends.

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use upsign_core::{Timestamp, error_chain};

use crate::error::QueueError;
use crate::options::PollOptions;
use crate::queue::{Queue, QueueMessage};
use crate::status::{PollStatus, SharedStatus};

/// Handles the messages of a queue.
///
/// ```
/// use std::time::Duration;
/// use upsign_sqs::{HandleMessage, Handled, QueueMessage, async_trait};
///
/// /// Accepts numbers. Other messages end in the dead-letter queue.
/// struct Numbers;
///
/// #[async_trait]
/// impl HandleMessage for Numbers {
///     async fn handle(&self, message: &QueueMessage) -> Handled {
///         match message.body.parse::<u32>() {
///             Ok(_) => Handled::Done,
///             Err(_) => Handled::Retry(Duration::from_secs(60)),
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait HandleMessage: Send + Sync {
    /// Handles one message. It can be called with a message again that it has handled, and for several messages at the same time.
    ///
    /// Implementations write `async fn handle(&self, message: &QueueMessage) -> Handled`.
    async fn handle(&self, message: &QueueMessage) -> Handled;
}

#[async_trait]
impl<H: HandleMessage + ?Sized> HandleMessage for Arc<H> {
    async fn handle(&self, message: &QueueMessage) -> Handled {
        (**self).handle(message).await
    }
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a queue knows no third end of a delivery")]
pub enum Handled {
    /// It is deleted.
    Done,
    /// It stays in the queue, and is delivered again after this pause. The redrive policy of the queue limits how often.
    Retry(Duration),
}

/// The longest pause of a message: SQS hides messages for 12 hours after they were received, and receiving and handling take time.
const MAX_PAUSE: Duration = Duration::from_hours(11);
/// The pause after a message whose handling took too long.
const PAUSE_AFTER_LIMIT: Duration = Duration::from_secs(30);
/// The number of messages in one call.
const BATCH: usize = 10;

/// Receives messages and passes them to a [`HandleMessage`].
///
/// It receives no more messages than it can begin to handle. A queue that cannot be read is tried again after growing pauses, and
/// [`status`](Self::status) tells why. Clones share the status, so a program can ask one of them while another runs.
pub struct Poller<H> {
    queue: Queue,
    handler: Arc<H>,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    options: PollOptions,
    status: SharedStatus,
}

impl<H: HandleMessage + 'static> Poller<H> {
    /// Creates a poller. `now` reads the clock; the time is signed.
    #[must_use]
    pub fn new(queue: Queue, handler: H, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        let (options, status) = (PollOptions::default(), SharedStatus::default());
        Self { queue, handler: Arc::new(handler), now: Arc::new(now), options, status }
    }

    /// Sets times and numbers.
    #[must_use]
    pub fn with_options(self, options: PollOptions) -> Self {
        Self { options, ..self }
    }

    /// Returns whether the queue can be read.
    #[must_use]
    pub fn status(&self) -> PollStatus {
        self.status.get()
    }

    /// Receives and handles messages until `stop` resolves, and then returns when the messages in hand are handled.
    ///
    /// A message that SQS sends at the same instant as `stop` may be lost on the way: it is delivered again after the lease. If this
    /// future is dropped, handling ends at once, with the same effect.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        let (mut stop, mut tasks) = (pin!(stop), JoinSet::new());
        let (mut failures, mut batch) = (0_u32, BATCH);
        loop {
            while tasks.try_join_next().is_some() {}
            let free = self.options.concurrent.saturating_sub(tasks.len());
            if free == 0 {
                tokio::select! {
                    () = &mut stop => break,
                    _ = tasks.join_next() => continue,
                }
            }
            let received = self.receive(free.min(batch));
            let received = tokio::select! {
                biased;
                () = &mut stop => break,
                received = received => received,
            };
            match received {
                Ok(messages) => {
                    if failures > 0 {
                        tracing::info!(queue = self.queue.name(), failures, "queue is read again");
                    }
                    (failures, batch) = (0, BATCH);
                    self.status.succeeded();
                    for message in messages {
                        tasks.spawn(self.clone().handle(message));
                    }
                }
                Err(error) => {
                    failures = failures.saturating_add(1);
                    // Each of several messages can be read if it comes alone.
                    batch = if matches!(error, QueueError::TooLarge) { 1 } else { BATCH };
                    if !self.pause(&error, failures, stop.as_mut()).await {
                        break;
                    }
                }
            }
        }
        while tasks.join_next().await.is_some() {}
    }

    async fn receive(&self, max: usize) -> Result<Vec<QueueMessage>, QueueError> {
        self.queue.receive(max, self.options.wait, self.options.lease, (self.now)()).await
    }

    /// Waits after a failure. Returns `false` if the poller was stopped meanwhile.
    async fn pause(
        &self,
        error: &QueueError,
        failures: u32,
        stop: Pin<&mut impl Future<Output = ()>>,
    ) -> bool {
        self.status.failed(error);
        let pause = self.options.backoff.pause_from_half(failures);
        // A chain cannot be kept across an await.
        let (queue, error) = (self.queue.name(), error_chain(error).to_string());
        tracing::warn!(queue, error, failures, next_attempt_in = ?pause, "queue not read");
        tokio::select! {
            () = stop => false,
            () = sleep(pause) => true,
        }
    }

    async fn handle(self, message: QueueMessage) {
        let limit = self.options.handle_limit;
        let handled = timeout(limit, self.handler.handle(&message)).await.unwrap_or_else(|_| {
            tracing::warn!(queue = self.queue.name(), id = &*message.id, ?limit, "message took too long");
            Handled::Retry(PAUSE_AFTER_LIMIT)
        });
        let (result, call) = match handled {
            Handled::Done => (self.queue.delete(&message, (self.now)()).await, "DeleteMessage"),
            Handled::Retry(pause) => {
                let hidden = self.queue.hide(&message, pause.min(MAX_PAUSE), (self.now)()).await;
                (hidden, "ChangeMessageVisibility")
            }
        };
        // Either way the message is delivered again when its lease is over.
        if let Err(error) = result {
            let (queue, id, error) = (self.queue.name(), &*message.id, error_chain(&error));
            tracing::warn!(queue, id, call, %error, "message stays in the queue");
        }
    }
}

/// Without the bounds that the macro would add for `H`.
impl<H> Clone for Poller<H> {
    fn clone(&self) -> Self {
        Self {
            queue: self.queue.clone(),
            handler: Arc::clone(&self.handler),
            now: Arc::clone(&self.now),
            options: self.options,
            status: self.status.clone(),
        }
    }
}

impl<H> fmt::Debug for Poller<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller")
            .field("queue", &self.queue)
            .field("options", &self.options)
            .field("status", &self.status.get())
            .finish_non_exhaustive()
    }
}
