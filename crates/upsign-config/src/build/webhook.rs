//! `[webhook]`: which application receives requests about uploads, and where they wait until they are delivered.

use upsign_core::Provider;
use upsign_documents::AccountId;

use super::judge_uploads::undeployed_place;
use super::values::Reader;
use crate::config::RouteConfig;
use crate::source::finding::Finding;
use crate::source::raw::Value;
use crate::token::TokenSecretSource;
use crate::warning::WarningCode;
use crate::webhook::{OutboxConfig, WebhookConfig};

const URL: &str = "webhook.url";
const SECRETS: &str = "webhook.secrets";
const OUTBOX: &str = "webhook.outbox";
const QUEUE_URL: &str = "webhook.queue_url";
const DELIVER: &str = "webhook.deliver";

const OUTBOXES: [(&str, bool); 2] = [("process", false), ("sqs", true)];

/// Where a URL without TLS may lead: this machine.
const LOCAL: [&str; 3] = ["http://127.0.0.1", "http://localhost", "http://[::1]"];

impl Reader {
    /// Reads the section; `None` if the file does not have it.
    pub(super) fn webhook(&mut self, routes: &[RouteConfig]) -> Option<WebhookConfig> {
        let first = [URL, SECRETS, OUTBOX, QUEUE_URL, DELIVER].into_iter().find(|key| self.has(key))?;
        if !routes.is_empty() && routes.iter().all(|route| !route.policy.confirmation().confirm()) {
            let finding = Finding::contradiction("has an effect only with uploads that are confirmed");
            self.report(first, finding.help("add confirm = true to a route, or remove [webhook]"));
        }
        let url = self.webhook_url();
        if !self.has(SECRETS) {
            self.report_missing(SECRETS, "[\"env:UPSIGN_WEBHOOK_SECRET\"]");
        }
        let secrets = self.secret_sources(SECRETS);
        let outbox = self.outbox(routes);
        let deliver = self.flag(DELIVER) == Some(true);
        Some(WebhookConfig { url: url?.into(), secrets, outbox: outbox?, deliver })
    }

    fn webhook_url(&mut self) -> Option<String> {
        if !self.has(URL) {
            self.report_missing(URL, "\"https://app.example.com/webhooks/uploads\"");
        }
        let url = self.text(URL)?;
        let is_local = LOCAL.iter().any(|start| {
            let rest = url.strip_prefix(start);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '?']))
        });
        let has_host =
            url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
        if is_local || has_host {
            return Some(url);
        }
        let message = "must be a URL with https, or with http to this machine";
        let finding = Finding::invalid(message)
            .help("write url = \"https://app.example.com/webhooks/uploads\", for example");
        self.report(URL, finding);
        None
    }

    fn outbox(&mut self, routes: &[RouteConfig]) -> Option<OutboxConfig> {
        if !self.has(OUTBOX) {
            self.report_missing(OUTBOX, "\"sqs\" # or \"process\" with server.single_process = true");
        }
        let is_queue = self.choice(OUTBOX, &OUTBOXES)?;
        if is_queue {
            return self.outbox_queue(routes);
        }
        if self.has(QUEUE_URL) {
            let sqs = self.assignment(OUTBOX, &Value::Text("sqs".into()));
            let finding = Finding::contradiction("has an effect only with outbox = \"sqs\"");
            self.report(QUEUE_URL, finding.help(format!("{sqs}, or remove queue_url")));
        }
        if self.has(DELIVER) {
            let finding = Finding::contradiction("has an effect only with outbox = \"sqs\"");
            self.report(DELIVER, finding.help("remove it: outbox = \"process\" delivers in any case"));
        }
        if self.flag(super::quota::SINGLE_PROCESS) != Some(true) {
            let message = "keeps messages in the memory of one process, and loses those of a process that is replaced by another";
            let help =
                "add single_process = true below [server] if there is only one, or write outbox = \"sqs\"";
            self.report(OUTBOX, Finding::contradiction(message).help(help));
        }
        Some(OutboxConfig::Process)
    }

    fn outbox_queue(&mut self, routes: &[RouteConfig]) -> Option<OutboxConfig> {
        if !self.has(QUEUE_URL) {
            self.report_missing(QUEUE_URL, "\"https://sqs.REGION.amazonaws.com/ACCOUNT/NAME\"");
        }
        let (queue_url, region) = self.queue(QUEUE_URL, routes)?;
        Some(OutboxConfig::Sqs { queue_url, region })
    }

    /// Warns that a function does not start with an outbox in its memory, or without the secrets with which it delivers, and of a queue
    /// from which no function of the stack delivers.
    pub(super) fn judge_deployed_webhook(
        &mut self,
        webhook: Option<&WebhookConfig>,
        account: Option<&AccountId>,
        routes: &[RouteConfig],
    ) {
        let Some(webhook) = webhook else { return };
        if webhook.outbox != OutboxConfig::Process {
            if self.judge_place_of_queue(webhook, account, routes) {
                self.judge_webhook_secrets(&webhook.secrets);
            }
            return;
        }
        let message = "a function on Lambda runs as several processes and is suspended between requests, so it does not start with outbox = \"process\"";
        let help = "write outbox = \"sqs\" and queue_url, or pass an announcer of your own with FunctionSettings::with_announcer of upsign-lambda";
        self.warn(WarningCode::WebhookNotDeployed, OUTBOX, None, message, help);
    }

    /// Returns whether a function of the stack delivers from the queue, and warns if nothing does.
    fn judge_place_of_queue(
        &mut self,
        webhook: &WebhookConfig,
        account: Option<&AccountId>,
        routes: &[RouteConfig],
    ) -> bool {
        let Some(arn) = webhook.queue_arn() else { return true };
        let mut parts = arn.split(':').skip(3);
        let (Some(region), Some(of)) = (parts.next(), parts.next()) else { return true };
        let on_aws = routes.iter().find(|route| route.described().provider() == Provider::Aws);
        let own_region = on_aws.map(|route| route.policy.target().region());
        let other_region = own_region.filter(|own| own.as_str() != region);
        let other_account = account.filter(|own| own.as_str() != of);
        let (queue, stack) = match (other_region, other_account) {
            (Some(own), _) => (region, own.as_str()),
            (None, Some(own)) => (of, own.as_str()),
            (None, None) => return true,
        };
        if !webhook.deliver {
            let message = format!(
                "nothing of the generated stack delivers the messages of this queue, because it is in {queue}, and the stack in {stack}"
            );
            let help = format!(
                "write the URL of a queue in {stack}, which the stack creates, or let upsign serve deliver them (deliver = true)"
            );
            self.warn(WarningCode::WebhookNotDeployed, QUEUE_URL, None, message, help);
        }
        false
    }

    fn judge_webhook_secrets(&mut self, secrets: &[TokenSecretSource]) {
        for (index, source) in secrets.iter().enumerate() {
            let Some(place) = undeployed_place(source) else { continue };
            let message = format!(
                "the generated function that delivers webhooks does not have {place}, because a template must not contain a \
                 secret, and does not start without it"
            );
            let help = "write \"secretsmanager:ARN\", which the role of this function may read";
            self.warn(WarningCode::TokenSecretNotDeployed, SECRETS, Some(index), message, help);
        }
    }
}
