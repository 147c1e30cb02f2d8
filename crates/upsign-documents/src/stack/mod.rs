//! Templates of whole stacks: the buckets, the resources around them, and the service that signs uploads.
//!
//! [`Stack::for_deployment`] decides once which resources exist and with which values. Most are [`Declared`](declared::Declared):
//! values with one writer for CloudFormation and one for Terraform. What differs more implements [`Resource`] itself.
//!
//! # Adding a resource
//!
//! 1. Add a row to the table in `reference.rs`: the type and the logical id, the Terraform type and the Terraform name. If other
//!    resources need a value of it that is not known before the deployment, check that
//!    [`Reference::cloudformation`] and [`Reference::terraform`] spell this attribute.
//! 2. Write a function that derives a [`Declared`](declared::Declared) from the [`Deployment`]: the properties that both forms have,
//!    by their names in CloudFormation, and those that one form has. If the name of an argument in Terraform is not that of the
//!    property in snake case, add it to the table in `terraform.rs`. A value that depends on another resource is a [`Reference`]
//!    (`Kind::Queue.id().arn()`); it converts to a [`Node`], and inside a text `format!("{reference}/*")` writes a placeholder,
//!    which the writers of both forms replace. Do not write `${…}`: it is escaped. In Terraform, other expressions are
//!    [`terraform::expression`].
//! 3. Return it from the function `resources` of its folder, with its parameters and outputs.
//!
//! [`Node`]: crate::node::Node

mod api;
mod cloudformation;
mod declared;
mod monitoring;
mod reference;
mod service;
mod spelling;
mod storage;
mod templates;
mod terraform;

use std::fmt;

use upsign_policy::UploadPolicy;

use crate::cors::InvalidCorsDocument;
use crate::deployment::{AccountId, Deployment, InvalidLogRetention};
use crate::guard::InvalidBucketPolicy;
use cloudformation::Template;
use reference::{Kind, Reference};
pub use templates::{
    CloudFormationTemplate, TerraformModule, monitoring_template, read_access_template, sam_template,
    terraform_module,
};
use terraform::Module;

/// The reason why a deployment cannot be written as a template or module.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDeployment {
    /// The deployment has no route.
    #[error("the deployment has no route")]
    NoRoute,
    /// The buckets are in more than one region. A stack is in one region, and a bucket only notifies queues of its own region.
    #[error("the buckets are in several regions, but a stack is in one region: create one stack per region")]
    Regions,
    /// A route uploads through an access point, whose bucket is not known.
    #[error("a route uploads through an access point, whose bucket cannot be created")]
    AccessPoint,
    /// The settings of a bucket contradict each other, or what its routes sign.
    #[error("the bucket {bucket} cannot be created as configured: {problem}")]
    Bucket {
        /// The name of the bucket.
        bucket: String,
        /// What contradicts what, and what to change.
        problem: String,
    },
    /// The authorizer does not belong to the kind of API, or lacks a value. Holds what is wrong.
    #[error("{0}")]
    Authorizer(&'static str),
    /// The path of the API is relative, or contains a character that a route, a pattern or an ARN interprets.
    #[error(
        "the path of the API must begin with a slash and contain only letters, digits and -._~/, but it is {0:?}"
    )]
    Path(String),
    /// CloudWatch Logs does not keep log entries for this number of days.
    #[error(transparent)]
    LogRetention(#[from] InvalidLogRetention),
    /// The list of origins exceeds S3's limits for CORS configurations.
    #[error("the CORS configuration cannot be derived")]
    Cors(#[from] InvalidCorsDocument),
    /// A guard does not fit the deployment, or the policy lacks a role.
    #[error("the bucket policy cannot be derived")]
    BucketPolicy(#[from] InvalidBucketPolicy),
}

/// The resources of a deployment, in the order in which they are written.
#[derive(Debug, Default)]
struct Stack {
    resources: Vec<Box<dyn Resource>>,
}

/// One resource of a stack, with the values that belong to it.
///
/// What is one resource for a reader can be several ones in a form: a bucket is a single `AWS::S3::Bucket` in CloudFormation,
/// and an `aws_s3_bucket` with one more resource per setting in Terraform.
trait Resource: fmt::Debug {
    /// Adds the resource to a CloudFormation template.
    fn cloudformation(&self, template: &mut Template);

    /// Adds the resource to a Terraform module.
    fn terraform(&self, module: &mut Module);
}

impl Stack {
    /// Decides which resources a deployment consists of.
    ///
    /// # Errors
    /// See [`sam_template`].
    fn for_deployment(deployment: &Deployment) -> Result<Self, InvalidDeployment> {
        check(deployment)?;
        let deployment = &in_stack(deployment);
        // The buckets of other stores are no AWS resources, so there is nothing to permit, to notify of or to watch there.
        let on_aws = &deployment.on_aws();
        let mut stack = Self::default();
        stack.extend(storage::resources(on_aws)?);
        stack.extend(service::resources(on_aws)?);
        stack.extend(api::resources(deployment)?);
        if deployment.monitoring {
            stack.extend(monitoring::resources(on_aws));
        }
        Ok(stack)
    }

    fn extend(&mut self, resources: Vec<Box<dyn Resource>>) {
        self.resources.extend(resources);
    }

    fn template(&self) -> Template {
        let mut template = Template::default();
        self.resources.iter().for_each(|resource| resource.cloudformation(&mut template));
        template
    }

    fn module(&self) -> Module {
        let mut module = Module::default();
        self.resources.iter().for_each(|resource| resource.terraform(&mut module));
        module
    }
}

/// Returns the deployment with references to what a stack creates: the account in place of its ID, the roles of the functions that
/// read objects, and the queue of webhooks.
fn in_stack(deployment: &Deployment) -> Deployment {
    let webhooks = deployment.own_webhook_queue().map(str::to_owned);
    let mut deployment = deployment.clone().with_account(AccountId::reference(&Reference::ACCOUNT));
    if webhooks.is_some() {
        deployment.webhook_queue = Some(Kind::WebhookQueue.id().arn().to_string());
        deployment.workers.webhook_queue_name = webhooks;
    }
    if deployment.signing_role.is_none() {
        let consumer = deployment.has_consumer().then_some(Kind::ConsumerRole);
        let roles = [Kind::Role].into_iter().chain(consumer).map(|role| role.id().arn().to_string());
        deployment.service_roles.splice(0..0, roles);
    }
    deployment
}

/// Checks what every template requires.
fn check(deployment: &Deployment) -> Result<(), InvalidDeployment> {
    if deployment.routes().is_empty() {
        return Err(InvalidDeployment::NoRoute);
    }
    let on_aws = deployment.on_aws();
    let targets = || on_aws.policies().map(UploadPolicy::target);
    if targets().zip(targets().skip(1)).any(|(one, next)| one.region() != next.region()) {
        return Err(InvalidDeployment::Regions);
    }
    if targets().any(|target| target.access_point().is_some()) {
        return Err(InvalidDeployment::AccessPoint);
    }
    on_aws.buckets().iter().try_for_each(|bucket| storage::check(&on_aws, bucket))
}
