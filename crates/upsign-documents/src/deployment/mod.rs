//! The description of a deployment, from which every document is derived.

mod account;
mod bucket;
mod options;
mod role_arn;

use upsign_core::{CorsOrigins, Region};
use upsign_policy::UploadPolicy;

pub use account::{AccountId, InvalidAccountId};
pub use bucket::DeploymentBucket;
pub(crate) use bucket::{distinct, object_arn};
pub use options::{ApiAuthorizer, ApiKind, CodeLocation, Multipart, NotificationTarget, Reads};
pub use role_arn::{InvalidRoleArn, RoleArn};

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
    pub(crate) routes: Vec<UploadPolicy>,
    pub(crate) origins: CorsOrigins,
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
    pub(crate) code: CodeLocation,
    pub(crate) expiring_prefixes: Vec<(String, u32)>,
    pub(crate) infrequent_access_after: Option<u32>,
    pub(crate) table: Option<String>,
    pub(crate) signing_role: Option<String>,
    pub(crate) scanner_role: Option<RoleArn>,
    pub(crate) monitoring: bool,
}

impl Deployment {
    /// Describes a deployment of these routes for pages of these origins, with the defaults of the two-step upload design: a
    /// REST API, a queue for new objects, versioned buckets, alarms and a dashboard, and no reads.
    #[must_use]
    pub fn new(routes: impl IntoIterator<Item = UploadPolicy>, origins: CorsOrigins) -> Self {
        Self {
            routes: routes.into_iter().collect(),
            origins,
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
            code: CodeLocation::Local("target/lambda/bootstrap/bootstrap.zip".into()),
            expiring_prefixes: Vec::new(),
            infrequent_access_after: None,
            table: None,
            signing_role: None,
            scanner_role: None,
            monitoring: true,
        }
    }

    /// Sets the account ID for documents that name it. Templates and modules refer to the account they are deployed to
    /// instead.
    #[must_use]
    pub fn with_account(self, account: AccountId) -> Self {
        Self { account: Some(account), ..self }
    }

    /// Sets which side runs multipart uploads (default: none).
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

    /// Sets which tokens the authorizer of the API accepts. Templates and modules need this.
    #[must_use]
    pub fn with_api_authorizer(self, authorizer: ApiAuthorizer) -> Self {
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
    /// `cargo lambda build --output-format zip` puts it).
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

    /// Moves uploads to the storage class `STANDARD_IA` (cheaper for objects that are rarely read) after `days` days. S3
    /// requires at least 30, so a smaller number counts as 30.
    #[must_use]
    pub fn with_infrequent_access_after(self, days: u32) -> Self {
        Self { infrequent_access_after: Some(days.max(30)), ..self }
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

    /// Returns the upload policies of the routes.
    #[must_use]
    pub fn routes(&self) -> &[UploadPolicy] {
        &self.routes
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
            let target = route.target();
            match buckets.iter_mut().find(|known| known.target.bucket() == target.bucket()) {
                Some(bucket) => bucket.routes.push(route),
                None => buckets.push(DeploymentBucket { routes: vec![route], target }),
            }
        }
        buckets
    }

    /// Returns the account for an ARN: its id, or `*`, which matches any account in a policy.
    pub(crate) fn account_in_arns(&self) -> &str {
        self.account.as_ref().map_or("*", AccountId::as_str)
    }

    /// Returns the region of the service's own resources, which is that of the first bucket.
    pub(crate) fn region(&self) -> Option<&Region> {
        self.routes.first().map(|route| route.target().region())
    }

    pub(crate) fn partition(&self) -> &'static str {
        self.routes.first().map_or("aws", |route| route.target().partition())
    }
}
