//! Finds single documents in a file of any supported format.

use serde_json::Value;
use upsign_core::error_chain;

use super::comparison::Uncompared;
use super::settings::BucketSetting;
use crate::cors::CorsDocument;
use crate::iam::{IamPolicy, IamStatement};
use crate::lifecycle::LifecycleDocument;
use crate::notification::NotificationDocument;
use crate::read::{self, Parsed, Tree};

/// The documents found in one file, for comparisons of single documents.
///
/// [`FoundDocuments::read`] has an example. To compare a whole template with a deployment, use
/// [`DeployedFile`](super::DeployedFile).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct FoundDocuments {
    /// The CORS configuration of a bucket.
    pub cors: Option<CorsDocument>,
    /// Whether the CORS configuration is in the JSON of Google Cloud Storage.
    pub(super) is_google_cors: bool,
    /// The lifecycle configuration of a bucket.
    pub lifecycle: Option<LifecycleDocument>,
    /// The notification configuration of a bucket.
    pub notification: Option<NotificationDocument>,
    /// The identity policies, for example of a role: no statement names a principal. The statements of several policies are
    /// in one, because a role has the permissions of all its policies.
    pub role: Option<IamPolicy>,
    /// The policy of a bucket: at least one statement names a principal.
    pub bucket_policy: Option<IamPolicy>,
    /// The policy of a queue: at least one statement names a principal, and its actions are those of SQS.
    pub queue_policy: Option<IamPolicy>,
    /// What the file holds in addition, and what this crate does not understand.
    pub uncompared: Vec<Uncompared>,
    /// The resources of a template that belong to a bucket, and its name if that is a literal.
    pub(super) buckets: Vec<(String, Option<String>)>,
    /// The settings of a live bucket as properties of `AWS::S3::Bucket`; `None` for one that the bucket does not have.
    pub(super) settings: Vec<(BucketSetting, Option<Tree>)>,
}

/// The reason why a file yields no [`FoundDocuments`] or [`DeployedFile`](super::DeployedFile).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnrecognizedDocument {
    /// The text is in no supported format, or it holds none of the documents.
    #[error(
        "no CORS, IAM, bucket policy, lifecycle or notification document found; expected JSON, XML, a CloudFormation \
         template, or Terraform"
    )]
    Nothing,
    /// The text is HCL, and the feature `hcl` is off. Enable it, or read the output of `terraform show -json` instead.
    #[error(
        "this build does not read HCL: enable the feature `hcl`, or pass the output of `terraform show -json`"
    )]
    HclNotSupported,
    /// The text is YAML, and the feature `yaml` is off. Enable it, or read the template in JSON.
    #[error("this build does not read YAML: enable the feature `yaml`, or pass the template in JSON")]
    YamlNotSupported,
    /// The text is XML, and the feature `xml` is off. Enable it, or read the JSON of `aws s3api` instead.
    #[error("this build does not read XML: enable the feature `xml`, or pass the JSON of `aws s3api`")]
    XmlNotSupported,
    /// The text holds one of the documents, but that document is invalid. The text names the cause.
    #[error("{0}")]
    Invalid(String),
}

impl FoundDocuments {
    /// Reads a file and detects what it holds.
    ///
    /// Supported are the XML of S3's API (with the feature `xml`), the JSON of `aws s3api` and of the S3 console, IAM policies,
    /// CloudFormation templates in JSON and in YAML (with the feature `yaml`), and Terraform: its JSON syntax, the output of
    /// `terraform show -json`, and HCL (with the feature `hcl`).
    ///
    /// ```
    /// use upsign_documents::FoundDocuments;
    /// let found = FoundDocuments::read(r#"[{"AllowedOrigins": ["https://app.example.com"], "AllowedMethods": ["PUT"]}]"#)?;
    /// assert!(found.cors.is_some());
    /// # Ok::<(), upsign_documents::UnrecognizedDocument>(())
    /// ```
    ///
    /// # Errors
    /// Fails if the text holds none of the documents, if it is not XML or a CORS configuration is invalid, or if this build lacks
    /// the feature for the format. What this crate cannot evaluate of the other documents is listed in
    /// [`uncompared`](Self::uncompared).
    pub fn read(text: &str) -> Result<Self, UnrecognizedDocument> {
        let start = read::without_mark(text).trim_start();
        if start.starts_with('<') {
            return Self::from_xml(start);
        }
        Self::from_parsed(&read::parse(text)?)
    }

    pub(super) fn from_parsed(parsed: &Parsed) -> Result<Self, UnrecognizedDocument> {
        let mut found = Self::default();
        match read::stack(parsed) {
            Some(stack) => found.add_items(&stack.with_locals()),
            None => {
                found.add_configurations(&parsed.value)?;
                found.add_policies(&parsed.value);
            }
        }
        if found.is_empty() {
            return Err(UnrecognizedDocument::Nothing);
        }
        Ok(found)
    }

    pub(super) fn is_empty(&self) -> bool {
        let Self { cors, lifecycle, notification, role, bucket_policy, queue_policy, uncompared, .. } = self;
        cors.is_none()
            && self.settings.is_empty()
            && lifecycle.is_none()
            && notification.is_none()
            && role.is_none()
            && bucket_policy.is_none()
            && queue_policy.is_none()
            && uncompared.is_empty()
    }

    #[cfg(feature = "xml")]
    pub(super) fn from_xml(text: &str) -> Result<Self, UnrecognizedDocument> {
        let (name, tree) = read::parse_xml(text)?;
        let mut found = Self::default();
        if found.add_element(&name, &tree)? { Ok(found) } else { Err(UnrecognizedDocument::Nothing) }
    }

    #[cfg(not(feature = "xml"))]
    pub(super) fn from_xml(_: &str) -> Result<Self, UnrecognizedDocument> {
        Err(UnrecognizedDocument::XmlNotSupported)
    }

    /// Adds a policy whose statements say what it is for.
    pub(super) fn add_policy(&mut self, policy: &Value, name: &str) {
        self.add_policy_as(policy, name, None);
    }

    pub(super) fn add_policy_as(&mut self, policy: &Value, name: &str, expected: Option<PolicyKind>) {
        let policy = match IamPolicy::from_value(policy) {
            Ok(policy) => policy,
            Err(error) => {
                self.uncompared.push(Uncompared::new(name, error_chain(&error).to_string()));
                return;
            }
        };
        let kind = match (expected, kind_of(&policy)) {
            (Some(expected), _) if policy.statements().is_empty() => expected,
            (Some(expected), kind) if expected != kind => {
                let reason = "its statements are those of another kind of policy than the resource has";
                self.uncompared.push(Uncompared::new(name, reason).of(kind.part()));
                kind
            }
            (_, kind) => kind,
        };
        let not_understood = policy.not_understood().iter();
        self.uncompared
            .extend(not_understood.map(|part| Uncompared::new(name, part.to_string()).of(kind.part())));
        let place = match kind {
            PolicyKind::Role => &mut self.role,
            PolicyKind::Bucket => &mut self.bucket_policy,
            PolicyKind::Queue => &mut self.queue_policy,
        };
        let known = place.take().unwrap_or_default();
        let statements = known.statements().iter().chain(policy.statements()).cloned();
        *place = Some(IamPolicy::new(statements));
    }
}

pub(super) const UNKNOWN_VALUE: &str = "it depends on a value that is not known before the deployment";

/// What a policy belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PolicyKind {
    Role,
    Bucket,
    Queue,
}

impl PolicyKind {
    /// Returns the name of the compared part.
    const fn part(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Bucket => "bucket policy",
            Self::Queue => "queue policy",
        }
    }
}

/// Distinguishes the policies of roles, buckets and queues: only those of resources name principals, and the actions of each
/// service have its prefix.
fn kind_of(policy: &IamPolicy) -> PolicyKind {
    let statements = policy.statements();
    if statements.iter().all(|statement| !statement.has_principal()) {
        return PolicyKind::Role;
    }
    let mut actions = statements.iter().flat_map(IamStatement::actions);
    if actions.any(|action| action.to_ascii_lowercase().starts_with("sqs:")) {
        return PolicyKind::Queue;
    }
    PolicyKind::Bucket
}

/// Keeps the messages of the error and of its causes.
pub(super) fn invalid(error: impl std::error::Error) -> UnrecognizedDocument {
    UnrecognizedDocument::Invalid(error_chain(&error).to_string())
}
