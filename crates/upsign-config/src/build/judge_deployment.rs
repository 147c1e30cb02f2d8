//! Warnings about the deployment.

use upsign_core::Provider;
use upsign_documents::ApiKind;
use upsign_policy::CannedAcl;

use super::contradictions::section;
use super::values::Reader;
use crate::auth_source::largest_token;
use crate::config::RouteConfig;
use crate::deployment::DeploymentConfig;
use crate::source::effective::quoted;
use crate::warning::WarningCode;

impl Reader {
    /// Warns about values that are valid, but that an operator should have chosen deliberately.
    pub(super) fn judge_deployment(&mut self, values: &DeploymentConfig, routes: &[RouteConfig]) {
        self.judge_acls(routes);
        self.judge_expiry(values, routes);
        self.judge_throttle(values);
        self.judge_store(routes);
    }

    /// Warns about tokens that are longer than what the API in front of the function accepts.
    pub(super) fn judge_token_size(&mut self, api: ApiKind, max_token_bytes: usize) {
        let key = "auth.max_token_size";
        let Some((largest, limit)) = largest_token(api) else { return };
        let is_deployed = self.raw.heading("deployment").is_some() || self.has("deployment.api");
        if is_deployed && self.has(key) && max_token_bytes > largest {
            let message = format!("{limit}, and answers requests with longer tokens itself");
            let help = match api {
                ApiKind::LoadBalancer => "write max_token_size = \"15 KiB\"",
                _ => "write max_token_size = \"9 KiB\", or set api = \"url\" in [deployment]",
            };
            self.warn(WarningCode::LargeTokens, key, None, message, help);
        }
    }

    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html>.
    fn judge_acls(&mut self, routes: &[RouteConfig]) {
        for route in routes.iter().filter(|route| route.described().provider() == Provider::Aws) {
            let Some(acl) = route.policy.acl().filter(|acl| *acl != CannedAcl::BucketOwnerFullControl) else {
                continue;
            };
            let blocked = if acl.is_public() {
                ", and so does Block Public Access of the bucket or the account"
            } else {
                ""
            };
            let message = format!(
                "a bucket whose ACLs are disabled, as in every new one, refuses uploads with the ACL {acl}{blocked}"
            );
            let help = "remove acl, and let a bucket policy or reads = \"cloudfront\" decide who reads; or enable ACLs (object ownership), as the generated stacks do";
            self.warn(WarningCode::AclsDisabled, &format!("{}.acl", section(route)), None, message, help);
        }
    }

    fn judge_expiry(&mut self, values: &DeploymentConfig, routes: &[RouteConfig]) {
        let key = "deployment.expire";
        for (index, (prefix, limit)) in values.expire.iter().enumerate() {
            let covered = routes.iter().filter(|route| {
                route.policy.key_prefixes().iter().any(|keys| keys.starts_with(prefix.as_str()))
            });
            let covered: Vec<String> = covered.map(|route| format!("[{}]", section(route))).collect();
            if covered.is_empty() {
                continue;
            }
            let days = count_days(*limit);
            let message = format!(
                "every upload of {} is deleted after {days}: its key begins with {}",
                covered.join(" and "),
                quoted(prefix)
            );
            let help = "that is right for uploads that are copied to another prefix once they are checked; otherwise expire a prefix that no route writes to";
            self.warn(WarningCode::ExpiringUploads, key, Some(index), message, help);
            self.judge_transitions(prefix, *limit, routes);
        }
    }

    /// Warns about routes whose uploads expire before they would move to another storage class.
    fn judge_transitions(&mut self, prefix: &str, days: u32, routes: &[RouteConfig]) {
        for route in routes {
            let is_covered = route.policy.key_prefixes().iter().any(|keys| keys.starts_with(prefix));
            if !is_covered || route.infrequent_after.is_none_or(|moves| moves < days) {
                continue;
            }
            let message = format!(
                "has no effect: deployment.expire deletes these uploads, which begin with {}, after {}",
                quoted(prefix),
                count_days(days)
            );
            let help = "remove infrequent_after, or let the uploads expire later";
            let key = format!("{}.infrequent_after", section(route));
            self.warn(WarningCode::ExpiringUploads, &key, None, message, help);
        }
    }

    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-throttling>.
    fn judge_throttle(&mut self, values: &DeploymentConfig) {
        let what = match values.api {
            ApiKind::FunctionUrl => "a function URL",
            ApiKind::LoadBalancer => "a load balancer",
            _ => return,
        };
        if values.reserved_concurrency.is_none() {
            let message = format!(
                "{what} has no limit of requests: callers can use up the concurrency of all functions of the account"
            );
            // <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>.
            let help = "add reserved_concurrency = 10, for example: it limits how many requests run at the same time; Lambda keeps at least 100 of the account's limit for other functions, so new accounts, whose limit is 10, must have it raised first";
            self.warn(WarningCode::NoThrottle, "deployment.api", None, message, help);
        }
    }

    fn judge_store(&mut self, routes: &[RouteConfig]) {
        let is_deployed = self.raw.heading("deployment").is_some()
            || self.raw.values.keys().any(|key| key.starts_with("deployment."));
        let foreign = routes.iter().find(|route| route.described().provider() != Provider::Aws);
        let Some(route) = foreign.filter(|_| is_deployed) else { return };
        let message = format!(
            "the function signs with the credentials of its role, which the store at {} does not accept",
            route.policy.target().host()
        );
        let help = "use `upsign serve` with keys of the store, or load its keys in a function of your own";
        self.warn(WarningCode::ForeignStore, "deployment", None, message, help);
    }
}

fn count_days(days: u32) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}
