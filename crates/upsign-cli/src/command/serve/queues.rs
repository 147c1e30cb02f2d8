//! The queues that the server reads: the events of the bucket, and webhooks that it delivers.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use upsign::{Clock, SystemClock, UploadService};
use upsign_axum::{Counter, InvalidMetric, Metrics};
use upsign_config::{Config, OutboxConfig};
use upsign_core::{Presigner, Region, error_chain};
use upsign_sqs::{HandleMessage, PollStatus, Poller, Queue};
use upsign_webhooks::QueueDeliverer;

use super::credentials::Signer;
use super::events::EventHandler;
use super::webhook;
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::listen::ShutdownSignals;
use crate::multipart_summary;

/// How long a shutdown waits for messages in hand, from its signal on. Those that are not handled then stay in their queue.
const FINISH: Duration = Duration::from_secs(20);

/// A poller that runs when it gets the signals.
type Start = Box<dyn FnOnce(&mut JoinSet<()>, ShutdownSignals) + Send>;

/// The queues, before and while they are read.
#[derive(Default)]
pub(super) struct Queues {
    starts: Vec<Start>,
    running: JoinSet<()>,
    observed: Vec<ObservedQueue>,
    /// What delivers the webhooks of a queue.
    pub(super) deliverer: Option<Arc<QueueDeliverer>>,
}

/// What is known about a queue without waiting.
#[derive(Clone)]
pub(super) struct ObservedQueue {
    name: &'static str,
    status: Arc<dyn Fn() -> PollStatus + Send + Sync>,
}

impl ObservedQueue {
    /// Returns a line about a queue that cannot be read.
    pub(super) fn problem(&self) -> Option<String> {
        let status = (self.status)();
        let (since, error) = (status.failing_for?, status.error.unwrap_or_default());
        Some(format!("{}: the queue has not been read for {} s: {error}", self.name, since.as_secs()))
    }

    pub(super) fn total_failures(&self) -> u64 {
        (self.status)().total_failures
    }
}

impl Queues {
    /// Prepares to read the queues of the configuration. `process` signs the calls, and `service` handles events.
    pub(super) async fn open<P: Presigner + 'static>(
        config: &Config,
        process: &Signer,
        service: UploadService<P>,
        metrics: &Metrics,
    ) -> Result<Self, CommandError> {
        let mut queues = Self::default();
        if let Some(events) = config.events() {
            let queue = queue(config, "events.queue_url", &events.queue_url, &events.region, process)?;
            let handler = EventHandler::new(service, metrics);
            let handler =
                handler.map_err(|error| CommandError::caused("cannot create the metrics", &error))?;
            queues.add("events", queue, handler);
        }
        if let Some(webhook) = config.webhook().filter(|webhook| webhook.deliver)
            && let OutboxConfig::Sqs { queue_url, region } = &webhook.outbox
        {
            let queue = queue(config, "webhook.queue_url", queue_url, region, process)?;
            let deliverer = Arc::new(QueueDeliverer::new(webhook::sender(config, webhook, process).await?));
            queues.deliverer = Some(Arc::clone(&deliverer));
            queues.add("webhooks", queue, deliverer);
        }
        Ok(queues)
    }

    fn add(&mut self, name: &'static str, queue: Queue, handler: impl HandleMessage + 'static) {
        let poller = Poller::new(queue, handler, || SystemClock.now());
        let observed = poller.clone();
        self.observed.push(ObservedQueue { name, status: Arc::new(move || observed.status()) });
        self.starts.push(Box::new(move |running, signals| {
            running.spawn(async move { poller.run(signals.received(1)).await });
        }));
    }

    /// Returns what the admin endpoints show.
    pub(super) fn observed(&self) -> Vec<ObservedQueue> {
        self.observed.clone()
    }

    /// Begins to read. The first signal stops it.
    pub(super) fn start(&mut self, signals: &ShutdownSignals) {
        for start in self.starts.drain(..) {
            start(&mut self.running, signals.clone());
        }
    }

    /// Waits for the end of the server and of the messages in hand, which have their time from the same signal on.
    pub(super) async fn finish_with<T>(self, served: impl Future<Output = T>, signals: ShutdownSignals) -> T {
        self.finish_within(FINISH, served, signals).await
    }

    async fn finish_within<T>(
        self,
        limit: Duration,
        served: impl Future<Output = T>,
        signals: ShutdownSignals,
    ) -> T {
        let (served, ()) = tokio::join!(served, self.finish(limit, signals));
        served
    }

    /// Waits for the first signal, and then for the messages in hand. A second signal ends that.
    async fn finish(mut self, limit: Duration, signals: ShutdownSignals) {
        signals.clone().received(1).await;
        let finished = async { while self.running.join_next().await.is_some() {} };
        tokio::select! {
            () = finished => {}
            () = signals.received(2) => {}
            () = tokio::time::sleep(limit) => {
                tracing::warn!(waited = ?limit, "messages in hand stay in their queue");
            }
        }
    }
}

/// The counters of calls that failed, for each queue.
pub(super) fn failures(metrics: &Metrics, queues: &[ObservedQueue]) -> Result<Vec<Counter>, InvalidMetric> {
    if queues.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = queues.iter().map(|queue| queue.name).collect();
    metrics.counters("upsign_queue_failures_total", "Failed calls to receive messages", "queue", &names)
}

fn queue(
    config: &Config,
    key: &str,
    url: &str,
    region: &Region,
    process: &Signer,
) -> Result<Queue, CommandError> {
    let queue = Queue::new(url, region, process.clone()).and_then(Queue::with_environment_proxy);
    queue.map_err(|error| {
        let message = format!("cannot read the queue: {}", error_chain(&error));
        let found = multipart_summary::at_key(config, key, Diagnostic::new("usage", message));
        CommandError::new(Exit::Usage, found)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// Messages that do not end, and the signals of a test.
    fn busy() -> (Queues, tokio::sync::watch::Sender<u32>, ShutdownSignals) {
        let (sender, signals) = ShutdownSignals::of_test();
        let mut queues = Queues::default();
        queues.running.spawn(std::future::pending());
        (queues, sender, signals)
    }

    #[tokio::test]
    async fn requests_and_messages_have_the_same_time_to_end() {
        let (queues, sender, signals) = busy();
        let (limit, waiting) = (Duration::from_secs(2), signals.clone());
        let served = async move {
            waiting.received(1).await;
            tokio::time::sleep(limit).await;
            "served"
        };
        sender.send_replace(1);
        let began = Instant::now();
        assert_eq!(queues.finish_within(limit, served, signals).await, "served");
        assert!((limit..limit * 2).contains(&began.elapsed()), "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn second_signal_leaves_the_messages() {
        let (queues, sender, signals) = busy();
        sender.send_replace(2);
        let began = Instant::now();
        queues.finish_with(async {}, signals).await;
        assert!(began.elapsed() < FINISH / 2);
    }
}
