//! The section `[deployment]`, and the description of the deployment that documents are generated from.

use upsign_core::Provider;
use upsign_documents::{
    AccountId, ApiKind, CodeLocation, Deployment, DeploymentRoute, Guard, NotificationTarget, Reads, RoleArn,
    Throttle,
};

use crate::config::{Config, RouteConfig};
use crate::events::EventsConfig;
use crate::quota::QuotaStoreConfig;
use crate::token::TokenSecretSource;
use crate::webhook::WebhookConfig;

/// The values of `[deployment]`. Where a value is `None`, [`Deployment`] has a default.
///
/// [`Config::deployment`] turns them into the input of every document. A program whose options replace some of them reads the
/// configuration with [`Config::read_with_overrides`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeploymentConfig {
    /// What invokes the function. Default: a REST API.
    pub api: ApiKind,
    /// The AWS account, for documents that contain it.
    pub account: Option<AccountId>,
    /// How uploads are read. Default: not through this deployment.
    pub reads: Option<Reads>,
    /// Where notifications about new objects go. Default: to an SQS queue.
    pub notify: Option<NotificationTarget>,
    /// Whether the buckets are versioned. Default: `true`.
    pub versioned: Option<bool>,
    /// The unsafe requests that the bucket policies deny. Default: [`Guard::RECOMMENDED`].
    pub guards: Option<Vec<Guard>>,
    /// Prefixes of keys, and the days after which objects with this prefix are deleted (at least 1).
    pub expire: Vec<(String, u32)>,
    /// A DynamoDB table that the function may read and write.
    pub table: Option<String>,
    /// The role that the function assumes to sign.
    pub signing_role: Option<RoleArn>,
    /// The role that the service runs as, outside of a stack.
    pub service_role: Option<RoleArn>,
    /// The role of the GuardDuty Malware Protection plan, for [`Guard::Scanned`].
    pub scanner_role: Option<RoleArn>,
    /// The ARN of a queue for notifications that is not created by a stack.
    pub queue_arn: Option<String>,
    /// The ARN of a CloudFront distribution that is not created by a stack.
    pub distribution_arn: Option<String>,
    /// The ARN of the listener of the load balancer.
    pub listener_arn: Option<String>,
    /// The function's code.
    pub code: Option<CodeLocation>,
    /// The code of the function that confirms uploads by their notifications.
    pub consumer_code: Option<CodeLocation>,
    /// The code of the function that delivers webhooks.
    pub deliverer_code: Option<CodeLocation>,
    /// Environment variables of the function.
    pub variables: Vec<(String, String)>,
    /// Whether alarms and a dashboard are created. Default: `true`.
    pub monitoring: Option<bool>,
    /// Requests per second that a REST or HTTP API accepts. Default: 50.
    pub throttle_rate: Option<u32>,
    /// Requests that a REST or HTTP API accepts at once. Default: 100.
    pub throttle_burst: Option<u32>,
    /// Maximum number of instances of the function. Default: only the limit of the account.
    pub reserved_concurrency: Option<u32>,
    /// Whether a REST or HTTP API writes an access log. Default: `true`.
    pub access_logs: Option<bool>,
    /// Days for which logs are kept. Default: 30.
    pub log_retention: Option<u32>,
    /// Whether traces are sent to AWS X-Ray. Default: `false`.
    pub tracing: Option<bool>,
    /// Whether buckets are created in the namespace of the account and region. Default: `false`.
    pub account_regional_buckets: Option<bool>,
}

impl Config {
    /// Returns the deployment that the file describes: the routes, the origins, every value of `[deployment]`, and the
    /// authorizer of the API that follows from `[auth]` (see [`auth_source`](Self::auth_source)).
    ///
    /// ```
    /// use upsign_config::{Config, initial_file};
    /// use upsign_documents::{CorsDocument, IamPolicy};
    ///
    /// let config = Config::read("upsign.toml", initial_file(), |_| None)?;
    /// let deployment = config.deployment();
    /// let role = IamPolicy::for_deployment(&deployment);
    /// assert_eq!(role.statements()[0].actions(), ["s3:PutObject"]);
    /// # Ok::<(), upsign_config::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn deployment(&self) -> Deployment {
        let values = &self.deployment;
        let routes = self.routes.iter().map(RouteConfig::described);
        let mut deployment = Deployment::new(routes, self.origins.clone())
            .with_api(values.api)
            .with_allow_headers(self.allow_headers.clone())
            .with_api_path(&format!("{}/upload-url", self.base_path))
            .with_uploads_path(&format!("{}/uploads", self.base_path))
            .with_dialects(self.dialects.iter().copied(), &self.base_path)
            .with_authorizer(self.authorizer())
            .with_token_header(self.token_header())
            .with_throttle(
                values.throttle_rate.unwrap_or(Throttle::DEFAULT.rate_per_second),
                values.throttle_burst.unwrap_or(Throttle::DEFAULT.burst),
            );
        /// Calls a method of the deployment with each value that is set.
        macro_rules! set {
            ($($field:ident => $method:ident),* $(,)?) => {
                $(if let Some(value) = values.$field.clone() {
                    deployment = deployment.$method(value);
                })*
            };
        }
        set! {
            account => with_account,
            reads => with_reads,
            notify => with_notification_target,
            versioned => with_versioning,
            guards => with_guards,
            scanner_role => with_scanner_role,
            code => with_code_location,
            consumer_code => with_consumer_code,
            deliverer_code => with_deliverer_code,
            monitoring => with_monitoring,
            reserved_concurrency => with_reserved_concurrency,
            access_logs => with_access_logs,
            log_retention => with_log_retention,
            tracing => with_tracing,
            account_regional_buckets => with_account_regional_buckets,
        }
        if let Some(role) = &values.signing_role {
            deployment = deployment.with_signing_role(role.as_str());
        }
        if let Some(role) = &values.service_role {
            deployment = deployment.with_service_role(role);
        }
        if let Some(table) = &values.table {
            deployment = deployment.with_dynamodb_table(table);
        }
        if let Some(QuotaStoreConfig::DynamoDb { table, region }) = self.quota().map(|quota| &quota.store) {
            deployment = deployment.with_quota_table(table, Some(region));
        }
        if let Some(arn) = self.webhook().and_then(WebhookConfig::queue_arn) {
            deployment = deployment.with_webhook_queue(&arn);
        }
        for source in self.webhook().iter().flat_map(|webhook| &webhook.secrets) {
            if let TokenSecretSource::SecretsManager(arn) = source {
                deployment = deployment.with_webhook_secret(arn.as_str());
            }
        }
        let delivered = self.webhook().filter(|webhook| webhook.deliver);
        let polled =
            [self.events().and_then(EventsConfig::queue_arn), delivered.and_then(WebhookConfig::queue_arn)];
        for arn in polled.iter().flatten() {
            deployment = deployment.with_polled_queue(arn);
        }
        for key in &self.cloudfront.public_keys {
            deployment = deployment.with_cloudfront_key(key.clone());
        }
        if let Some(TokenSecretSource::SecretsManager(arn)) = &self.cloudfront.private_key {
            deployment = deployment.with_cloudfront_key_secret(arn.as_str());
        }
        deployment = deployment
            .with_public_reads(self.cloudfront.public_reads)
            .with_configured_cloudfront_domain(!self.cloudfront.domains.is_empty());
        if let Some(arn) = &values.queue_arn {
            deployment = deployment.with_queue_arn(arn);
        }
        if let Some(arn) = &values.distribution_arn {
            deployment = deployment.with_distribution_arn(arn);
        }
        if let Some(arn) = &values.listener_arn {
            deployment = deployment.with_listener_arn(arn);
        }
        for (prefix, days) in &values.expire {
            deployment = deployment.with_expiring_prefix(prefix, *days);
        }
        for source in self.token_sources() {
            if let TokenSecretSource::SecretsManager(arn) = source {
                deployment = deployment.with_token_secret(arn.as_str());
            }
        }
        for (name, value) in self.function_variables() {
            deployment = deployment.with_environment_variable(&name, &value);
        }
        deployment
    }

    /// Returns the values of `[deployment]`.
    #[must_use]
    pub const fn deployment_config(&self) -> &DeploymentConfig {
        &self.deployment
    }

    /// Returns the environment variables of the function: those of the file, and those that it needs in addition.
    ///
    /// Lambda does not state the expiry of a role's credentials, so the function refuses to start unless it is configured how
    /// long they last. One hour is safe: Lambda replaces them long before that. Those of a signing role state their expiry.
    fn function_variables(&self) -> Vec<(String, String)> {
        let mut all = self.deployment.variables.clone();
        let assume = [("UPSIGN_UNKNOWN_EXPIRY", "assume"), ("UPSIGN_ASSUME_FOR", "1h")];
        let assume = assume
            .into_iter()
            .filter(|_| self.unknown_expiry.is_none() && self.deployment.signing_role.is_none());
        for (name, value) in assume {
            if !all.iter().any(|(known, _)| known == name) {
                all.push((name.into(), value.into()));
            }
        }
        all
    }
}

impl RouteConfig {
    /// Returns the route as a part of a deployment.
    pub(crate) fn described(&self) -> DeploymentRoute {
        let mut described = DeploymentRoute::new(self.policy.clone());
        // Without a named store, the host may still be one of AWS, for example that of a VPC endpoint.
        if self.store.provider != Provider::Custom {
            described = described.with_provider(self.store.provider);
        }
        if let Some(name) = &self.name {
            described = described.with_name(name.as_str());
        }
        if let Some(days) = self.infrequent_after {
            described = described.with_infrequent_access_after(days);
        }
        if let Some(days) = self.pending_days {
            described = described.with_pending_days(days);
        }
        described
    }
}
