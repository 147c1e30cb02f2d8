//! Whole stacks: the bucket, what stands around it, and the service that grants.

mod alarms;
mod bucket;
mod dashboard;
mod function;
mod http_api;
mod rest_api;
mod sam;
mod terraform;

use crate::deployment::AccountId;
use crate::node::{Node, list, map, text};
use crate::{Deployment, IamPolicy, InapplicableGuard, InvalidCorsDocument};

pub use sam::{cloudfront_template, monitoring_template, sam_template};
pub use terraform::{TerraformModule, terraform_module};

/// A template for CloudFormation, with the transform of SAM.
///
/// Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudFormationTemplate(Node);

/// Why there is no stack for a deployment.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDeployment {
    /// No route.
    #[error("there is no route")]
    NoRoute,
    /// Buckets in more than one region: a bucket tells queues of its own region only, and a stack is in one.
    #[error("the buckets are in several regions, and a stack is in one: make a stack for each")]
    Regions,
    /// An access point: its bucket is not known.
    #[error("an access point's bucket cannot be made here")]
    AccessPoint,
    /// A REST API without a user pool.
    #[error("a REST API's Cognito authorizer needs a user pool")]
    NoUserPool,
    /// An HTTP API without an issuer or a client.
    #[error("an HTTP API's JWT authorizer needs an issuer and at least one client id")]
    NoIssuer,
    /// The list of origins is beyond S3's limits.
    #[error("the CORS document")]
    Cors(#[from] InvalidCorsDocument),
    /// A guard of the bucket's policy.
    #[error("the bucket policy")]
    Guard(#[from] InapplicableGuard),
}

impl CloudFormationTemplate {
    /// The template in JSON, indented.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// The template in YAML.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        self.0.to_yaml()
    }
}

/// The members of `Resources`, in the order in which they are written.
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

/// A policy whose texts may hold `${…}` of CloudFormation.
pub(super) fn policy(policy: &IamPolicy) -> Node {
    with_references(policy.to_node())
}

pub(super) fn with_references(node: Node) -> Node {
    node.with_texts(&|it| if it.contains("${") { sub(it) } else { Node::Text(it) })
}

/// The deployment as it is inside a stack, which knows its account.
fn in_stack(deployment: &Deployment) -> Deployment {
    deployment.clone().with_account(AccountId::of_stack())
}

fn check(deployment: &Deployment) -> Result<(), InvalidDeployment> {
    let first = deployment.routes().first().ok_or(InvalidDeployment::NoRoute)?.target();
    let targets = || deployment.routes().iter().map(upsign_policy::UploadPolicy::target);
    if targets().any(|target| target.region() != first.region()) {
        return Err(InvalidDeployment::Regions);
    }
    if targets().any(|target| target.access_point().is_some()) {
        return Err(InvalidDeployment::AccessPoint);
    }
    Ok(())
}
