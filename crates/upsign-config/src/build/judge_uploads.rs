//! Warnings about a deployment with multipart uploads.

use upsign_core::MultipartPlan;
use upsign_documents::ApiKind;

use super::contradictions::section;
use super::values::Reader;
use crate::config::RouteConfig;
use crate::deployment::DeploymentConfig;
use crate::token::{TokenConfig, TokenSecretSource};
use crate::warning::{Warning, WarningCode};

/// With more parts, the request that completes an upload can be longer than what a load balancer passes to a function, 1 MB: it
/// names each part in up to 200 bytes.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>.
const MAX_PARTS_OF_A_BALANCER: u16 = 5_000;

impl Reader {
    /// Warns about multipart uploads that the generated function could not begin or complete. Returns the warnings if the file
    /// does not describe a deployment: a service on a server of one's own does not have these problems.
    pub(super) fn judge_uploads(
        &mut self,
        values: &DeploymentConfig,
        token: &TokenConfig,
        routes: &[RouteConfig],
    ) -> Vec<Warning> {
        if routes.iter().all(|route| route.policy.multipart().is_none()) {
            return Vec::new();
        }
        let others = std::mem::take(&mut self.raw.warnings);
        self.judge_token_secrets(token);
        if values.api == ApiKind::LoadBalancer {
            self.judge_part_counts(routes);
        }
        let found = std::mem::replace(&mut self.raw.warnings, others);
        let is_deployed = self.raw.heading("deployment").is_some()
            || self.raw.values.keys().any(|key| key.starts_with("deployment."));
        if is_deployed {
            self.raw.warnings.extend(found);
            return Vec::new();
        }
        found
    }

    /// A template contains no secret, so the function has only those of AWS Secrets Manager.
    fn judge_token_secrets(&mut self, token: &TokenConfig) {
        for (index, source) in token.sources.iter().enumerate() {
            let place = match source {
                TokenSecretSource::Env(name) => format!("the variable {name}"),
                TokenSecretSource::File(path) => format!("the file {}", path.display()),
                TokenSecretSource::SecretsManager(_) => continue,
            };
            let message = format!(
                "the generated function does not have {place}, because a template must not contain a secret, and does not start \
                 without it"
            );
            let help = "write \"secretsmanager:ARN\", which the generated role may read, or set UPSIGN_TOKEN_KEYS for `upsign \
                        serve` and keep secretsmanager: here";
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
