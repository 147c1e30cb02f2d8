//! Templates of whole stacks: the buckets, the resources around them, and the service that signs uploads.

mod alarms;
mod bucket;
mod dashboard;
mod function;
mod http_api;
mod rest_api;
mod sam;
mod terraform;

use crate::cors::InvalidCorsDocument;
use crate::deployment::{AccountId, Deployment};
use crate::guard::InapplicableGuard;
use crate::iam::IamPolicy;
use crate::node::{Node, list, map, text};

pub use sam::{monitoring_template, read_access_template, sam_template};
pub use terraform::{TerraformModule, terraform_module};

/// A CloudFormation template: a whole one with the SAM transform, or a fragment with `Resources` alone.
///
/// Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html>.
///
/// [`sam_template`] has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudFormationTemplate(Node);

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
    /// The authorizer does not belong to the kind of API, or lacks a value. Holds what is wrong.
    #[error("{0}")]
    Authorizer(&'static str),
    /// No document can be written for this kind of API.
    #[error("no template can be written for this kind of API yet")]
    Api,
    /// The list of origins exceeds S3's limits for CORS configurations.
    #[error("the CORS configuration cannot be derived")]
    Cors(#[from] InvalidCorsDocument),
    /// A guard does not fit the deployment.
    #[error("the bucket policy cannot be derived")]
    Guard(#[from] InapplicableGuard),
}

impl CloudFormationTemplate {
    /// Returns the template in indented JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// Returns the template in YAML. This crate does not read it back; use JSON for comparisons.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        self.0.to_yaml()
    }
}

/// The members of `Resources` in the order in which they are written: logical id and resource.
type Resources = Vec<(String, Node)>;

pub(super) fn resource(kind: &str, properties: Node) -> Node {
    map([("Type", text(kind)), ("Properties", properties)])
}

pub(super) fn refer(name: &str) -> Node {
    map([("Ref", text(name))])
}

pub(super) fn sub(template: impl Into<String>) -> Node {
    map([("Fn::Sub", text(template))])
}

pub(super) fn attribute(name: &str, attribute: &str) -> Node {
    map([("Fn::GetAtt", list([name, attribute]))])
}

/// Returns a policy in which texts with `${…}` are CloudFormation substitutions.
pub(super) fn policy(policy: &IamPolicy) -> Node {
    with_references(policy.to_node())
}

/// Wraps every text that contains `${…}` in `Fn::Sub`.
pub(super) fn with_references(node: Node) -> Node {
    node.with_texts(&|it| if it.contains("${") { sub(it) } else { Node::Text(it) })
}

/// Returns the deployment with a reference to the account of the stack in place of the account ID.
fn in_stack(deployment: &Deployment) -> Deployment {
    deployment.clone().with_account(AccountId::cloudformation_reference())
}

/// Checks what every template requires.
fn check(deployment: &Deployment) -> Result<(), InvalidDeployment> {
    let first = deployment.policies().next().ok_or(InvalidDeployment::NoRoute)?.target();
    let targets = || deployment.policies().map(upsign_policy::UploadPolicy::target);
    if targets().any(|target| target.region() != first.region()) {
        return Err(InvalidDeployment::Regions);
    }
    if targets().any(|target| target.access_point().is_some()) {
        return Err(InvalidDeployment::AccessPoint);
    }
    Ok(())
}
