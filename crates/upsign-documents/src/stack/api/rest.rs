//! A REST API (v1) of API Gateway.

use super::super::Resource;
use super::super::cloudformation::Template;
use super::super::declared::Output;
use super::super::reference::{Kind, Reference};
use super::super::spelling::REST_STAGE;
use super::super::terraform::{Module, block, expression, nested};
use super::access_log::AccessLog;
use super::{account_log_role, gateway, permission};
use crate::deployment::{Deployment, Throttle};
use crate::node::{Node, list, map, text};

/// A REST API with one stage.
#[derive(Debug)]
struct RestApi {
    document: Node,
    throttle: Throttle,
    access_log: Option<AccessLog>,
    tracing: bool,
}

pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let api = RestApi {
        document: gateway::document(deployment),
        throttle: deployment.throttle,
        access_log: deployment.access_logs.then_some(AccessLog::REST),
        tracing: deployment.tracing,
    };
    let url = format!("{}{}", Kind::RestApi.id().url(), deployment.path);
    let mut resources: Vec<Box<dyn Resource>> = Vec::new();
    if deployment.access_logs {
        resources.push(Box::new(AccessLog::log_group(deployment.log_retention)));
        resources.extend(account_log_role::resources());
    }
    resources.push(Box::new(api));
    resources.push(Box::new(Output::new("UploadUrl", super::UPLOAD_URL, url)));
    resources.push(Box::new(permission::for_gateway(Kind::RestApi, "POST", &deployment.path)));
    resources
}

impl Resource for RestApi {
    fn cloudformation(&self, template: &mut Template) {
        let throttle = map([
            ("HttpMethod", text("*")),
            ("ResourcePath", text("/*")),
            ("ThrottlingRateLimit", self.throttle.rate_per_second.into()),
            ("ThrottlingBurstLimit", self.throttle.burst.into()),
        ]);
        let mut properties = vec![
            ("StageName", text(REST_STAGE)),
            // Without this, SAM adds a second stage named "Stage".
            ("OpenApiVersion", text("3.0.1")),
            ("EndpointConfiguration", map([("Type", text("REGIONAL"))])),
            ("DefinitionBody", self.document.clone()),
            ("MethodSettings", Node::List(vec![throttle])),
        ];
        if let Some(log) = self.access_log {
            properties.push(("Variables", account_log_role::stage_variables()));
            properties.push(("AccessLogSetting", log.settings()));
        }
        if self.tracing {
            properties.push(("TracingEnabled", true.into()));
        }
        template.resource(Kind::RestApi.id(), properties);
    }

    fn terraform(&self, module: &mut Module) {
        let id = Kind::RestApi.id();
        let api = || ("rest_api_id", Node::from(id.reference()));
        let address = id.address();
        module.resource(
            id,
            [
                ("name", Reference::STACK_NAME.into()),
                ("body", Node::Encoded(Box::new(self.document.clone()))),
                ("endpoint_configuration", block([("types", list(["REGIONAL"]))])),
            ],
        );
        let triggers = map([("body", expression(format!("sha1({address}.body)")))]);
        let replace = block([("create_before_destroy", true.into())]);
        module.part(
            id,
            "aws_api_gateway_deployment",
            [api(), ("triggers", triggers), ("lifecycle", replace)],
        );
        let deployment = expression(format!("aws_api_gateway_deployment.{}.id", id.terraform_name()));
        let mut stage = vec![api(), ("deployment_id", deployment), ("stage_name", text(REST_STAGE))];
        if let Some(log) = self.access_log {
            stage.push(("access_log_settings", nested(log.settings())));
            stage.push(("depends_on", list([expression(Kind::GatewayAccount.id().address())])));
        }
        if self.tracing {
            stage.push(("xray_tracing_enabled", true.into()));
        }
        module.part(id, "aws_api_gateway_stage", stage);
        let limits = [
            ("throttling_rate_limit", self.throttle.rate_per_second.into()),
            ("throttling_burst_limit", self.throttle.burst.into()),
        ];
        let stage = expression(format!("aws_api_gateway_stage.{}.stage_name", id.terraform_name()));
        module.part(
            id,
            "aws_api_gateway_method_settings",
            [api(), ("stage_name", stage), ("method_path", text("*/*")), ("settings", block(limits))],
        );
    }
}
