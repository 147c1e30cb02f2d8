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

/// How long a shutdown waits for messages in hand. Those that are not handled then stay in their queue.
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
    /// Prepares to read the queues of the configuration. `signer` signs the calls, and `service` handles events.
    pub(super) async fn open<P: Presigner + 'static>(
        config: &Config,
        signer: &Signer,
        service: UploadService<P>,
        metrics: &Metrics,
    ) -> Result<Self, CommandError> {
        let mut queues = Self::default();
        if let Some(events) = config.events() {
            let queue = queue(config, "events.queue_url", &events.queue_url, &events.region, signer)?;
            let handler = EventHandler::new(service, metrics);
            let handler =
                handler.map_err(|error| CommandError::caused("cannot create the metrics", &error))?;
            queues.add("events", queue, handler);
        }
        if let Some(webhook) = config.webhook().filter(|webhook| webhook.deliver)
            && let OutboxConfig::Sqs { queue_url, region } = &webhook.outbox
        {
            let queue = queue(config, "webhook.queue_url", queue_url, region, signer)?;
            let deliverer = Arc::new(QueueDeliverer::new(webhook::sender(config, webhook, signer).await?));
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

    /// Waits for the messages in hand, at the end of the process. A second signal ends that.
    pub(super) async fn finish(mut self, signals: ShutdownSignals) {
        let finished = async { while self.running.join_next().await.is_some() {} };
        tokio::select! {
            () = finished => {}
            () = signals.received(2) => {}
            () = tokio::time::sleep(FINISH) => {
                tracing::warn!(waited = ?FINISH, "messages in hand stay in their queue");
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
    signer: &Signer,
) -> Result<Queue, CommandError> {
    let queue = Queue::new(url, region, signer.clone()).and_then(Queue::with_environment_proxy);
    queue.map_err(|error| {
        let message = format!("cannot read the queue: {}", error_chain(&error));
        let found = multipart_summary::at_key(config, key, Diagnostic::new("usage", message));
        CommandError::new(Exit::Usage, found)
    })
}
