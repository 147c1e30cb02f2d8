//! Warnings about a deployment with multipart uploads.

use std::time::Duration;

use upsign_core::{MultipartPlan, Provider};
use upsign_documents::ApiKind;
use upsign_policy::{ChecksumAlgorithm, ChecksumKind, UploadPolicy};

use super::contradictions::section;
use super::multipart::RESUME_WINDOW;
use super::route::Scope;
use super::values::Reader;
use crate::cloudfront::CloudFrontConfig;
use crate::config::RouteConfig;
use crate::deployment::DeploymentConfig;
use crate::events::EventsConfig;
use crate::quota::QuotaConfig;
use crate::source::raw::Value;
use crate::token::{TokenConfig, TokenSecretSource};
use crate::units;
use crate::warning::{Warning, WarningCode};
use crate::webhook::WebhookConfig;

/// MinIO removes incomplete uploads after this time, unless `MINIO_API_STALE_UPLOADS_EXPIRY` sets another one.
///
/// Source: <https://min.io/docs/minio/linux/reference/minio-server/settings/core.html>,
/// <https://github.com/minio/minio/tree/master/docs/config> (`stale_uploads_expiry`).
const KEPT_BY_MINIO: u64 = 24 * 3_600;

/// With more parts, the request that completes an upload can be longer than what a load balancer passes to a function, 1 MB: it
/// names each part in up to 200 bytes.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>.
const MAX_PARTS_OF_A_BALANCER: u16 = 5_000;

impl Reader {
    /// Warns about uploads that the generated function could not begin, complete, confirm or count. Returns the warnings if the file
    /// does not describe a deployment: a service on a server of one's own does not have these problems.
    pub(super) fn judge_uploads(
        &mut self,
        values: &DeploymentConfig,
        token: &TokenConfig,
        (quota, webhook, events): (Option<&QuotaConfig>, Option<&WebhookConfig>, Option<&EventsConfig>),
        cloudfront: &CloudFrontConfig,
        routes: &[RouteConfig],
    ) -> Vec<Warning> {
        let others = std::mem::take(&mut self.raw.warnings);
        let has_tokens =
            |route: &RouteConfig| route.policy.multipart().is_some() || route.policy.confirmation().confirm();
        if routes.iter().any(has_tokens) {
            self.judge_token_secrets(token);
        }
        self.judge_deployed_quota(quota);
        self.judge_deployed_webhook(webhook, values.account.as_ref(), routes);
        self.judge_deployed_events(events);
        self.judge_deployed_private_key(cloudfront);
        if values.api == ApiKind::LoadBalancer {
            self.judge_part_counts(routes);
        }
        let found = std::mem::replace(&mut self.raw.warnings, others);
        if self.describes_deployment() {
            self.raw.warnings.extend(found);
            return Vec::new();
        }
        found
    }

    /// Returns whether the file describes a deployment.
    pub(super) fn describes_deployment(&self) -> bool {
        self.raw.heading("deployment").is_some()
            || self.raw.values.keys().any(|key| key.starts_with("deployment."))
    }

    /// Warns about values that have another effect than they seem to: a resume window that is longer than the store keeps parts, and
    /// limits of calls.
    pub(super) fn judge_multipart_keys(&mut self, scopes: &[Scope], routes: &[RouteConfig]) {
        let mut has_calls = routes.iter().any(|route| route.policy.confirmation().confirm());
        for (scope, route) in scopes.iter().zip(routes) {
            let Some(options) = route.policy.multipart() else { continue };
            has_calls = true;
            let window = options.resume_window().as_secs();
            if route.store.provider == Provider::Minio && window > KEPT_BY_MINIO {
                self.warn_of_short_retention(&scope.key(RESUME_WINDOW), window);
            }
            self.judge_checksum_choice(&scope.key("checksums"), &route.policy);
        }
        self.judge_calls_per_minute(has_calls);
    }

    fn warn_of_short_retention(&mut self, key: &str, window: u64) {
        let window = units::format_duration(Duration::from_secs(window));
        let message =
            format!("MinIO removes incomplete uploads after 24 hours, but resume_window is {window}");
        let write = self.assignment(key, &Value::Text("24h".into()));
        let help = format!(
            "{write}, or set MINIO_API_STALE_UPLOADS_EXPIRY at the server to at least {window}, in the form 168h"
        );
        self.warn(WarningCode::Policy, key, None, message, help);
    }

    /// Without `checksums`, clients send a checksum of the whole object where the store compares one.
    fn judge_checksum_choice(&mut self, key: &str, policy: &UploadPolicy) {
        if !self.has(key) || policy.checksums().is_required() || policy.multipart_checksum().is_some() {
            return;
        }
        let Some(options) = policy.multipart() else { return };
        let is_whole = |algorithm: &ChecksumAlgorithm| {
            options.checksum(*algorithm).is_some_and(|it| it.kind == ChecksumKind::FullObject)
        };
        let whole = ChecksumAlgorithm::ALL.into_iter().filter(is_whole);
        let preferred = |algorithm: &ChecksumAlgorithm| *algorithm == ChecksumAlgorithm::Crc64nvme;
        let Some(whole) = whole.max_by_key(preferred) else { return };
        let message = "clients that name no algorithm make multipart uploads without checksums";
        let mut names = self.texts(key).unwrap_or_default();
        names.push(whole.as_str().to_owned());
        let help = format!("{}, which covers the whole object", self.assignment(key, &Value::Texts(names)));
        self.warn(WarningCode::Policy, key, None, message, help);
    }

    fn judge_calls_per_minute(&mut self, has_calls: bool) {
        let key = "limit.calls_per_minute";
        let (Some(calls), per_minute) = (self.count(key), self.count("limit.per_minute")) else { return };
        if !has_calls {
            let message = "has no effect, because no route has multipart uploads or confirms uploads";
            self.warn(
                WarningCode::Policy,
                key,
                None,
                message,
                "remove it, or write multipart = \"auto\" or confirm = true",
            );
        } else if let Some(per_minute) = per_minute.filter(|per_minute| calls < *per_minute) {
            let message = format!(
                "is {calls}, less than per_minute ({per_minute}), but each upload takes one call or more"
            );
            let enough = self.assignment(key, &Value::Number(per_minute.saturating_mul(10)));
            self.warn(WarningCode::Policy, key, None, message, format!("{enough}, or remove it"));
        }
    }

    /// A template contains no secret, so the function has only those of AWS Secrets Manager.
    fn judge_token_secrets(&mut self, token: &TokenConfig) {
        for (index, source) in token.sources.iter().enumerate() {
            let Some(place) = undeployed_place(source) else { continue };
            let message = format!(
                "the generated function does not have {place}, because a template must not contain a secret, and does not start \
                 without it"
            );
            let help = "write \"secretsmanager:ARN\", which the generated role may read; for `upsign serve`, override it \
                        with UPSIGN_TOKEN_KEYS=env:UPSIGN_TOKEN_SECRET";
            self.warn(WarningCode::TokenSecretNotDeployed, "token.keys", Some(index), message, help);
        }
    }

    fn judge_part_counts(&mut self, routes: &[RouteConfig]) {
        for route in routes {
            let Some(options) = route.policy.multipart() else { continue };
            let plan = MultipartPlan::new(route.policy.max_size(), options.part_size(), options.store());
            let Some(parts) = plan.ok().map(MultipartPlan::part_count) else { continue };
            if parts > MAX_PARTS_OF_A_BALANCER {
                let message = format!(
                    "a file of this size has {parts} parts, and a load balancer passes at most 1 MB to the function: the request \
                     that completes an upload of more than {MAX_PARTS_OF_A_BALANCER} parts can be longer"
                );
                let help = "set a larger part_size, or api = \"http\" in [deployment]";
                let key = format!("{}.max_size", section(route));
                self.warn(WarningCode::LargeCompletions, &key, None, message, help);
            }
        }
    }
}

/// Returns the place of a secret that the generated functions do not have, because a template must not contain it.
pub(super) fn undeployed_place(source: &TokenSecretSource) -> Option<String> {
    match source {
        TokenSecretSource::Env(name) => Some(format!("the variable {name}")),
        TokenSecretSource::File(path) => Some(format!("the file {}", path.display())),
        TokenSecretSource::SecretsManager(_) => None,
    }
}
