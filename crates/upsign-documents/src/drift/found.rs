//! Finds single documents in a file of any supported format.

use serde_json::{Map, Value};
use upsign_core::error_chain;

use super::comparison::Uncompared;
use super::documents::{self, Document};
use super::settings::BucketSetting;
use crate::cors::CorsDocument;
use crate::iam::{IamPolicy, IamStatement};
use crate::lifecycle::LifecycleDocument;
use crate::node::find;
use crate::notification::NotificationDocument;
use crate::read::{self, Dialect, Item, Parsed, Stack, Tree};

/// The documents found in one file, for comparisons of single documents.
///
/// [`FoundDocuments::read`] has an example. To compare a whole template with a deployment, use
/// [`DeployedFile`](super::DeployedFile).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct FoundDocuments {
    /// The CORS configuration of a bucket.
    pub cors: Option<CorsDocument>,
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
    /// The resources of a template that belong to a bucket whose name is a literal, and that name.
    pub(super) buckets: Vec<(String, String)>,
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
    /// Fails if the text holds none of the documents, if a CORS, lifecycle or notification configuration is invalid, or if this
    /// build lacks the feature for the format. A policy that this crate cannot evaluate is listed in
    /// [`uncompared`](Self::uncompared).
    pub fn read(text: &str) -> Result<Self, UnrecognizedDocument> {
        let start = text.trim_start();
        if start.starts_with('<') {
            return Self::from_xml(start);
        }
        Self::from_parsed(&read::parse(text)?)
    }

    pub(super) fn from_parsed(parsed: &Parsed) -> Result<Self, UnrecognizedDocument> {
        let mut found = Self::default();
        match read::stack(parsed) {
            Some(stack) => found.add_items(&stack),
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

    fn is_empty(&self) -> bool {
        let Self { cors, lifecycle, notification, role, bucket_policy, queue_policy, uncompared, .. } = self;
        cors.is_none()
            && lifecycle.is_none()
            && notification.is_none()
            && role.is_none()
            && bucket_policy.is_none()
            && queue_policy.is_none()
            && uncompared.is_empty()
    }

    #[cfg(feature = "xml")]
    pub(super) fn from_xml(text: &str) -> Result<Self, UnrecognizedDocument> {
        let text = text.split_once("?>").map_or(text, |(_, rest)| rest).trim_start();
        Ok(if text.starts_with("<CORSConfiguration") {
            Self { cors: Some(CorsDocument::from_xml(text).map_err(invalid)?), ..Self::default() }
        } else if text.starts_with("<LifecycleConfiguration") {
            Self { lifecycle: Some(LifecycleDocument::from_xml(text).map_err(invalid)?), ..Self::default() }
        } else if text.starts_with("<NotificationConfiguration") {
            let document = NotificationDocument::from_xml(text).map_err(invalid)?;
            let mut found = Self { notification: Some(document), ..Self::default() };
            if text.to_ascii_lowercase().contains("suffix") {
                found.add_uncompared(
                    "notification",
                    "it has a filter for suffixes, which upsign never writes",
                );
            }
            found
        } else {
            return Err(UnrecognizedDocument::Nothing);
        })
    }

    #[cfg(not(feature = "xml"))]
    pub(super) fn from_xml(_: &str) -> Result<Self, UnrecognizedDocument> {
        Err(UnrecognizedDocument::XmlNotSupported)
    }

    /// Distinguishes the formats by members that only one of them has.
    fn add_configurations(&mut self, value: &Value) -> Result<(), UnrecognizedDocument> {
        let has = |member: &str| find(value, member).is_some();
        if value.get("CORSRules").is_some() || has("AllowedOrigins") && value.is_array() {
            self.cors = Some(CorsDocument::from_json(&value.to_string()).map_err(invalid)?);
        } else if has("CorsRules") {
            self.cors = Some(CorsDocument::from_cloudformation_value(value).map_err(invalid)?);
        } else if has("cors_rule") {
            self.cors = Some(CorsDocument::from_terraform_value(value).map_err(invalid)?);
        }
        if has("aws_s3_bucket_lifecycle_configuration") {
            self.lifecycle = Some(LifecycleDocument::from_terraform_value(value).map_err(invalid)?);
        } else if has("LifecycleConfiguration") {
            self.lifecycle = Some(LifecycleDocument::from_cloudformation_value(value).map_err(invalid)?);
        } else if value.get("Rules").is_some() {
            // The API and CloudFormation both have `Rules`; a rule of the one is never valid as a rule of the other.
            let json = value.to_string();
            let document = LifecycleDocument::from_json(&json);
            let document = document.or_else(|_| LifecycleDocument::from_cloudformation(&json));
            self.lifecycle = Some(document.map_err(invalid)?);
        }
        self.add_notification(value)
    }

    /// Adds a notification configuration, and names what its reader leaves out, such as filters for suffixes.
    fn add_notification(&mut self, value: &Value) -> Result<(), UnrecognizedDocument> {
        let Some(document) = notification(value)? else { return Ok(()) };
        let is_api = find(value, "QueueArn").is_some() || value.get("EventBridgeConfiguration").is_some();
        let inner = value.get("NotificationConfiguration").unwrap_or(value);
        let rest = if is_api && value.get("NotificationConfiguration").is_none() {
            let written = serde_json::from_str(&document.to_json()).unwrap_or_default();
            documents::rest_of_json(&read::plain(inner), &written)
        } else {
            let read = documents::notification(Dialect::CloudFormation, &read::plain(inner));
            read.map_or_else(Some, |(_, rest)| rest)
        };
        self.uncompared.extend(rest.map(|reason| Uncompared::new("notification", reason)));
        self.notification = Some(document);
        Ok(())
    }

    /// Returns the documents of a template or a module.
    pub(super) fn of_stack(stack: &Stack) -> Self {
        let mut found = Self::default();
        found.add_items(stack);
        found
    }

    /// Adds the documents of a template or a module, and names the resources that hold none. Of each kind of configuration, the
    /// first one is read: the others belong to other buckets.
    fn add_items(&mut self, stack: &Stack) {
        for item in stack.items.iter().filter(|item| !item.is_passive()) {
            self.leave_unread_members(item);
            let bucket = item.body.get("bucket").or_else(|| item.body.get("Bucket"));
            if let Some(bucket) = bucket.and_then(Tree::as_literal) {
                self.buckets.push((item.name.clone(), bucket.to_owned()));
            }
            if bucket.is_none()
                && (item.kind.starts_with("aws_s3_bucket_") || item.kind == "AWS::S3::BucketPolicy")
            {
                self.uncompared
                    .push(Uncompared::new(&item.name, "it does not say which bucket it belongs to"));
            }
            for (path, document) in Document::configurations_of(&item.kind) {
                if let Some(tree) = item.body.at(path) {
                    self.add_configuration(*document, stack.dialect, tree, &item.name);
                }
            }
            if Document::configurations_of(&item.kind).is_empty() {
                self.add_policies_of(item);
            }
        }
    }

    fn add_configuration(&mut self, document: Document, dialect: Dialect, tree: &Tree, name: &str) {
        let is_known = match document {
            Document::Cors => self.cors.is_some(),
            Document::Lifecycle => self.lifecycle.is_some(),
            _ => self.notification.is_some(),
        };
        if is_known {
            self.uncompared.push(Uncompared::new(name, "it is the configuration of another bucket"));
            return;
        }
        let read = match document {
            Document::Cors => documents::cors(dialect, tree).map(|(document, rest)| {
                self.cors = Some(document);
                rest
            }),
            Document::Lifecycle => documents::lifecycle(dialect, tree).map(|(document, rest)| {
                self.lifecycle = Some(document);
                rest
            }),
            _ => documents::notification(dialect, tree).map(|(document, rest)| {
                self.notification = Some(document);
                rest
            }),
        };
        if let Some(reason) = read.unwrap_or_else(Some) {
            self.uncompared.push(Uncompared::new(name, reason));
        }
    }

    /// Names the members of a resource other than its document and what it belongs to: `count = 0`, another provider.
    fn leave_unread_members(&mut self, item: &Item) {
        const READ: [&str; 20] = [
            "bucket",
            "Bucket",
            "cors_rule",
            "rule",
            "notification",
            "policy",
            "PolicyDocument",
            "Policies",
            "CorsConfiguration",
            "LifecycleConfiguration",
            "NotificationConfiguration",
            "queue_url",
            "Queues",
            "role",
            "Roles",
            "PolicyName",
            "name",
            "name_prefix",
            "depends_on",
            "id",
        ];
        let Tree::Map(members) = &item.body else { return };
        // What holds no document is named as a whole.
        let holds_document = members.keys().any(|name| READ.contains(&name.as_str()));
        for name in members.keys().filter(|name| holds_document && !READ.contains(&name.as_str())) {
            let name = format!("{}.{}", item.name, name.trim_start_matches('@'));
            self.uncompared.push(Uncompared::new(&name, "it is compared only as part of a whole stack"));
        }
    }

    fn add_policies_of(&mut self, item: &Item) {
        const MEMBERS: [&str; 3] = ["PolicyDocument", "policy", "Policies"];
        let mut known = false;
        for policy in MEMBERS.iter().filter_map(|member| item.body.get(member)) {
            for one in policy.elements() {
                let document = one.get("PolicyDocument").unwrap_or(one);
                known = true;
                match document.to_value() {
                    Some(value) => self.add_policy(&value, &item.name),
                    None => self.uncompared.push(Uncompared::new(&item.name, UNKNOWN_VALUE)),
                }
            }
        }
        if !known {
            let reason = format!("{} is compared only as part of a whole stack", item.kind);
            self.uncompared.push(Uncompared::new(&item.name, reason));
        }
    }

    /// Adds every policy of a document of `aws iam` or `aws s3api`.
    fn add_policies(&mut self, value: &Value) {
        for (index, policy) in policies(value).iter().enumerate() {
            let name = if index == 0 { "policy".to_owned() } else { format!("policy{}", index + 1) };
            self.add_policy(policy, &name);
        }
    }

    fn add_policy(&mut self, policy: &Value, name: &str) {
        let policy = match IamPolicy::from_value(policy) {
            Ok(policy) => policy,
            Err(error) => {
                self.uncompared.push(Uncompared::new(name, error_chain(&error).to_string()));
                return;
            }
        };
        for part in policy.not_understood() {
            self.uncompared.push(Uncompared::new(name, part.to_string()));
        }
        let place = match kind_of(&policy) {
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

enum PolicyKind {
    Role,
    Bucket,
    Queue,
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

fn notification(value: &Value) -> Result<Option<NotificationDocument>, UnrecognizedDocument> {
    let has = |member: &str| find(value, member).is_some();
    // The API writes `{}` for EventBridge; CloudFormation writes `{"EventBridgeEnabled": true}`.
    let empty = Value::Object(Map::new());
    let document = if has("aws_s3_bucket_notification") {
        NotificationDocument::from_terraform_value(value)
    } else if has("QueueArn") || value.get("EventBridgeConfiguration") == Some(&empty) {
        NotificationDocument::from_json(&value.to_string())
    } else if has("NotificationConfiguration")
        || has("QueueConfigurations")
        || has("EventBridgeConfiguration")
    {
        NotificationDocument::from_cloudformation_value(value)
    } else {
        return Ok(None);
    };
    document.map(Some).map_err(invalid)
}

/// Returns the policy itself, or every one inside `Policy`, `PolicyDocument` or `Attributes` as AWS's API answers it. An inner
/// policy may be an object or a string of JSON.
fn policies(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(members) if members.contains_key("Statement") => vec![value.clone()],
        Value::Object(members) => members.values().flat_map(policies).collect(),
        Value::Array(list) => list.iter().flat_map(policies).collect(),
        Value::String(text) if text.trim_start().starts_with('{') => {
            serde_json::from_str(text).map(|inner| policies(&inner)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Keeps the messages of the error and of its causes.
pub(super) fn invalid(error: impl std::error::Error) -> UnrecognizedDocument {
    UnrecognizedDocument::Invalid(error_chain(&error).to_string())
}
