//! The methods that set the options of a deployment.

use upsign_core::TokenHeader;
use upsign_core::api_cors::AllowHeaders;

use super::{
    AccountId, ApiAuthorizer, ApiKind, CodeLocation, Deployment, Multipart, NotificationTarget, Reads,
    RoleArn, Throttle,
};
use crate::guard::Guard;

impl Deployment {
    /// Sets the account ID for documents that name it. Templates and modules refer to the account they are deployed to
    /// instead.
    #[must_use]
    pub fn with_account(self, account: AccountId) -> Self {
        Self { account: Some(account), ..self }
    }

    /// Sets the request headers that pages may send, for a gateway that answers preflights (default: `authorization` and
    /// `content-type`).
    ///
    /// The [token header](Self::with_token_header) takes the place of `authorization`. With [`ApiAuthorizer::Iam`], pages may also
    /// send the headers of a signature: `x-amz-date`, `x-amz-security-token` and `x-amz-content-sha256`.
    #[must_use]
    pub fn with_allow_headers(self, headers: AllowHeaders) -> Self {
        Self { allow_headers: headers, ..self }
    }

    /// Sets the request header that contains the token of a caller (default: `authorization`): the authorizer of the API reads
    /// it, pages may send it, and the description of the API names it. Access logs do not contain it.
    ///
    /// Another header is needed where CloudFront signs the requests to a function URL with origin access control, because it
    /// replaces `Authorization`. [`ApiAuthorizer::Iam`] reads no token, but signatures in `Authorization`.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html>.
    #[must_use]
    pub fn with_token_header(self, header: TokenHeader) -> Self {
        Self { token_header: header, ..self }
    }

    /// Sets whether browsers run multipart uploads themselves (default: no).
    #[must_use]
    pub fn with_multipart(self, multipart: Multipart) -> Self {
        Self { multipart, ..self }
    }

    /// Sets whether the service confirms uploads, that is, sends `HEAD` for the uploaded object (default: no).
    #[must_use]
    pub fn with_confirmation(self, confirmation: bool) -> Self {
        Self { confirmation, ..self }
    }

    /// Sets how uploaded objects are read (default: not at all).
    #[must_use]
    pub fn with_reads(self, reads: Reads) -> Self {
        Self { reads, ..self }
    }

    /// Sets where S3 sends notifications of new objects (default: an SQS queue).
    #[must_use]
    pub fn with_notification_target(self, notification_target: NotificationTarget) -> Self {
        Self { notification_target, ..self }
    }

    /// Sets whether the buckets are versioned (default: yes).
    #[must_use]
    pub fn with_versioning(self, versioned: bool) -> Self {
        Self { versioned, ..self }
    }

    /// Sets the kind of API in front of the function (default: a REST API).
    #[must_use]
    pub fn with_api(self, api: ApiKind) -> Self {
        Self { api, ..self }
    }

    /// Sets the authorizer of the API (default: [`ApiAuthorizer::None`], the function verifies the token itself).
    #[must_use]
    pub fn with_authorizer(self, authorizer: ApiAuthorizer) -> Self {
        Self { authorizer, ..self }
    }

    /// Adds an environment variable of the function.
    #[must_use]
    pub fn with_environment_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Sets the path of the API at which clients request uploads (default: `/upload-url`).
    #[must_use]
    pub fn with_api_path(self, path: &str) -> Self {
        Self { path: path.into(), ..self }
    }

    /// Sets where the function's deployment package is (default: `target/lambda/bootstrap/bootstrap.zip`, where
    /// `cargo lambda build --output-format zip --lambda-dir target/lambda` puts it).
    #[must_use]
    pub fn with_code_location(self, code: CodeLocation) -> Self {
        Self { code, ..self }
    }

    /// Expires objects under `prefix` after `days` days (at least 1), including all their versions. Call it once per prefix.
    #[must_use]
    pub fn with_expiring_prefix(mut self, prefix: &str, days: u32) -> Self {
        self.expiring_prefixes.push((prefix.into(), days.max(1)));
        self
    }

    /// Sets whether templates and modules contain alarms and a dashboard (default: yes).
    #[must_use]
    pub fn with_monitoring(self, monitoring: bool) -> Self {
        Self { monitoring, ..self }
    }

    /// Permits the service's role to read and write the DynamoDB table `name` in the account and region of the deployment.
    #[must_use]
    pub fn with_dynamodb_table(self, name: &str) -> Self {
        Self { table: Some(name.into()), ..self }
    }

    /// Sets the ARN of a role that the service assumes for signing. The service's own role then needs no access to objects.
    /// Templates and modules name the role in the variable `UPSIGN_ASSUME_ROLE` of the function, which `upsign-lambda` reads with
    /// its feature `chain`.
    #[must_use]
    pub fn with_signing_role(self, arn: &str) -> Self {
        Self { signing_role: Some(arn.into()), ..self }
    }

    /// Sets the role of the Malware Protection plan of GuardDuty, which [`Guard::Scanned`](crate::Guard::Scanned) needs.
    ///
    /// You create this role and name it in the plan; it is not the service-linked role of GuardDuty.
    ///
    /// Source: <https://docs.aws.amazon.com/guardduty/latest/ug/malware-protection-s3-iam-policy-prerequisite.html>.
    #[must_use]
    pub fn with_scanner_role(self, arn: RoleArn) -> Self {
        Self { scanner_role: Some(arn), ..self }
    }

    /// Sets the guards that the bucket policies enforce (default: [`Guard::RECOMMENDED`]).
    #[must_use]
    pub fn with_guards(self, guards: impl IntoIterator<Item = Guard>) -> Self {
        Self { guards: guards.into_iter().collect(), ..self }
    }

    /// Limits the requests that the API accepts to `rate_per_second`, with bursts of up to `burst` (default: 50 and 100).
    /// API Gateway answers further requests with 429.
    ///
    /// Without a limit of its own, an API can use up the quota that all APIs of the account share in the region. A function URL
    /// and a load balancer have no such limit; use [`with_reserved_concurrency`](Deployment::with_reserved_concurrency).
    ///
    /// The limit applies to all callers together. API Gateway counts quotas per day by API key, which the callers of this API do
    /// not have, so a usage plan would not limit any of them.
    ///
    /// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>,
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html>.
    #[must_use]
    pub fn with_throttle(self, rate_per_second: u32, burst: u32) -> Self {
        Self { throttle: Throttle { rate_per_second, burst }, ..self }
    }

    /// Sets how many instances of the function may run at a time (default: no limit of its own). Lambda reserves this number
    /// from the concurrency of the account, so other functions can use that much less. It keeps at least 100 for them, or 10 in a
    /// new account: a larger number fails the deployment.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>.
    #[must_use]
    pub fn with_reserved_concurrency(self, instances: u32) -> Self {
        Self { reserved_concurrency: Some(instances), ..self }
    }

    /// Sets whether the API writes an access log, which contains no `Authorization` header (default: yes).
    ///
    /// A REST API needs a role for this, which is a setting of the account in each region. Where it is not set yet, deploy the
    /// template with the parameter `CreateApiGatewayLogRole=true`, or the module with `create_api_gateway_log_role = true`.
    /// Function URLs and load balancers write no access log of their own for the function.
    ///
    /// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>.
    #[must_use]
    pub fn with_access_logs(self, access_logs: bool) -> Self {
        Self { access_logs, ..self }
    }

    /// Sets after how many days the logs of the function and of the API are deleted (default: 30). CloudWatch Logs accepts
    /// only certain numbers.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>.
    #[must_use]
    pub fn with_log_retention(self, days: u32) -> Self {
        Self { log_retention: days, ..self }
    }

    /// Sets whether the function and the API send traces to AWS X-Ray (default: no). HTTP APIs send none.
    #[must_use]
    pub fn with_tracing(self, tracing: bool) -> Self {
        Self { tracing, ..self }
    }

    /// Sets whether the buckets are created in the account's regional namespace (default: no).
    #[must_use]
    pub fn with_account_regional_buckets(self, account_regional_buckets: bool) -> Self {
        Self { account_regional_buckets, ..self }
    }

    /// Sets the ARN of the notification queue for documents that name it, such as a notification configuration. A template or
    /// module refers to the queue that it creates instead.
    #[must_use]
    pub fn with_queue_arn(self, arn: &str) -> Self {
        Self { queue_arn: Some(arn.into()), ..self }
    }

    /// Sets the ARN of the CloudFront distribution for documents that name it, such as a bucket policy. A template or module
    /// refers to the distribution that it creates instead.
    #[must_use]
    pub fn with_distribution_arn(self, arn: &str) -> Self {
        Self { distribution_arn: Some(arn.into()), ..self }
    }

    /// Sets the default of the parameter with the listener of the load balancer, for [`ApiKind::LoadBalancer`] (default: none,
    /// so that it must be chosen at deployment).
    #[must_use]
    pub fn with_listener_arn(self, arn: &str) -> Self {
        Self { listener_arn: Some(arn.into()), ..self }
    }
}
