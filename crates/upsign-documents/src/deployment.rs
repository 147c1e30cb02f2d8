//! What a deployment is made of: the one input of every document.

mod bucket;

use std::str::FromStr;

use upsign_core::{CorsOrigins, Region};
use upsign_policy::UploadPolicy;

pub use bucket::DeploymentBucket;
pub(crate) use bucket::{distinct, object_arn};

/// Who runs a multipart upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Multipart {
    /// There is none.
    #[default]
    None,
    /// The service begins, completes and aborts it; the browser sends the parts.
    Service,
    /// The browser does all of it with presigned requests, as Uppy does.
    Browser,
}

/// How what was uploaded is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reads {
    /// Not by anything here.
    #[default]
    None,
    /// By presigned `GET`s of the same role.
    Presigned,
    /// Through a CloudFront distribution, which alone may read the bucket.
    CloudFront,
}

/// Which of API Gateway's two kinds of API stands before the function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiKind {
    /// A REST API (v1) with a Cognito authorizer.
    #[default]
    Rest,
    /// An HTTP API (v2) with a JWT authorizer.
    Http,
}

/// Who learns of a new object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotificationTarget {
    /// Nobody.
    None,
    /// A queue, with another for what could not be worked on.
    #[default]
    Queue,
    /// EventBridge, for rules of your own.
    EventBridge,
}

/// The number of an AWS account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccountId(Box<str>);

/// The text is no account's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account's number has twelve digits, as in 123456789012")]
#[non_exhaustive]
pub struct InvalidAccountId;

/// Whose tokens the API takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiAuthorizer {
    /// The user pool, as in `eu-west-1_AbCdEf123`. A REST API needs one.
    pub user_pool: Option<String>,
    /// The issuer, as `iss` names it: what an HTTP API checks.
    pub issuer: Option<String>,
    /// The app clients.
    pub audiences: Vec<String>,
    /// The scopes a caller needs one of. A REST API takes access tokens only where scopes are named, and identity tokens
    /// only where none are.
    pub scopes: Vec<String>,
}

/// A deployment: the routes of one service, a policy each, the pages that use it, and what stands around it.
///
/// ```
/// use upsign_core::CorsOrigins;
/// use upsign_documents::{NotificationTarget, Deployment};
/// # use upsign_core::Target;
/// # use upsign_policy::*;
/// # let policy = UploadPolicy::builder(
/// #     Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?),
/// #     KeyTemplate::parse("articles/{id}.{ext}", &[])?,
/// #     Bodyless::Refuse,
/// # ).content(ContentRules::new(["image/jpeg"])?).size(SizeLimit::up_to(1 << 20)?).build()?;
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
    pub(crate) confirm: bool,
    pub(crate) reads: Reads,
    pub(crate) notify: NotificationTarget,
    pub(crate) versioned: bool,
    pub(crate) api: ApiKind,
    pub(crate) tokens: ApiAuthorizer,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) path: String,
    pub(crate) code: CodeLocation,
    pub(crate) pending: Vec<(String, u32)>,
    pub(crate) infrequent_after: Option<u32>,
    pub(crate) table: Option<String>,
    pub(crate) signing_role: Option<String>,
    pub(crate) watched: bool,
}

/// Where the function's zip is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeLocation {
    /// A folder or a zip on this machine, for `sam deploy` to upload.
    Local(String),
    /// An object in a bucket.
    Object {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
}

impl FromStr for AccountId {
    type Err = InvalidAccountId;

    fn from_str(text: &str) -> Result<Self, InvalidAccountId> {
        let fits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if fits { Ok(Self(text.into())) } else { Err(InvalidAccountId) }
    }
}

impl AccountId {
    /// The account that Terraform works in.
    pub(crate) fn of_module() -> Self {
        Self("${data.aws_caller_identity.current.account_id}".into())
    }

    /// The account of the CloudFormation stack that is being made.
    pub(crate) fn of_stack() -> Self {
        Self("${AWS::AccountId}".into())
    }

    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deployment {
    /// These routes for these pages, and the article's surroundings: a REST API, a queue for new objects, versioning on,
    /// nothing read.
    #[must_use]
    pub fn new(routes: impl IntoIterator<Item = UploadPolicy>, origins: CorsOrigins) -> Self {
        Self {
            routes: routes.into_iter().collect(),
            origins,
            account: None,
            multipart: Multipart::None,
            confirm: false,
            reads: Reads::None,
            notify: NotificationTarget::Queue,
            versioned: true,
            api: ApiKind::Rest,
            tokens: ApiAuthorizer::default(),
            variables: Vec::new(),
            path: "/upload-url".into(),
            code: CodeLocation::Local("target/lambda/bootstrap/".into()),
            pending: Vec::new(),
            infrequent_after: None,
            table: None,
            signing_role: None,
            watched: true,
        }
    }

    /// The account, for documents that name it. Stack templates take it from the stack.
    #[must_use]
    pub fn with_account(self, account: AccountId) -> Self {
        Self { account: Some(account), ..self }
    }

    /// Who runs multipart uploads; nobody unless set.
    #[must_use]
    pub fn with_multipart(self, multipart: Multipart) -> Self {
        Self { multipart, ..self }
    }

    /// Whether the service looks at what was uploaded (`HEAD`); no unless set.
    #[must_use]
    pub fn with_confirmation(self, confirm: bool) -> Self {
        Self { confirm, ..self }
    }

    /// How objects are read; not at all unless set.
    #[must_use]
    pub fn with_reads(self, reads: Reads) -> Self {
        Self { reads, ..self }
    }

    /// Who learns of new objects; a queue unless set.
    #[must_use]
    pub fn with_notification_target(self, notify: NotificationTarget) -> Self {
        Self { notify, ..self }
    }

    /// Whether buckets keep versions; yes unless set.
    #[must_use]
    pub fn with_versioning(self, versioned: bool) -> Self {
        Self { versioned, ..self }
    }

    /// Which API stands before the function; a REST API unless set.
    #[must_use]
    pub fn with_api(self, api: ApiKind) -> Self {
        Self { api, ..self }
    }

    /// Whose tokens the API takes.
    #[must_use]
    pub fn with_api_authorizer(self, tokens: ApiAuthorizer) -> Self {
        Self { tokens, ..self }
    }

    /// One more environment variable of the function.
    #[must_use]
    pub fn with_environment_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// The path of the API that grants; `/upload-url` unless set.
    #[must_use]
    pub fn with_api_path(self, path: &str) -> Self {
        Self { path: path.into(), ..self }
    }

    /// Where the function's zip is; what `cargo lambda build` leaves unless set.
    #[must_use]
    pub fn with_code_location(self, code: CodeLocation) -> Self {
        Self { code, ..self }
    }

    /// Objects under this prefix end after so many days, whole and with all versions.
    #[must_use]
    pub fn with_expiring_prefix(mut self, prefix: &str, days: u32) -> Self {
        self.pending.push((prefix.into(), days.max(1)));
        self
    }

    /// Uploads move to a cheaper class for what is seldom read (`STANDARD_IA`) after so many days, of which S3 wants 30.
    #[must_use]
    pub fn with_infrequent_access_after(self, days: u32) -> Self {
        Self { infrequent_after: Some(days.max(30)), ..self }
    }

    /// Whether stacks have alarms and a dashboard; yes unless set.
    #[must_use]
    pub fn with_monitoring(self, watched: bool) -> Self {
        Self { watched, ..self }
    }

    /// A DynamoDB table of the service's own, in its account and region.
    #[must_use]
    pub fn with_dynamodb_table(self, name: &str) -> Self {
        Self { table: Some(name.into()), ..self }
    }

    /// A role, by ARN, that the service assumes to sign, so that its own role may touch no object.
    #[must_use]
    pub fn with_signing_role(self, arn: &str) -> Self {
        Self { signing_role: Some(arn.into()), ..self }
    }

    /// The routes.
    #[must_use]
    pub fn routes(&self) -> &[UploadPolicy] {
        &self.routes
    }

    /// How objects are read.
    #[must_use]
    pub const fn reads(&self) -> Reads {
        self.reads
    }

    /// Who learns of new objects.
    #[must_use]
    pub const fn notification_target(&self) -> NotificationTarget {
        self.notify
    }

    /// The pages.
    #[must_use]
    pub const fn origins(&self) -> &CorsOrigins {
        &self.origins
    }

    /// The buckets, in the order of the routes, each once.
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

    /// The account in ARNs: its number, or what IAM takes for any.
    pub(crate) fn account_in_arns(&self) -> &str {
        self.account.as_ref().map_or("*", AccountId::as_str)
    }

    /// The region of the service's own resources: that of the first bucket.
    pub(crate) fn region(&self) -> Option<&Region> {
        self.routes.first().map(|route| route.target().region())
    }

    pub(crate) fn partition(&self) -> &'static str {
        self.routes.first().map_or("aws", |route| route.target().partition())
    }
}
