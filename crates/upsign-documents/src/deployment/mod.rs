//! The description of a deployment, from which every document is derived.

mod account;
mod auth_source;
mod bucket;
mod builders;
mod confirmation;
mod dialects;
mod limits;
mod names;
mod options;
mod quota_table;
mod read_keys;
mod role_arn;
mod route;
mod store;
mod uploads;
mod workers;

use upsign_core::api_cors::AllowHeaders;
use upsign_core::{CorsOrigins, Dialect, Provider, Region, Target, TokenHeader};
use upsign_policy::UploadPolicy;

pub use account::{AccountId, InvalidAccountId};
pub use auth_source::AuthSource;
pub use bucket::DeploymentBucket;
pub(crate) use bucket::{distinct, uploaded_arns};
pub(crate) use dialects::{DialectPath, serves_without_repository};
pub use limits::{InvalidLogRetention, LogRetention, Throttle};
pub use names::UnknownOption;
pub use options::{ApiAuthorizer, ApiKind, CodeLocation, Multipart, NotificationTarget, Reads};
pub(crate) use quota_table::QuotaTable;
pub use read_keys::{CloudFrontPublicKey, InvalidCloudFrontPublicKey};
pub use role_arn::{InvalidRoleArn, RoleArn};
pub use route::DeploymentRoute;
pub use store::{BucketDocument, UnsupportedByStore};
pub(crate) use workers::{Workers, is_confirmed_by_events};

use crate::guard::Guard;

/// A deployment of the service: its routes (one upload policy each), the origins of the pages that upload, and the AWS
/// resources around it.
///
/// ```
/// use upsign_core::CorsOrigins;
/// use upsign_documents::{Deployment, NotificationTarget};
/// # use upsign_core::Target;
/// # use upsign_policy::{Bodyless, UploadPolicy};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
/// #     .content_types(["image/jpeg"])
/// #     .max_size(10 << 20)
/// #     .build()?;
/// // `policy` is the `UploadPolicy` that signs the uploads.
/// let origins = CorsOrigins::listed(["https://app.example.com".parse()?]);
/// let deployment = Deployment::new([policy], origins).with_notification_target(NotificationTarget::Queue);
/// assert_eq!(deployment.buckets().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Deployment {
    pub(crate) routes: Vec<DeploymentRoute>,
    pub(crate) origins: CorsOrigins,
    pub(crate) allow_headers: AllowHeaders,
    pub(crate) token_header: TokenHeader,
    pub(crate) account: Option<AccountId>,
    pub(crate) multipart: Multipart,
    pub(crate) confirmation: bool,
    pub(crate) reads: Reads,
    pub(crate) notification_target: NotificationTarget,
    pub(crate) versioned: bool,
    pub(crate) api: ApiKind,
    pub(crate) authorizer: ApiAuthorizer,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) path: String,
    pub(crate) uploads_path: String,
    pub(crate) dialects: Vec<Dialect>,
    /// The path in front of those of dialects, or empty.
    pub(crate) dialects_base: Box<str>,
    pub(crate) token_secrets: Vec<String>,
    pub(crate) code: CodeLocation,
    pub(crate) expiring_prefixes: Vec<(String, u32)>,
    pub(crate) table: Option<String>,
    pub(crate) quota_table: Option<QuotaTable>,
    pub(crate) webhook_queue: Option<String>,
    /// The ARNs of the queues that a server takes messages from.
    pub(crate) polled_queues: Vec<String>,
    pub(crate) workers: Workers,
    pub(crate) signing_role: Option<String>,
    pub(crate) scanner_role: Option<RoleArn>,
    /// The ARNs of the roles that the service runs as, outside of the stack or in it.
    pub(crate) service_roles: Vec<String>,
    pub(crate) guards: Vec<Guard>,
    pub(crate) queue_arn: Option<String>,
    pub(crate) distribution_arn: Option<String>,
    pub(crate) read_keys: Vec<CloudFrontPublicKey>,
    pub(crate) read_key_secret: Option<String>,
    pub(crate) public_reads: bool,
    pub(crate) has_cloudfront_domain: bool,
    pub(crate) listener_arn: Option<String>,
    pub(crate) monitoring: bool,
    pub(crate) throttle: Throttle,
    pub(crate) reserved_concurrency: Option<u32>,
    pub(crate) access_logs: bool,
    pub(crate) log_retention: u32,
    pub(crate) tracing: bool,
    pub(crate) account_regional_buckets: bool,
}

impl Deployment {
    /// Describes a deployment of these routes for pages of these origins, with the defaults of the two-step upload design: a
    /// REST API, a queue for new objects, versioned buckets, alarms and a dashboard, and no reads.
    #[must_use]
    pub fn new(routes: impl IntoIterator<Item = impl Into<DeploymentRoute>>, origins: CorsOrigins) -> Self {
        Self {
            routes: routes.into_iter().map(Into::into).collect(),
            origins,
            allow_headers: AllowHeaders::default(),
            token_header: TokenHeader::default(),
            account: None,
            multipart: Multipart::None,
            confirmation: false,
            reads: Reads::None,
            notification_target: NotificationTarget::Queue,
            versioned: true,
            api: ApiKind::Rest,
            authorizer: ApiAuthorizer::default(),
            variables: Vec::new(),
            path: "/upload-url".into(),
            uploads_path: "/uploads".into(),
            dialects: Vec::new(),
            dialects_base: "".into(),
            token_secrets: Vec::new(),
            code: CodeLocation::Local("target/lambda/bootstrap/bootstrap.zip".into()),
            expiring_prefixes: Vec::new(),
            table: None,
            quota_table: None,
            webhook_queue: None,
            polled_queues: Vec::new(),
            workers: Workers::default(),
            signing_role: None,
            scanner_role: None,
            service_roles: Vec::new(),
            guards: Guard::RECOMMENDED.to_vec(),
            queue_arn: None,
            distribution_arn: None,
            read_keys: Vec::new(),
            read_key_secret: None,
            public_reads: false,
            has_cloudfront_domain: false,
            listener_arn: None,
            monitoring: true,
            throttle: Throttle::DEFAULT,
            reserved_concurrency: None,
            access_logs: true,
            log_retention: LogRetention::DEFAULT.days(),
            tracing: false,
            account_regional_buckets: false,
        }
    }

    /// Returns the routes.
    #[must_use]
    pub fn routes(&self) -> &[DeploymentRoute] {
        &self.routes
    }

    /// Returns the upload policies of the routes.
    pub fn policies(&self) -> impl Iterator<Item = &UploadPolicy> {
        self.routes.iter().map(DeploymentRoute::policy)
    }

    /// Returns the kind of API that invokes the function.
    #[must_use]
    pub const fn api(&self) -> ApiKind {
        self.api
    }

    /// Returns the authorizer of the API.
    #[must_use]
    pub const fn authorizer(&self) -> &ApiAuthorizer {
        &self.authorizer
    }

    /// Returns the request header that contains the token of a caller.
    #[must_use]
    pub const fn token_header(&self) -> &TokenHeader {
        &self.token_header
    }

    /// Returns the guards that the bucket policies enforce.
    #[must_use]
    pub fn guards(&self) -> &[Guard] {
        &self.guards
    }

    /// Returns the account ID, if it is set.
    #[must_use]
    pub const fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// Returns the ARN of the notification queue for documents that name it, if it is set.
    #[must_use]
    pub fn queue_arn(&self) -> Option<&str> {
        self.queue_arn.as_deref()
    }

    /// Returns the ARN of the CloudFront distribution for documents that name it, if it is set.
    #[must_use]
    pub fn distribution_arn(&self) -> Option<&str> {
        self.distribution_arn.as_deref()
    }

    /// Returns how uploaded objects are read.
    #[must_use]
    pub const fn reads(&self) -> Reads {
        self.reads
    }

    /// Returns where S3 sends notifications of new objects.
    #[must_use]
    pub const fn notification_target(&self) -> NotificationTarget {
        self.notification_target
    }

    /// Returns the origins of the pages that upload.
    #[must_use]
    pub const fn origins(&self) -> &CorsOrigins {
        &self.origins
    }

    /// Returns the buckets in the order of the routes, each once with all its routes.
    #[must_use]
    pub fn buckets(&self) -> Vec<DeploymentBucket<'_>> {
        let mut buckets: Vec<DeploymentBucket<'_>> = Vec::new();
        for route in &self.routes {
            let target = route.policy().target();
            match buckets.iter_mut().find(|known| known.holds(route)) {
                Some(bucket) => bucket.routes.push(route),
                None => buckets.push(DeploymentBucket { routes: vec![route], target }),
            }
        }
        buckets
    }

    /// Returns the buckets that one role signs for. A role of AWS has no access to other stores; in an ARN, their buckets would
    /// be buckets of AWS with the same names.
    pub(crate) fn buckets_of_signer(&self) -> Vec<DeploymentBucket<'_>> {
        let mut buckets = self.buckets();
        if buckets.iter().any(|bucket| bucket.provider() == Provider::Aws) {
            buckets.retain(|bucket| bucket.provider() == Provider::Aws);
        }
        buckets
    }

    /// Returns the account for an ARN: its id, or `*`, which matches any account in a policy.
    pub(crate) fn account_in_arns(&self) -> &str {
        self.account.as_ref().map_or("*", AccountId::as_str)
    }

    /// Returns the deployment with only the routes whose buckets are in AWS: those for which AWS resources exist. Without
    /// any, nothing announces or serves uploads either.
    pub(crate) fn on_aws(&self) -> Self {
        let mut deployment = self.clone();
        deployment.routes.retain(|route| route.provider() == Provider::Aws);
        if deployment.routes.is_empty() {
            deployment.notification_target = NotificationTarget::None;
            deployment.reads = Reads::None;
        }
        deployment
    }

    /// Returns whether the buckets keep earlier versions of their objects.
    #[must_use]
    pub const fn versioned(&self) -> bool {
        self.versioned
    }

    /// Returns whether the buckets are created in the namespace of the account and region.
    #[must_use]
    pub const fn account_regional_buckets(&self) -> bool {
        self.account_regional_buckets
    }

    /// Returns whether alarms and a dashboard are created.
    #[must_use]
    pub const fn monitoring(&self) -> bool {
        self.monitoring
    }

    /// Returns the region of the service's own resources, which is that of the first bucket in AWS; `None` without one.
    #[must_use]
    pub fn region(&self) -> Option<&Region> {
        self.aws_targets().next().map(Target::region)
    }

    fn aws_targets(&self) -> impl Iterator<Item = &Target> {
        let in_aws = self.routes.iter().filter(|route| route.provider() == Provider::Aws);
        in_aws.map(|route| route.policy().target())
    }

    pub(crate) fn partition(&self) -> &'static str {
        self.aws_targets().next().map_or("aws", Target::partition)
    }
}
