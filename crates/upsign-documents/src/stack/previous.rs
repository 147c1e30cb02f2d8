//! The API and the function, not yet written as typed resources.

use super::cloudformation::Template;
use super::terraform::{Module, expression};
use super::{InvalidDeployment, Resource, function, http_api, rest_api, terraform};
use crate::deployment::{AccountId, ApiKind, Deployment};
use crate::iam::IamPolicy;
use crate::node::{Node, list, map, text};

pub(super) type Resources = Vec<(String, Node)>;

#[derive(Debug)]
pub(super) struct Service {
    cloudformation: Resources,
    parameters: Node,
    terraform: Vec<(&'static str, String, Node)>,
    deployment: Deployment,
}

impl Service {
    pub(super) fn new(deployment: &Deployment) -> Result<Self, InvalidDeployment> {
        let sam = &deployment.clone().with_account(AccountId::reference("${AWS::AccountId}"));
        let (api, events) = match deployment.api {
            ApiKind::Rest => (rest_api::api(sam)?, rest_api::events(sam)),
            ApiKind::Http => (http_api::api(sam)?, http_api::events(sam)),
            ApiKind::FunctionUrl | ApiKind::LoadBalancer => return Err(InvalidDeployment::Api),
        };
        let account = AccountId::reference("${data.aws_caller_identity.current.account_id}");
        let module = &deployment.clone().with_account(account);
        let mut terraform = terraform::function::function(module);
        terraform.extend(terraform::api::api(module)?);
        Ok(Self {
            cloudformation: api.into_iter().chain(function::function(sam, events)).collect(),
            parameters: function::parameters(sam),
            terraform,
            deployment: deployment.clone(),
        })
    }
}

impl Resource for Service {
    fn cloudformation(&self, template: &mut Template) {
        for (name, node) in &self.cloudformation {
            template.written(name.clone(), node.clone());
        }
        if let Node::Map(parameters) = &self.parameters {
            for (name, node) in parameters {
                if let Node::Map(members) = node {
                    template.parameter(name, members.clone());
                }
            }
        }
        let stage = match self.deployment.api {
            ApiKind::Rest => "/prod",
            _ => "",
        };
        let path = &self.deployment.path;
        let url =
            format!("https://${{UploadApi}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}{stage}{path}");
        template.output("UploadUrl", "URL at which clients request uploads (POST)", sub(url));
        template.output(
            "FunctionArn",
            "ARN of the function that signs uploads",
            attribute(function::FUNCTION, "Arn"),
        );
    }

    fn terraform(&self, module: &mut Module) {
        let package = "Path of the function's zip file, built in the folder of its crate with cargo lambda build --release --arm64 --output-format zip --include upsign.toml, without --arm64 for x86_64";
        module.variable("package", package, [("type", expression("string"))]);
        let validation = map([
            ("condition", expression("contains([\"arm64\", \"x86_64\"], var.architecture)")),
            ("error_message", text("The architecture must be arm64 or x86_64.")),
        ]);
        module.variable(
            "architecture",
            "Processor architecture of the function",
            [
                ("type", expression("string")),
                ("default", text("arm64")),
                ("validation", Node::Blocks(vec![validation])),
            ],
        );
        for (kind, name, body) in &self.terraform {
            module.written(kind, name.clone(), body.clone());
        }
        let url = terraform::api::url(&self.deployment);
        module.output(
            "upload_url",
            "URL at which clients request uploads (POST)",
            expression(format!("\"{url}\"")),
        );
    }
}

pub(super) fn resource(kind: &str, properties: Node) -> Node {
    map([("Type", text(kind)), ("Properties", properties)])
}

pub(super) fn sub(template: impl Into<String>) -> Node {
    map([("Fn::Sub", text(template))])
}

pub(super) fn attribute(name: &str, attribute: &str) -> Node {
    map([("Fn::GetAtt", list([name, attribute]))])
}

/// Returns a policy in which texts with `${…}` are CloudFormation substitutions.
pub(super) fn policy(policy: &IamPolicy) -> Node {
    policy.to_node().with_texts(&|it| if it.contains("${") { sub(it) } else { Node::Text(it) })
}
