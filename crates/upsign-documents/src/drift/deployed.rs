//! A file in use: a whole stack, or single documents.

use serde_json::Value;
use upsign_core::Partition;

use super::comparison::{Comparison, Uncompared};
use super::found::{FoundDocuments, UnrecognizedDocument};
use super::settings::BucketSetting;
use super::{Difference, object_lock, stack, unsupported};
use crate::cors::{CorsDocument, InvalidCorsDocument};
use crate::deployment::{AccountId, Deployment, DeploymentBucket};
use crate::guard::InvalidBucketPolicy;
use crate::iam::{IamPolicy, IamStatement};
use crate::lifecycle::LifecycleDocument;
use crate::notification::NotificationDocument;
use crate::read::{self, Dialect, DocumentForm, Item, Place, Stack};
use crate::stack::{InvalidDeployment, sam_template, terraform_module};
use crate::terraform::configured;

/// A file in use, to be compared with a deployment: a CloudFormation template, a Terraform module, or single documents.
#[derive(Clone, Debug)]
pub struct DeployedFile {
    form: DocumentForm,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Stack(Stack),
    Documents(Box<FoundDocuments>),
}

/// The reason why a file cannot be compared with a deployment: the deployment itself has no such document.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IncomparableDeployment {
    /// The deployment cannot be written as a template or a module.
    #[error("the stack cannot be derived")]
    Stack(#[from] InvalidDeployment),
    /// The CORS configuration exceeds S3's limits.
    #[error("the CORS configuration cannot be derived")]
    Cors(#[from] InvalidCorsDocument),
    /// A guard does not fit the deployment, or the policy lacks a role.
    #[error("the bucket policy cannot be derived")]
    BucketPolicy(#[from] InvalidBucketPolicy),
}

impl DeployedFile {
    /// Reads a file and detects what it holds, as [`FoundDocuments::read`] does.
    ///
    /// A template or a module is compared as a whole if it has a bucket, a function or an API. Otherwise only its documents are
    /// compared, and whatever else it has is listed as not compared. A module in several files is joined with
    /// [`extend`](Self::extend) before that is decided.
    ///
    /// # Errors
    /// See [`FoundDocuments::read`].
    pub fn read(text: &str) -> Result<Self, UnrecognizedDocument> {
        let start = read::without_mark(text).trim_start();
        if start.starts_with('<') {
            let found = FoundDocuments::from_xml(start)?;
            return Ok(Self { form: DocumentForm::Xml, content: Content::Documents(Box::new(found)) });
        }
        let parsed = read::parse(text)?;
        let content = match read::stack(&parsed) {
            Some(stack) => Content::Stack(stack),
            None => Content::Documents(Box::new(FoundDocuments::from_parsed(&parsed)?)),
        };
        Ok(Self { form: parsed.form, content })
    }

    /// Holds documents that were read from somewhere else, such as a live bucket.
    #[must_use]
    pub fn from_documents(found: FoundDocuments) -> Self {
        Self { form: DocumentForm::Json, content: Content::Documents(Box::new(found)) }
    }

    /// Returns the form that was detected.
    #[must_use]
    pub const fn form(&self) -> DocumentForm {
        self.form
    }

    /// Returns whether the file is a whole stack, of which every resource is compared.
    #[must_use]
    pub fn is_stack(&self) -> bool {
        matches!(&self.content, Content::Stack(stack) if stack.is_whole())
    }

    /// Returns whether the file holds nothing to compare, such as the variables of a module whose resources are in other files.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(&self.content, Content::Stack(stack) if stack.items.iter().all(Item::is_passive))
    }

    pub(super) const fn stack(&self) -> Option<&Stack> {
        match &self.content {
            Content::Stack(stack) => Some(stack),
            Content::Documents(_) => None,
        }
    }

    pub(super) fn documents(&self) -> Option<FoundDocuments> {
        match &self.content {
            Content::Stack(stack) if stack.is_whole() => None,
            Content::Stack(stack) => Some(FoundDocuments::of_stack(&stack.clone().with_locals())),
            Content::Documents(found) => Some(FoundDocuments::clone(found)),
        }
    }

    /// Adds another file of this Terraform module, or a second whole stack in this language, whose resources belong to one
    /// deployment. Returns `false` and changes nothing if the two files are neither.
    pub fn extend(&mut self, other: &Self) -> bool {
        match (&mut self.content, &other.content) {
            (Content::Stack(stack), Content::Stack(more))
                if stack.dialect == more.dialect
                    && (stack.dialect == Dialect::Terraform || stack.is_whole() && more.is_whole()) =>
            {
                stack.extend(more.clone());
                true
            }
            _ => false,
        }
    }

    /// Compares the file with what the deployment generates in this form. Single documents are those of `bucket`.
    ///
    /// Resources are matched by type and by role, not by name. Of each property that differs, the consequence is known, or it is
    /// listed as not compared; so is what the file has in addition.
    ///
    /// ```
    /// use upsign_documents::{DeployedFile, Verdict};
    /// # use upsign_core::{CorsOrigins, Target};
    /// # use upsign_documents::Deployment;
    /// # use upsign_policy::{Bodyless, UploadPolicy};
    /// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    /// # let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
    /// #     .content_types(["image/jpeg"])
    /// #     .max_size(10 << 20)
    /// #     .build()?;
    /// # let deployment = Deployment::new([policy], CorsOrigins::listed(["https://app.example.com".parse()?]));
    /// // `deployment` describes the routes and the resources around them.
    /// let cors = DeployedFile::read(r#"[{"AllowedOrigins": ["*"], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"]}]"#)?;
    /// let comparison = cors.compare(&deployment, &deployment.buckets()[0])?;
    /// assert!(!comparison.agrees());
    /// assert_eq!(comparison.parts()[0].name(), "cors");
    /// assert_eq!(comparison.parts()[0].verdict(), Verdict::Different);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Fails if the deployment cannot be written in this form, or if one of its documents cannot be derived.
    pub fn compare(
        &self,
        deployment: &Deployment,
        bucket: &DeploymentBucket<'_>,
    ) -> Result<Comparison, IncomparableDeployment> {
        match &self.content {
            Content::Stack(actual) if actual.is_whole() => {
                let expected = generated(deployment, actual.dialect)?;
                Ok(stack::compare(expected, actual.clone(), &place(deployment)))
            }
            Content::Stack(stack) => {
                let stack = stack.clone().resolved(&place(deployment));
                documents(&FoundDocuments::of_stack(&stack), deployment, bucket)
            }
            Content::Documents(found) => documents(found, deployment, bucket),
        }
    }
}

/// Generates the stack in a language and reads it back.
fn generated(deployment: &Deployment, dialect: Dialect) -> Result<Stack, InvalidDeployment> {
    let (form, json) = match dialect {
        Dialect::CloudFormation => (DocumentForm::CloudFormationJson, sam_template(deployment)?.to_json()),
        Dialect::Terraform | Dialect::TerraformState => {
            (DocumentForm::TerraformJson, terraform_module(deployment)?.to_json())
        }
    };
    // Generated JSON is valid, and has resources.
    let mut value: Value = serde_json::from_str(&json).unwrap_or_default();
    if dialect == Dialect::TerraformState
        && let Some(resources) = value.get_mut("resource")
    {
        // A state does not distinguish absent values from those that are zero.
        *resources = configured(resources);
    }
    let stack = read::stack(&read::Parsed { form, value });
    let Stack { items, locals, .. } = stack.unwrap_or_else(|| Stack::new(dialect, Vec::new()));
    Ok(Stack { dialect, items, locals })
}

fn place(deployment: &Deployment) -> Place {
    let region = deployment.region();
    Place {
        region: region.map(ToString::to_string).unwrap_or_default(),
        partition: deployment.partition().to_owned(),
        url_suffix: region.map_or("amazonaws.com", |region| Partition::of(region).dns_suffix()).to_owned(),
        account: deployment.account().map(|account| account.as_str().to_owned()),
    }
}

/// Compares single documents. A part that the file does not hold is not named.
fn documents(
    found: &FoundDocuments,
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
) -> Result<Comparison, IncomparableDeployment> {
    let mut comparison = Comparison::default();
    let mut add = |part: &'static str, differences: Vec<Difference>| {
        comparison.part(part).differ(differences.into_iter().map(stack::without_marks));
    };
    if let Some(policy) = &found.bucket_policy {
        add(
            "bucket policy",
            IamPolicy::for_bucket(deployment, bucket, deployment.distribution_arn())?.differences(policy),
        );
    }
    if let Some(cors) = &found.cors {
        let expected = CorsDocument::for_bucket(deployment, bucket)?;
        let expected = if found.is_google_cors { expected.at_google() } else { expected };
        add("cors", expected.differences(cors));
    }
    if let Some(lifecycle) = &found.lifecycle {
        add("lifecycle", LifecycleDocument::for_bucket(deployment, bucket).differences(lifecycle));
    }
    if let Some(notification) = &found.notification {
        // The queue of a template is a reference that has no ARN yet, so any queue is accepted if none is configured.
        let first = notification.queues.first().map(|first| first.queue.as_str());
        let queue = deployment.queue_arn().or(first).unwrap_or("no queue");
        let expected = NotificationDocument::for_bucket(deployment, bucket, queue);
        add("notification", expected.unwrap_or_default().differences(notification));
    }
    if let Some(policy) = &found.queue_policy {
        let queue = deployment.queue_arn().or(queue_of(policy)).unwrap_or("no queue");
        let account = deployment.account().map(AccountId::as_str).or(account_of(policy)).unwrap_or("*");
        let buckets = deployment.buckets();
        let policies = buckets.iter().map(|bucket| IamPolicy::for_queue(&bucket.arn(), account, queue));
        let statements: Vec<_> = policies.flat_map(|policy| policy.statements().to_vec()).collect();
        add("queue policy", IamPolicy::new(statements).differences(policy));
    }
    if let Some(policy) = &found.role {
        add("role", IamPolicy::for_deployment(deployment).differences(policy));
    }
    let properties = found.settings.iter().filter_map(|(setting, tree)| Some((setting.property()?, tree)));
    let properties: Vec<_> = properties.collect();
    if !properties.is_empty() {
        let expected = generated(deployment, Dialect::CloudFormation)?.resolved(&place(deployment));
        for (property, tree) in properties {
            let name = bucket.bucket().as_str();
            stack::compare_setting(&mut comparison, &expected, name, (property, tree.clone()));
        }
    }
    for (_, tree) in found.settings.iter().filter(|(setting, _)| *setting == BucketSetting::ObjectLock) {
        object_lock::compare(comparison.part(object_lock::PART), bucket, tree.as_ref());
    }
    leave_unconfigured(&mut comparison, found, deployment);
    unsupported::leave(&mut comparison, found, bucket);
    for (name, other) in &found.buckets {
        let reason = match other {
            Some(other) if other == bucket.bucket().as_str() => continue,
            Some(other) => format!("it belongs to the bucket {other}, not to {}", bucket.bucket()),
            None => "which bucket it belongs to is not known before the deployment".to_owned(),
        };
        comparison.part("other documents").leave(Uncompared::new(name, reason));
    }
    for uncompared in &found.uncompared {
        comparison
            .part(uncompared.part().unwrap_or("other documents"))
            .leave(Uncompared::addition(uncompared.name(), uncompared.reason()));
    }
    if comparison.parts().is_empty() {
        comparison.part("other documents").leave(Uncompared::new("file", "it holds nothing to compare"));
    }
    Ok(comparison)
}

/// Names the values of single documents that the deployment does not say, so that any value was accepted.
fn leave_unconfigured(comparison: &mut Comparison, found: &FoundDocuments, deployment: &Deployment) {
    let is_arn = |queue: &str| queue.starts_with("arn:");
    let notified = found.notification.iter().flat_map(|notification| &notification.queues);
    let has_queue = notified.map(|queue| queue.queue.as_str()).any(is_arn);
    if deployment.queue_arn().is_none() && has_queue {
        let reason = "which queue receives the notifications is not configured: set queue_arn";
        comparison.part("notification").leave(Uncompared::new("notification.queue", reason));
    }
    let Some(policy) = &found.queue_policy else { return };
    if deployment.queue_arn().is_none() && queue_of(policy).is_some_and(is_arn) {
        let reason = "which queue the policy belongs to is not configured: set queue_arn";
        comparison.part("queue policy").leave(Uncompared::new("queue-policy.queue", reason));
    }
    if deployment.account().is_none() {
        let reason = "which account owns the bucket is not configured: set account";
        comparison.part("queue policy").leave(Uncompared::new("queue-policy.account", reason));
    }
}

/// Returns the first queue of a policy.
fn queue_of(policy: &IamPolicy) -> Option<&str> {
    policy.statements().iter().flat_map(IamStatement::resources).map(String::as_str).next()
}

/// Returns the account that a policy names in a condition.
fn account_of(policy: &IamPolicy) -> Option<&str> {
    let mut conditions = policy.statements().iter().flat_map(IamStatement::conditions);
    let account = conditions.find(|condition| condition.key().eq_ignore_ascii_case("aws:SourceAccount"));
    account.and_then(|condition| condition.values().first()).map(String::as_str)
}
