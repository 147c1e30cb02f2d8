//! The services of AWS that a server calls in addition to the store.

use crate::cloudfront::CloudFrontConfig;
use crate::config::Config;
use crate::events::EventsConfig;
use crate::quota::{QuotaConfig, QuotaStoreConfig};
use crate::token::{TokenConfig, TokenSecretSource};
use crate::webhook::{OutboxConfig, WebhookConfig};

/// The key of the file that names a service of AWS, with what to write where only other stores have credentials.
pub(crate) type ServiceKey = (&'static str, &'static str);

/// The sections that can name a service of AWS.
#[derive(Clone, Copy)]
pub(crate) struct Sections<'a> {
    pub(crate) token: &'a TokenConfig,
    pub(crate) quota: Option<&'a QuotaConfig>,
    pub(crate) webhook: Option<&'a WebhookConfig>,
    pub(crate) events: Option<&'a EventsConfig>,
    pub(crate) cloudfront: &'a CloudFrontConfig,
}

impl Sections<'_> {
    /// Returns the keys that name a service of AWS. A queue counts only if its URL is one of AWS, with `any_queue` every one does.
    pub(crate) fn service_keys(&self, any_queue: bool) -> Vec<ServiceKey> {
        const SECRET: &str = "write \"env:NAME\" or \"file:PATH\" in place of \"secretsmanager:ARN\"";
        let is_secret = |source: &TokenSecretSource| matches!(source, TokenSecretSource::SecretsManager(_));
        let events = self.events.is_some_and(|events| any_queue || events.queue_arn().is_some());
        let webhook = self.webhook.is_some_and(|webhook| {
            matches!(webhook.outbox, OutboxConfig::Sqs { .. }) && (any_queue || webhook.queue_arn().is_some())
        });
        let quota = self.quota.is_some_and(|quota| matches!(quota.store, QuotaStoreConfig::DynamoDb { .. }));
        let secrets = self.webhook.is_some_and(|webhook| webhook.secrets.iter().any(is_secret));
        let named = [
            (events, "events.queue_url", "remove [events], and let clients confirm their uploads"),
            (webhook, "webhook.queue_url", "write outbox = \"process\""),
            (quota, "quota.store", "write store = \"redis\""),
            (self.token.sources.iter().any(is_secret), "token.keys", SECRET),
            (secrets, "webhook.secrets", SECRET),
            (self.cloudfront.private_key.as_ref().is_some_and(is_secret), "cloudfront.private_key", SECRET),
        ];
        named.into_iter().filter(|(is_named, ..)| *is_named).map(|(_, key, help)| (key, help)).collect()
    }
}

impl Config {
    /// Returns whether a server calls SQS, DynamoDB or AWS Secrets Manager, and so needs credentials of AWS also if none of them sign
    /// uploads.
    #[must_use]
    pub fn calls_services(&self) -> bool {
        let sections = Sections {
            token: &self.token,
            quota: self.quota.as_ref(),
            webhook: self.webhook.as_ref(),
            events: self.events.as_ref(),
            cloudfront: &self.cloudfront,
        };
        !sections.service_keys(true).is_empty()
    }
}
