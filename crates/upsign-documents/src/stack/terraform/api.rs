//! The API: a REST API as an OpenAPI document, or an HTTP API as single resources.

use upsign_core::Origin;

use super::super::{InvalidDeployment, http_api, rest_api};
use super::block;

type Parts = Vec<(&'static str, String, Node)>;
use crate::deployment::{ApiKind, Deployment};
use crate::node::{Node, list, map, text};

pub(in crate::stack) fn url(deployment: &Deployment) -> String {
    match deployment.api {
        ApiKind::Rest => format!("${{aws_api_gateway_stage.uploads.invoke_url}}{}", deployment.path),
        _ => format!("${{aws_apigatewayv2_api.uploads.api_endpoint}}{}", deployment.path),
    }
}

pub(in crate::stack) fn api(deployment: &Deployment) -> Result<Parts, InvalidDeployment> {
    let (mut parts, source) = match deployment.api {
        ApiKind::Rest => (rest(deployment)?, "${aws_api_gateway_rest_api.uploads.execution_arn}/*"),
        ApiKind::Http => (http(deployment)?, "${aws_apigatewayv2_api.uploads.execution_arn}/*"),
        ApiKind::FunctionUrl | ApiKind::LoadBalancer => return Err(InvalidDeployment::Api),
    };
    let permission = map([
        ("action", text("lambda:InvokeFunction")),
        ("function_name", text("${aws_lambda_function.uploads.function_name}")),
        ("principal", text("apigateway.amazonaws.com")),
        ("source_arn", text(source)),
    ]);
    parts.push(("aws_lambda_permission", "api".into(), permission));
    Ok(parts)
}

/// Returns a REST API as an OpenAPI document with API Gateway's extensions for the authorizer, the integration and the errors
/// that API Gateway answers itself.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html>.
fn rest(deployment: &Deployment) -> Result<Parts, InvalidDeployment> {
    let (pool, scopes) = rest_api::cognito(deployment)?;
    let region = pool.split_once('_').map_or("us-east-1", |(region, _)| region);
    let (partition, account) = (deployment.partition(), deployment.account_in_arns());
    let pool = format!("arn:{partition}:cognito-idp:{region}:{account}:userpool/{pool}");
    let authorizer = map([
        ("type", text("apiKey")),
        ("name", text("Authorization")),
        ("in", text("header")),
        ("x-amazon-apigateway-authtype", text("cognito_user_pools")),
        (
            "x-amazon-apigateway-authorizer",
            map([("type", text("cognito_user_pools")), ("providerARNs", list([pool]))]),
        ),
    ]);
    let integration = || {
        map([
            ("type", text("aws_proxy")),
            ("httpMethod", text("POST")),
            ("uri", text("${aws_lambda_function.uploads.invoke_arn}")),
        ])
    };
    let operation = |security: Option<Node>| {
        let secured = security.map(|security| ("security", Node::List(vec![security])));
        let rest = [("responses", map::<&str>([])), ("x-amazon-apigateway-integration", integration())];
        map(secured.into_iter().chain(rest))
    };
    let scopes = list(scopes.iter().map(String::as_str));
    let operations = map([
        ("post", operation(Some(map([("Cognito", scopes)])))),
        // A preflight carries no token. The function answers it, because the answer depends on the origin of the request.
        ("options", operation(None)),
    ]);
    let prefix = "gatewayresponse.header.";
    let headers = || {
        map([
            (
                format!("{prefix}Access-Control-Allow-Origin"),
                text(format!("'{}'", rest_api::gateway_origin(deployment))),
            ),
            (format!("{prefix}Cache-Control"), text("'no-store'")),
        ])
    };
    let response = || map([("responseParameters", headers())]);
    let responses = map([("DEFAULT_4XX", response()), ("DEFAULT_5XX", response())]);
    let body = map([
        ("openapi", text("3.0.1")),
        ("info", map([("title", text("uploads")), ("version", text("1"))])),
        ("paths", map([(deployment.path.clone(), operations)])),
        ("components", map([("securitySchemes", map([("Cognito", authorizer)]))])),
        ("x-amazon-apigateway-gateway-responses", responses),
    ]);
    let regional = block([("types", list(["REGIONAL"]))]);
    let api = map([
        ("name", text("uploads")),
        ("body", Node::Encoded(Box::new(body))),
        ("endpoint_configuration", regional),
    ]);
    let api_deployment = map([
        ("rest_api_id", text("${aws_api_gateway_rest_api.uploads.id}")),
        ("triggers", map([("body", text("${sha1(aws_api_gateway_rest_api.uploads.body)}"))])),
        ("lifecycle", block([("create_before_destroy", true.into())])),
    ]);
    let stage = map([
        ("rest_api_id", text("${aws_api_gateway_rest_api.uploads.id}")),
        ("deployment_id", text("${aws_api_gateway_deployment.uploads.id}")),
        ("stage_name", text(rest_api::STAGE)),
    ]);
    Ok(vec![
        ("aws_api_gateway_rest_api", "uploads".into(), api),
        ("aws_api_gateway_deployment", "uploads".into(), api_deployment),
        ("aws_api_gateway_stage", "uploads".into(), stage),
    ])
}

fn http(deployment: &Deployment) -> Result<Parts, InvalidDeployment> {
    let (issuer, audiences, scopes) = http_api::jwt(deployment)?;
    let origins: Vec<&str> = if deployment.origins().is_any() {
        vec!["*"]
    } else {
        deployment.origins().list().iter().map(Origin::as_str).collect()
    };
    let cors = block([
        ("allow_origins", list(origins)),
        ("allow_methods", list(["POST"])),
        ("allow_headers", list(["authorization", "content-type"])),
        ("expose_headers", list(["retry-after"])),
        ("max_age", Node::Number(3600)),
    ]);
    let id = || text("${aws_apigatewayv2_api.uploads.id}");
    let api = map([("name", text("uploads")), ("protocol_type", text("HTTP")), ("cors_configuration", cors)]);
    let jwt = block([("issuer", text(issuer)), ("audience", list(audiences.iter().map(String::as_str)))]);
    let authorizer = map([
        ("api_id", id()),
        ("name", text("tokens")),
        ("authorizer_type", text("JWT")),
        ("identity_sources", list(["$request.header.Authorization"])),
        ("jwt_configuration", jwt),
    ]);
    let integration = map([
        ("api_id", id()),
        ("integration_type", text("AWS_PROXY")),
        ("integration_uri", text("${aws_lambda_function.uploads.invoke_arn}")),
        ("payload_format_version", text("2.0")),
    ]);
    let mut route = vec![
        ("api_id", id()),
        ("route_key", text(format!("POST {}", deployment.path))),
        ("target", text("integrations/${aws_apigatewayv2_integration.uploads.id}")),
        ("authorization_type", text("JWT")),
        ("authorizer_id", text("${aws_apigatewayv2_authorizer.uploads.id}")),
    ];
    if !scopes.is_empty() {
        route.push(("authorization_scopes", list(scopes.iter().map(String::as_str))));
    }
    let stage = map([("api_id", id()), ("name", text("$default")), ("auto_deploy", true.into())]);
    Ok(vec![
        ("aws_apigatewayv2_api", "uploads".into(), api),
        ("aws_apigatewayv2_authorizer", "uploads".into(), authorizer),
        ("aws_apigatewayv2_integration", "uploads".into(), integration),
        ("aws_apigatewayv2_route", "uploads".into(), map(route)),
        ("aws_apigatewayv2_stage", "uploads".into(), stage),
    ])
}
