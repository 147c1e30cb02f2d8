//! Values of `[deployment]` and `[auth]` that contradict each other.

use upsign_cognito::TokenUse;
use upsign_core::{Provider, Target};
use upsign_documents::{ApiKind, AuthSource, Guard, NotificationTarget, Reads};
use upsign_policy::Gate;

use super::values::Reader;
use crate::auth::{Auth, AuthIssuer};
use crate::auth_source::{derive, derive_gateway, remedy_for};
use crate::config::RouteConfig;
use crate::deployment::DeploymentConfig;
use crate::error::ProblemCode;
use crate::source::finding::Finding;
use crate::source::raw::{Origin, Value, issuer_section};

impl Reader {
    /// Reports values that contradict each other. `routes` and `auth` are those that could be read.
    pub(super) fn report_contradictions(
        &mut self,
        values: &DeploymentConfig,
        routes: &[RouteConfig],
        auth: Option<&Auth>,
    ) {
        self.report_without_effect(values, routes);
        self.report_api(values);
        self.report_regions(values, routes);
        self.report_keys(routes);
        self.report_partitions(values, routes);
        self.report_storage(routes);
        self.report_bucket_names(values, routes);
        self.report_other_store(routes);
        self.report_guards(values, routes);
        self.report_gates(values, routes);
        self.report_scopes_of_id_tokens(routes, auth);
        if let Some(auth) = auth.filter(|auth| auth.source == Some(AuthSource::Authorizer))
            && let Err(inexact) = derive(values.api, auth, routes)
            && !self.is_set_by_another_stack(auth, routes)
        {
            let message = format!("{inexact}, so it cannot verify the tokens that [auth] accepts");
            let help = match remedy_for(inexact, auth, routes) {
                Some(remedy) => format!("{remedy}; or source = \"token\""),
                None => "set source = \"token\"".to_owned(),
            };
            self.report("auth.source", Finding::contradiction(message).help(help));
        }
        self.report_gateway_identity(values.api, auth);
    }

    /// Reports what identifies callers in place of tokens, if the API does not have it.
    fn report_gateway_identity(&mut self, api: ApiKind, auth: Option<&Auth>) {
        let Some(identity) = auth.and_then(|auth| auth.gateway.as_ref()) else { return };
        let Err((message, help)) = derive_gateway(api, identity) else { return };
        let is_variable =
            self.raw.values.get("auth.source").is_some_and(|it| matches!(it.origin, Origin::Variable(_)));
        // A stack that was generated with another `--api` sets the variable.
        if !is_variable {
            self.report("auth.source", Finding::contradiction(message).help(help));
        }
    }

    /// Reports scopes that are demanded of id tokens, which have none.
    ///
    /// Source: <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html>.
    fn report_scopes_of_id_tokens(&mut self, routes: &[RouteConfig], auth: Option<&Auth>) {
        let issuers = auth.map(|auth| &*auth.issuers).unwrap_or_default();
        let has_scopes = |issuer: &AuthIssuer| {
            // The issuer may write scopes into a claim of its own.
            issuer.verifier.token_use() != TokenUse::Id
                || !matches!(issuer.verifier.scopes_claim().name(), "scope" | "scp")
        };
        let of_issuers = issuers.iter().enumerate().filter(|(_, issuer)| !has_scopes(issuer));
        let mut keys: Vec<String> =
            of_issuers.map(|(index, _)| format!("{}.scopes", issuer_section(index))).collect();
        // A route may be for the callers of another issuer.
        if !issuers.is_empty() && !issuers.iter().any(has_scopes) {
            keys.extend(routes.iter().map(|route| format!("{}.scopes", section(route))));
        }
        for key in keys {
            if self.has(&key) {
                let message =
                    "token_use is \"id\", and id tokens have no scopes: every caller would be refused";
                let help = "remove scopes, or write token_use = \"access\" in [auth]";
                self.report(&key, Finding::contradiction(message).help(help));
            }
        }
    }

    /// Returns whether `auth.source` can be right although the file names another kind of API. A stack that was generated with
    /// `--api` sets the variable of its function, and its function reads the same file.
    fn is_set_by_another_stack(&self, auth: &Auth, routes: &[RouteConfig]) -> bool {
        let is_variable =
            self.raw.values.get("auth.source").is_some_and(|it| matches!(it.origin, Origin::Variable(_)));
        is_variable && [ApiKind::Rest, ApiKind::Http].iter().any(|api| derive(*api, auth, routes).is_ok())
    }

    /// Reports values that have an effect only with another one.
    fn report_without_effect(&mut self, values: &DeploymentConfig, routes: &[RouteConfig]) {
        let text = |text: &str| Value::Text(text.to_owned());
        if self.has("deployment.queue_arn")
            && values.notify.is_some_and(|notify| notify != NotificationTarget::Queue)
        {
            let help =
                format!("{}, or remove queue_arn", self.assignment("deployment.notify", &text("queue")));
            self.report_unused("deployment.queue_arn", "notify = \"queue\"", &help);
        }
        if self.has("deployment.distribution_arn") && values.reads != Some(Reads::CloudFront) {
            let help = format!(
                "{}, or remove distribution_arn",
                self.assignment("deployment.reads", &text("cloudfront"))
            );
            self.report_unused("deployment.distribution_arn", "reads = \"cloudfront\"", &help);
        }
        if self.has("deployment.listener_arn") && values.api != ApiKind::LoadBalancer {
            let help = format!("{}, or remove listener_arn", self.assignment("deployment.api", &text("alb")));
            self.report_unused("deployment.listener_arn", "api = \"alb\"", &help);
        }
        let is_scanned = values.guards.as_ref().is_some_and(|guards| guards.contains(&Guard::Scanned));
        if is_scanned && !self.has("deployment.scanner_role") {
            let message = "the guard scanned needs scanner_role, the only role that may tag objects as clean";
            let help = "add scanner_role = \"arn:aws:iam::123456789012:role/NAME\": the role of your GuardDuty Malware Protection plan";
            let item = self.texts("deployment.guards").unwrap_or_default();
            let item = item.iter().position(|name| name == Guard::Scanned.name()).unwrap_or_default();
            self.report_item("deployment.guards", item, Finding::contradiction(message).help(help));
        }
        // Guards that are listed wrong are reported already.
        let is_valid = values.guards.is_some() || !self.has("deployment.guards");
        // The scanner reads objects that are not confirmed.
        let has_gate = routes.iter().any(|route| *route.policy.confirmation().gate() != Gate::None);
        if self.has("deployment.scanner_role") && !is_scanned && is_valid && !has_gate {
            let help = "add \"scanned\" to guards, or remove scanner_role";
            self.report_unused("deployment.scanner_role", "the guard scanned", help);
        }
        if self.has("deployment.service_role") && !has_gate && !routes.is_empty() {
            let help = "remove service_role";
            self.report_unused("deployment.service_role", "pending_key or gate = \"tag\"", help);
        }
    }

    /// Reports settings that an API of this kind does not have.
    fn report_api(&mut self, values: &DeploymentConfig) {
        let (what, name) = match values.api {
            ApiKind::FunctionUrl => ("a function URL", "url"),
            ApiKind::LoadBalancer => ("a load balancer", "alb"),
            _ => return,
        };
        for key in ["deployment.throttle_rate", "deployment.throttle_burst"] {
            if self.has(key) {
                let message = format!("{what} has no limit of requests per second");
                let help = "remove it; reserved_concurrency limits how many requests run at the same time";
                self.report(key, Finding::contradiction(message).help(help));
            }
        }
        if values.access_logs == Some(true) {
            let message = format!("{what} writes no access log of its own to CloudWatch");
            let help = "remove it; the function logs every request";
            self.report("deployment.access_logs", Finding::contradiction(message).help(help));
        }
        if name == "alb" && !self.has("deployment.listener_arn") {
            self.report_missing(
                "deployment.listener_arn",
                "\"arn:aws:elasticloadbalancing:REGION:ACCOUNT:listener/app/NAME/ID/ID\" # `aws elbv2 describe-listeners --load-balancer-arn ARN` prints it",
            );
        }
    }

    /// Reports routes whose storage class cannot change to `STANDARD_IA`.
    ///
    /// Sources: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html>,
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-buckets-objects-lifecycle.html>.
    fn report_storage(&mut self, routes: &[RouteConfig]) {
        for route in routes.iter().filter(|route| route.infrequent_after.is_some()) {
            let section = section(route);
            if route.policy.target().bucket().is_directory() {
                let message = "a directory bucket cannot move objects to STANDARD_IA";
                let finding = Finding::new(ProblemCode::Unsupported, message).help("remove infrequent_after");
                self.report(&format!("{section}.infrequent_after"), finding);
                continue;
            }
            let Some(class) = self.text(&format!("{section}.storage_class")) else { continue };
            if !matches!(class.as_str(), "STANDARD" | "REDUCED_REDUNDANCY") {
                let message = format!(
                    "cannot move objects to STANDARD_IA that are stored as {class}: S3 only moves them from STANDARD"
                );
                let finding =
                    Finding::contradiction(message).help("remove infrequent_after or storage_class");
                self.report(&format!("{section}.infrequent_after"), finding);
            }
        }
    }

    /// Reports buckets whose names do not have the end that the account's regional namespace requires.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html>.
    fn report_bucket_names(&mut self, values: &DeploymentConfig, routes: &[RouteConfig]) {
        if values.account_regional_buckets != Some(true) {
            return;
        }
        for route in routes {
            let target = route.policy.target();
            let name = target.bucket().as_str();
            let account = values.account.as_ref().map_or("ACCOUNT", |account| account.as_str());
            let end = format!("-{account}-{}-an", target.region());
            let fits = match values.account {
                Some(_) => name.ends_with(&end),
                None => is_account_regional(name, target),
            };
            if !fits {
                let own = format!("{}.bucket", section(route));
                let key = if self.has(&own) { own } else { "bucket.name".to_owned() };
                let message = format!(
                    "account_regional_buckets is true, and the name of such a bucket ends with {end}"
                );
                let help = format!(
                    "{}, or remove account_regional_buckets",
                    self.assignment(&key, &Value::Text(format!("{name}{end}")))
                );
                self.report(&key, Finding::contradiction(message).help(help));
            }
        }
    }

    /// Reports values that only AWS has, if every bucket is at another store. An endpoint alone may be that of an emulator of
    /// AWS.
    fn report_other_store(&mut self, routes: &[RouteConfig]) {
        let may_be_aws = [Provider::Aws, Provider::LocalStack, Provider::Custom];
        if routes.iter().any(|route| may_be_aws.contains(&route.store.provider)) {
            return;
        }
        let Some(store) = routes.first().map(|route| route.store.provider) else { return };
        let is = |key: &str, value: &str| self.text(key).is_some_and(|text| text == value);
        let unsupported = [
            ("notify", is("deployment.notify", "queue"), "sends no notifications to SQS"),
            ("notify", is("deployment.notify", "event-bridge"), "sends no notifications to EventBridge"),
            ("reads", is("deployment.reads", "cloudfront"), "does not let a CloudFront distribution read"),
            (
                "guards",
                self.texts("deployment.guards").is_some_and(|guards| !guards.is_empty()),
                "does not enforce guards, which are conditions of AWS",
            ),
            (
                "account_regional_buckets",
                self.flag("deployment.account_regional_buckets") == Some(true),
                "has no namespaces of AWS accounts",
            ),
            ("signing_role", self.has("deployment.signing_role"), "does not know roles of AWS"),
        ];
        for (name, is_set, why) in unsupported {
            if is_set {
                let finding = Finding::new(ProblemCode::Unsupported, format!("{store} {why}"));
                self.report(&format!("deployment.{name}"), finding.help(format!("remove {name}")));
            }
        }
    }

    fn report_unused(&mut self, key: &str, needed: &str, help: &str) {
        let finding = Finding::contradiction(format!("has an effect only with {needed}"));
        self.report(key, finding.help(help));
    }
}

/// Returns the name of a route's section.
pub(crate) fn section(route: &RouteConfig) -> String {
    route.name.as_ref().map_or("upload".to_owned(), |name| format!("{}.{name}", crate::keys::ROUTE))
}

/// Returns whether a name has the form `PREFIX-ACCOUNT-REGION-an`.
fn is_account_regional(name: &str, target: &Target) -> bool {
    let rest = name.strip_suffix(&format!("-{}-an", target.region()));
    rest.and_then(|rest| rest.rsplit_once('-')).is_some_and(|(prefix, account)| {
        !prefix.is_empty() && account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())
    })
}
