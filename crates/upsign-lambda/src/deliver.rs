//! Delivers the webhooks of a queue.

use std::fmt;
use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::Value;
use upsign::{Clock, SystemClock};
use upsign_config::{DeliveryError, TokenSecretSource, WebhookSender};
use upsign_core::{CredentialsSource, error_chain};
use upsign_events::{BatchFailures, SqsBatch, SqsRecord};

use crate::emf::{self, WriteLine};
use crate::environment::{FunctionSettings, SignerCredentials, variable};
use crate::start::StartError;
use crate::{CredentialsEnd, Error, run};

/// Maximum number of requests at the same time.
const CONCURRENT: usize = 16;

/// Delivers the messages of the queue of `[webhook]` (`outbox = "sqs"`) to the application. Feature `webhooks`.
///
/// Lambda calls it with the messages of the queue. Each becomes one signed request; up to 16 are sent at the same time, and each takes
/// at most 15 seconds, so a function with batches of 10 needs a timeout of 20 seconds. A message whose receiver does not answer 2xx is
/// reported in the answer (`batchItemFailures`): the queue delivers it again after its visibility timeout, and moves it to its
/// dead-letter queue after the receives of its redrive policy. That needs `ReportBatchItemFailures` in the event source mapping. The
/// pause that a receiver asks for by `Retry-After` is not observed.
///
/// If the receiver answers 410, the message leaves the queue and its id is logged as an error. A message that is no webhook stays until
/// the queue moves it to its dead-letter queue, because the queue may be another one than was meant. `upsign serve` does the same. The
/// order of delivery is not that of the announcements.
///
/// The function needs the permissions to receive messages of the queue, and to read the secrets if they are in AWS Secrets Manager. It
/// needs neither the bucket nor the secrets of upload tokens.
///
/// ```no_run
/// use upsign_lambda::{Error, WebhookFunction, environment};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// WebhookFunction::configured(environment::read()?).await?.run().await
/// # }
/// ```
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>,
/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.
pub struct WebhookFunction {
    sender: WebhookSender,
    clock: Arc<dyn Clock>,
    metrics: Option<WriteLine>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Delivery {
    Delivered,
    /// The queue delivers it again.
    Retried,
    /// It leaves the queue without delivery.
    Lost,
}

impl WebhookFunction {
    /// Creates the function with the URL and the secrets of `[webhook]`. The secrets are loaded here, from the variables, files and
    /// secrets of AWS Secrets Manager that `webhook.secrets` names; secrets in AWS Secrets Manager are read with the credentials of the
    /// function's role.
    ///
    /// # Errors
    /// Returns [`StartError::NoWebhook`] without `[webhook]`, and [`StartError::Webhook`] if a secret cannot be loaded or has another
    /// form, or if the URL is not valid.
    pub async fn configured(settings: FunctionSettings) -> Result<Self, StartError> {
        let own = settings.own_credentials();
        let FunctionSettings { config, signer, metrics, .. } = settings;
        let credentials: Arc<dyn CredentialsSource> = match (own, signer) {
            (Some(own), _) => own,
            (None, SignerCredentials::Source(source)) => source.into(),
            (None, SignerCredentials::Fixed { credentials, .. }) => Arc::new(credentials),
        };
        let webhook = config.webhook().ok_or(StartError::NoWebhook)?;
        let at = SystemClock.now();
        let load = async |source: &TokenSecretSource| source.load(variable, &credentials, at).await;
        Ok(Self { metrics, ..Self::new(webhook.sender(load).await?) })
    }

    /// Creates the function with a sender of the application. It writes no lines of metrics.
    #[must_use]
    pub fn new(sender: WebhookSender) -> Self {
        Self { sender, clock: Arc::new(SystemClock), metrics: None }
    }

    /// Sets the clock, which states the time of each signature (default: [`SystemClock`]).
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Receives events from the Lambda Runtime API and answers each with [`answer`](Self::answer). It does not return.
    ///
    /// # Errors
    /// Returns an error if the Runtime API fails.
    pub async fn run(self) -> Result<(), Error> {
        let function = &self;
        let has_ended = || CredentialsEnd::NEVER.has_passed(function.clock.now());
        run::until(has_ended, async move |event: &str| function.answer(event).await).await
    }

    /// Delivers the messages of one event of SQS, given as text, and returns those that failed (`batchItemFailures`).
    ///
    /// # Errors
    /// Returns an error if the event is not one of SQS. The invocation then fails, and the process keeps running.
    pub async fn answer(&self, event: &str) -> Result<Value, Error> {
        let batch = SqsBatch::read(event.as_bytes())?;
        let mut failures = BatchFailures::new();
        let mut counts = [0; 3];
        for records in batch.records().chunks(CONCURRENT) {
            let delivered = join_all(records.iter().map(|record| self.deliver(record))).await;
            for (record, delivery) in records.iter().zip(delivered) {
                let [delivered, retried, lost] = &mut counts;
                match delivery {
                    Delivery::Delivered => *delivered += 1,
                    Delivery::Lost => *lost += 1,
                    Delivery::Retried => {
                        *retried += 1;
                        failures.add(record);
                    }
                }
            }
        }
        if let Some(write) = &self.metrics {
            write(&emf::deliveries(counts, self.clock.now()));
        }
        Ok(serde_json::to_value(failures)?)
    }

    async fn deliver(&self, record: &SqsRecord) -> Delivery {
        let Err(error) = self.sender.deliver_text(&record.body, self.clock.now()).await else {
            return Delivery::Delivered;
        };
        let (id, cause) = (&record.message_id, error_chain(&error));
        match error {
            DeliveryError::Gone => tracing::error!("webhook lost message={id} error={cause}"),
            DeliveryError::Message(_) => {
                tracing::error!("message in the queue of webhooks is no webhook message={id} error={cause}");
            }
            _ => tracing::warn!("webhook not delivered message={id} error={cause}"),
        }
        if matches!(error, DeliveryError::Gone) { Delivery::Lost } else { Delivery::Retried }
    }
}

impl fmt::Debug for WebhookFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookFunction").field("sender", &self.sender).finish_non_exhaustive()
    }
}
