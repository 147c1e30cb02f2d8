//! `[events]`: the queue from which a server reads the notifications of the bucket.

use upsign_core::{Endpoint, Region, Scheme};

use super::values::Reader;
use crate::aws_queue::AwsQueue;
use crate::config::RouteConfig;
use crate::events::EventsConfig;
use crate::source::finding::Finding;
use crate::warning::WarningCode;
use crate::webhook::{OutboxConfig, WebhookConfig};

const QUEUE_URL: &str = "events.queue_url";

impl Reader {
    /// Reads the section; `None` if the file does not have it.
    pub(super) fn events(
        &mut self,
        routes: &[RouteConfig],
        webhook: Option<&WebhookConfig>,
    ) -> Option<EventsConfig> {
        if !self.has(QUEUE_URL) {
            if self.raw.heading("events").is_some() {
                self.report_missing(QUEUE_URL, "\"https://sqs.REGION.amazonaws.com/ACCOUNT/NAME\"");
            }
            return None;
        }
        if !routes.is_empty() && routes.iter().all(|route| !route.policy.confirmation().confirm()) {
            let finding = Finding::contradiction("has an effect only with uploads that are confirmed");
            self.report(QUEUE_URL, finding.help("add confirm = true to a route, or remove [events]"));
        }
        let (queue_url, region) = self.queue(QUEUE_URL, routes)?;
        let outbox = webhook.map(|webhook| &webhook.outbox);
        if matches!(outbox, Some(OutboxConfig::Sqs { queue_url: other, .. }) if *other == queue_url) {
            let finding =
                Finding::contradiction("is the queue of [webhook], whose messages are not those of S3");
            self.report(QUEUE_URL, finding.help("write the URL of the queue that the bucket notifies"));
        }
        Some(EventsConfig { queue_url, region })
    }

    /// Reads the URL of a queue. Its region is that in the URL, or else that of the first bucket.
    pub(super) fn queue(&mut self, key: &str, routes: &[RouteConfig]) -> Option<(Box<str>, Region)> {
        let url = self.text(key)?;
        if !is_queue_url(&url) {
            let finding = Finding::invalid("is not the URL of a queue");
            let help = "write \"https://sqs.REGION.amazonaws.com/ACCOUNT/NAME\"; http is for an emulator on this machine";
            self.report(key, finding.help(help));
            return None;
        }
        let of_bucket = || routes.first().map(|route| route.policy.target().region().clone());
        let region = AwsQueue::read(&url).map(|queue| queue.region).or_else(of_bucket)?;
        Some((url.into(), region))
    }

    /// Warns of events that confirm nothing: no object proves that it was granted, and no expiry is announced.
    pub(super) fn judge_events(
        &mut self,
        events: Option<&EventsConfig>,
        webhook: Option<&WebhookConfig>,
        routes: &[RouteConfig],
    ) {
        let is_useful = |route: &RouteConfig| {
            let (policy, confirmation) = (&route.policy, route.policy.confirmation());
            let is_proven = confirmation.claim() || policy.template().is_sealed();
            let can_expire = webhook.is_some() && policy.pending_template().is_some();
            confirmation.confirm() && (is_proven || can_expire)
        };
        if events.is_none() || routes.iter().any(is_useful) {
            return;
        }
        let message = "events confirm nothing: no object can prove that this service granted it";
        let help = "add claim = true to a route, or {id:sealed} to its key";
        self.warn(WarningCode::EventsProveNothing, QUEUE_URL, None, message, help);
    }

    /// Warns that a function does not read the section.
    pub(super) fn judge_deployed_events(&mut self, events: Option<&EventsConfig>) {
        if events.is_none() {
            return;
        }
        let message = "a function on Lambda does not read [events]: Lambda itself passes the messages of a queue to a consumer";
        let help = "remove [events], or serve with upsign serve";
        self.warn(WarningCode::EventsNotDeployed, QUEUE_URL, None, message, help);
    }
}

/// Returns whether a text has the form `https://HOST/ACCOUNT/NAME`, or is such a URL of this machine without TLS.
fn is_queue_url(url: &str) -> bool {
    let Ok(endpoint) = url.parse::<Endpoint>() else { return false };
    let segments = endpoint.base_path().split('/').filter(|it| !it.is_empty()).count();
    segments == 2 && (endpoint.scheme() == Scheme::Https || endpoint.is_loopback())
}
