//! The section `[webhook]`: requests to an application about what became of uploads.

use upsign_core::Region;

use crate::aws_queue::AwsQueue;
use crate::config::Config;
use crate::token::TokenSecretSource;

/// The values of `[webhook]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebhookConfig {
    /// The URL of the application.
    pub url: Box<str>,
    /// Where the secrets are that sign the requests. There is at least one.
    pub secrets: Vec<TokenSecretSource>,
    /// Where messages wait until they are delivered.
    pub outbox: OutboxConfig,
    /// Whether `upsign serve` also delivers the messages of the queue of `outbox = "sqs"`.
    pub deliver: bool,
}

/// Where messages wait until they are delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutboxConfig {
    /// In the memory of the process, which is the only one.
    Process,
    /// In a queue of SQS, from which another program delivers them, with `WebhookConfig::sender` for example.
    Sqs {
        /// The URL of the queue.
        queue_url: Box<str>,
        /// The region of the queue.
        region: Region,
    },
}

impl WebhookConfig {
    /// Returns the ARN of the queue, if its URL is one of SQS.
    pub(crate) fn queue_arn(&self) -> Option<String> {
        let OutboxConfig::Sqs { queue_url, .. } = &self.outbox else { return None };
        AwsQueue::read(queue_url).map(|queue| queue.arn())
    }
}

impl Config {
    /// Returns the values of `[webhook]`, if the file has it.
    #[must_use]
    pub const fn webhook(&self) -> Option<&WebhookConfig> {
        self.webhook.as_ref()
    }
}

#[cfg(feature = "webhooks")]
mod open {
    use std::sync::Arc;

    use upsign::Announce;
    use upsign_core::CredentialsSource;
    use upsign_webhooks::{
        InProcessOutbox, InvalidSecretCount, InvalidWebhookSecret, Queue, SqsOutbox, WebhookAnnouncer,
        WebhookSecret, WebhookSender, WebhookSigner,
    };
    use zeroize::Zeroizing;

    use super::{OutboxConfig, WebhookConfig};
    use crate::config::Config;
    use crate::token::{LoadSecretError, TokenSecretSource};

    /// What announces uploads by webhooks. Feature `webhooks`.
    #[derive(Clone, Debug)]
    #[non_exhaustive]
    pub struct Webhooks {
        /// For [`UploadService::with_announcer`](upsign::UploadService::with_announcer).
        pub announcer: Arc<dyn Announce>,
        /// The outbox of `outbox = "process"`, to [drain](InProcessOutbox::drain) it when the process ends.
        pub in_process: Option<Arc<InProcessOutbox>>,
    }

    /// The reason why webhooks cannot be opened. No message contains a secret.
    #[derive(Debug, thiserror::Error)]
    #[non_exhaustive]
    pub enum OpenWebhookError {
        /// A secret cannot be loaded. Holds its index, from 0.
        #[error("webhook.secrets: item {}", .0 + 1)]
        Load(usize, #[source] LoadSecretError),
        /// A secret has another form. Holds its index, from 0.
        #[error("webhook.secrets: item {} is not a secret of the form whsec_BASE64", .0 + 1)]
        Secret(usize, #[source] InvalidWebhookSecret),
        /// There is no secret, or there are too many.
        #[error("webhook.secrets has the wrong number of items")]
        Count(#[from] InvalidSecretCount),
        /// The URL of the application is not valid.
        #[error("webhook.url is not valid")]
        Url(#[from] upsign_webhooks::InvalidWebhookUrl),
        /// The URL of the queue is not valid.
        #[error("webhook.queue_url is not valid")]
        Queue(#[from] upsign_webhooks::InvalidQueueUrl),
        /// The program has no credentials of AWS to call SQS with.
        #[error("webhook.outbox: SQS needs credentials of AWS")]
        NoCredentials,
        /// The outbox is the memory of one process, and the program runs as several.
        #[error(
            "webhook.outbox = \"process\" keeps messages in the memory of one process, and this program runs as several: write \
             outbox = \"sqs\" and queue_url"
        )]
        NoQueue,
    }

    impl Config {
        /// Opens what announces uploads by webhooks; `None` without `[webhook]`. Feature `webhooks`. Requires a tokio runtime.
        ///
        /// `load` returns a secret, usually by [`TokenSecretSource::read`]; with `outbox = "sqs"` it is not called, because the consumer of
        /// the queue signs. `credentials` sign the calls to SQS.
        ///
        /// # Errors
        /// Returns [`OpenWebhookError`] if a secret cannot be loaded or has another form, or if a URL is not valid.
        pub async fn open_webhook(
            &self,
            load: impl AsyncFn(&TokenSecretSource) -> Result<Zeroizing<Vec<u8>>, LoadSecretError>,
            credentials: Option<Arc<dyn CredentialsSource>>,
        ) -> Result<Option<Webhooks>, OpenWebhookError> {
            let Some(config) = self.webhook() else { return Ok(None) };
            let webhooks = match &config.outbox {
                OutboxConfig::Sqs { .. } => {
                    Webhooks { announcer: config.queue(credentials)?, in_process: None }
                }
                OutboxConfig::Process => {
                    let sender = config.sender(load).await?;
                    let outbox = Arc::new(InProcessOutbox::new(sender));
                    let announcer = Arc::new(WebhookAnnouncer::new(Arc::clone(&outbox)));
                    Webhooks { announcer, in_process: Some(outbox) }
                }
            };
            Ok(Some(webhooks))
        }

        /// Opens what passes announcements to the queue of `outbox = "sqs"`; `None` without `[webhook]`. Feature `webhooks`. Requires a
        /// tokio runtime when it is used.
        ///
        /// For programs that run as several processes, such as functions on Lambda. It loads no secret, because the consumer of the
        /// queue signs. `credentials` sign the calls to SQS: those of the process, also if another role signs uploads.
        ///
        /// # Errors
        /// Returns [`OpenWebhookError::NoQueue`] with `outbox = "process"`, and an error without credentials or with a URL that is not
        /// that of a queue.
        pub fn open_webhook_queue(
            &self,
            credentials: Option<Arc<dyn CredentialsSource>>,
        ) -> Result<Option<Arc<dyn Announce>>, OpenWebhookError> {
            self.webhook().map(|config| config.queue(credentials)).transpose()
        }
    }

    impl WebhookConfig {
        fn queue(
            &self,
            credentials: Option<Arc<dyn CredentialsSource>>,
        ) -> Result<Arc<dyn Announce>, OpenWebhookError> {
            let OutboxConfig::Sqs { queue_url, region } = &self.outbox else {
                return Err(OpenWebhookError::NoQueue);
            };
            let credentials = credentials.ok_or(OpenWebhookError::NoCredentials)?;
            let queue = Queue::new(queue_url, region, credentials)?.with_environment_proxy()?;
            Ok(Arc::new(WebhookAnnouncer::new(Arc::new(SqsOutbox::with_queue(queue)))))
        }

        /// Creates what sends the requests, for a consumer of the queue of `outbox = "sqs"`. Feature `webhooks`.
        ///
        /// # Errors
        /// Returns [`OpenWebhookError`] if a secret cannot be loaded or has another form, or if the URL is not valid.
        pub async fn sender(
            &self,
            load: impl AsyncFn(&TokenSecretSource) -> Result<Zeroizing<Vec<u8>>, LoadSecretError>,
        ) -> Result<WebhookSender, OpenWebhookError> {
            let mut secrets = Vec::with_capacity(self.secrets.len());
            for (index, source) in self.secrets.iter().enumerate() {
                let secret = load(source).await.map_err(|error| OpenWebhookError::Load(index, error))?;
                let text = std::str::from_utf8(&secret).unwrap_or_default().trim();
                let secret: WebhookSecret =
                    text.parse().map_err(|error| OpenWebhookError::Secret(index, error))?;
                secrets.push(secret);
            }
            Ok(WebhookSender::new(&self.url, WebhookSigner::new(secrets)?)?)
        }
    }
}

#[cfg(feature = "webhooks")]
pub use open::{OpenWebhookError, Webhooks};
