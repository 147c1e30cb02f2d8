//! Webhooks about uploads that were confirmed or rejected.

use std::time::Duration;

use upsign::{Clock, SystemClock};
use upsign_config::{
    Config, LoadSecretError, OpenWebhookError, TokenSecretSource, WebhookConfig, WebhookSender, Webhooks,
};
use upsign_core::error_chain;
use zeroize::Zeroizing;

use super::credentials::Signer;
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::{environment, multipart_summary, output, summary};

/// How long a shutdown waits for messages that are not delivered yet.
const DRAIN: Duration = Duration::from_secs(10);

/// Opens what announces uploads. `process` signs the calls to SQS and to AWS Secrets Manager. Returns `None` without `[webhook]`.
pub(super) async fn open(config: &Config, process: &Signer) -> Result<Option<Webhooks>, CommandError> {
    let load = async |source: &TokenSecretSource| load(source, process).await;
    let opened = config.open_webhook(load, Some(std::sync::Arc::new(process.clone()))).await;
    opened.map_err(|error| failure(config, &error))
}

/// Loads the secrets and returns what sends the requests, to deliver the messages of a queue.
pub(super) async fn sender(
    config: &Config,
    webhook: &WebhookConfig,
    process: &Signer,
) -> Result<WebhookSender, CommandError> {
    let load = async |source: &TokenSecretSource| load(source, process).await;
    webhook.sender(load).await.map_err(|error| failure(config, &error))
}

fn failure(config: &Config, error: &OpenWebhookError) -> CommandError {
    let message = format!("cannot announce uploads: {}", error_chain(error));
    let key = match error {
        OpenWebhookError::Load(..) | OpenWebhookError::Secret(..) | OpenWebhookError::Count(_) => {
            "webhook.secrets"
        }
        OpenWebhookError::Queue(_) => "webhook.queue_url",
        OpenWebhookError::Url(_) => "webhook.url",
        _ => "webhook.outbox",
    };
    let found = multipart_summary::at_key(config, key, Diagnostic::new("usage", message));
    CommandError::new(Exit::Usage, found)
}

async fn load(source: &TokenSecretSource, process: &Signer) -> Result<Zeroizing<Vec<u8>>, LoadSecretError> {
    source.load(environment::variable, process, SystemClock.now()).await
}

/// Delivers the messages that wait, at the end of the process.
pub(super) async fn drain(webhooks: Option<Webhooks>) {
    let Some(outbox) = webhooks.and_then(|webhooks| webhooks.in_process) else { return };
    let lost = outbox.drain(DRAIN).await.undelivered;
    if lost > 0 {
        let messages = summary::count(usize::try_from(lost).unwrap_or(usize::MAX), "webhook");
        output::warning(&format!("{messages} could not be delivered before the end"));
    }
}
