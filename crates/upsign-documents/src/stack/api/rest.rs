//! A REST API (v1) of API Gateway.

use super::super::Resource;
use super::super::declared::{Declared, Output, Part};
use super::super::reference::{Kind, Reference};
use super::super::spelling::REST_STAGE;
use super::super::terraform::{block, expression, nested};
use super::access_log::AccessLog;
use super::cors::invoking_methods;
use super::{account_log_role, authorizer, boxed, gateway, permission};
use crate::deployment::Deployment;
use crate::node::{Node, list, map, text};

/// Returns a REST API with one stage.
pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let path = &deployment.path;
    let url = format!("{}{path}", Kind::RestApi.id().url());
    let mut resources: Vec<Box<dyn Resource>> = Vec::new();
    if deployment.access_logs {
        resources.push(Box::new(AccessLog::log_group(deployment.log_retention)));
        resources.extend(account_log_role::resources());
    }
    resources.push(Box::new(api(deployment)));
    for part in stage(deployment) {
        resources.push(Box::new(part));
    }
    resources.push(Box::new(Output::new("UploadUrl", super::UPLOAD_URL, url)));
    resources.extend(super::uploads_url(deployment, &Kind::RestApi.id().url().to_string()).map(boxed));
    let permissions = permission::for_gateway(Kind::RestApi, invoking_methods(deployment), deployment);
    resources.extend(permissions.into_iter().map(boxed));
    resources.extend(authorizer::resources(deployment, Kind::RestApi));
    resources
}

/// Returns the limits of requests, which apply to every method.
fn limits(deployment: &Deployment) -> [(&'static str, Node); 2] {
    [
        ("ThrottlingRateLimit", deployment.throttle.rate_per_second.into()),
        ("ThrottlingBurstLimit", deployment.throttle.burst.into()),
    ]
}

/// Returns the API. In CloudFormation, SAM derives the stage from it.
fn api(deployment: &Deployment) -> Declared {
    let document = gateway::document(deployment);
    let every_method = [("HttpMethod", text("*")), ("ResourcePath", text("/*"))];
    let throttle = map(every_method.into_iter().chain(limits(deployment)));
    let mut api = Declared::new(Kind::RestApi.id())
        .in_terraform("name", Reference::STACK_NAME)
        .in_terraform("body", Node::Encoded(Box::new(document.clone())))
        .in_terraform("endpoint_configuration", block([("types", list(["REGIONAL"]))]))
        .in_cloudformation("StageName", REST_STAGE)
        // Without this, SAM adds a second stage named "Stage".
        .in_cloudformation("OpenApiVersion", "3.0.1")
        .in_cloudformation("EndpointConfiguration", map([("Type", text("REGIONAL"))]))
        .in_cloudformation("DefinitionBody", document)
        .in_cloudformation("MethodSettings", list([throttle]));
    if deployment.access_logs {
        api = api
            .in_cloudformation("Variables", account_log_role::stage_variables())
            .in_cloudformation("AccessLogSetting", AccessLog::REST.settings());
    }
    if deployment.tracing { api.in_cloudformation("TracingEnabled", true) } else { api }
}

/// Returns the stage in Terraform: a deployment of the API, the stage and the settings of its methods.
fn stage(deployment: &Deployment) -> [Part; 3] {
    let id = Kind::RestApi.id();
    let part = |kind, members: Vec<(&'static str, Node)>| {
        let api = ("rest_api_id", Node::from(id.reference()));
        Part { of: id, kind, body: [api].into_iter().chain(members).collect() }
    };
    let of = |kind: &str, attribute: &str| expression(format!("{kind}.{}.{attribute}", id.terraform_name()));
    let triggers = map([("body", expression(format!("sha1({}.body)", id.address())))]);
    let replaced = block([("create_before_destroy", true.into())]);
    let mut stage =
        vec![("deployment_id", of("aws_api_gateway_deployment", "id")), ("stage_name", text(REST_STAGE))];
    if deployment.access_logs {
        stage.push(("access_log_settings", nested(AccessLog::REST.settings())));
        stage.push(("depends_on", list([expression(Kind::GatewayAccount.id().address())])));
    }
    stage.extend(deployment.tracing.then_some(("xray_tracing_enabled", true.into())));
    let settings = vec![
        ("stage_name", of("aws_api_gateway_stage", "stage_name")),
        ("method_path", text("*/*")),
        ("settings", nested(map(limits(deployment)))),
    ];
    [
        part("aws_api_gateway_deployment", vec![("triggers", triggers), ("lifecycle", replaced)]),
        part("aws_api_gateway_stage", stage),
        part("aws_api_gateway_method_settings", settings),
    ]
}
