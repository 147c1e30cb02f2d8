//! What a REST API needs in addition to the description of the API: the integration with the function, the answers to preflights,
//! and the headers of the errors that API Gateway answers itself.

use super::super::reference::{Kind, Reference};
use super::authorizer;
use super::cors::{ApiCors, function_answers_preflights};
use crate::deployment::Deployment;
use crate::node::{Node, map, text};
use crate::openapi::{GatewayExtensions, OpenApi};
use upsign_core::api_cors;

/// Returns the OpenAPI document that the REST API imports.
pub(super) fn document(deployment: &Deployment) -> Node {
    let cors = ApiCors::of(deployment);
    let function_answers = function_answers_preflights(deployment);
    let origin_of_errors = match &cors {
        Some(cors) => match cors.origins.as_slice() {
            [one] => Some(one.as_str()),
            _ => Some("*"),
        },
        None => function_answers.then_some("*"),
    };
    let extensions = GatewayExtensions {
        title: Reference::STACK_NAME.to_string(),
        authorizer: authorizer::scheme(deployment),
        scopes: deployment.authorizer.scopes().to_vec(),
        dialects: deployment.paths_of_dialects().collect(),
        integration: integration(),
        preflight: if function_answers { integration() } else { preflight(deployment, cors.as_ref()) },
        responses: gateway_responses(origin_of_errors),
    };
    OpenApi::for_deployment(deployment).for_api_gateway(extensions)
}

/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html>.
fn integration() -> Node {
    map([
        ("type", text("aws_proxy")),
        ("httpMethod", text("POST")),
        ("uri", Kind::Function.id().invoke_arn().into()),
    ])
}

/// Returns the integration that answers preflights without invoking the function.
///
/// The value of a header is fixed, so with several origins a template replaces the first one by that of the page, if it is
/// listed. A page of another origin receives a header that does not name it, which browsers reject. Without origins, no header
/// names one.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html>,
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-override-request-response-parameters.html>.
fn preflight(deployment: &Deployment, cors: Option<&ApiCors>) -> Node {
    let methods = ApiCors::methods(deployment).join(", ");
    let max_age = api_cors::MAX_AGE.to_string();
    let headers = cors.map(|cors| cors.headers.to_string()).unwrap_or_default();
    let allowed = cors.and_then(|cors| cors.origins.first()).map(|first| {
        [
            ("Access-Control-Allow-Origin", first.as_str()),
            ("Access-Control-Allow-Methods", methods.as_str()),
            ("Access-Control-Allow-Headers", headers.as_str()),
            ("Access-Control-Max-Age", max_age.as_str()),
        ]
    });
    let always = [
        ("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ];
    let headers = allowed.into_iter().flatten().chain(always);
    let headers = headers.map(|(name, value)| (format!("method.response.header.{name}"), fixed(value)));
    let mut response = vec![("statusCode", text("204")), ("responseParameters", map(headers))];
    if let Some(cors) = cors.filter(|cors| cors.origins.len() > 1) {
        let template = map([("application/json", text(echo_listed_origin(&cors.origins)))]);
        response.push(("responseTemplates", template));
    }
    map([
        ("type", text("mock")),
        // A preflight has no body. One of another type than JSON is answered with 415.
        ("passthroughBehavior", text("never")),
        ("requestTemplates", map([("application/json", text(r#"{"statusCode": 204}"#))])),
        ("responses", map([("default", map(response))])),
    ])
}

/// Returns a template that writes the origin of the request into the answer if it equals one of these.
///
/// HTTP/2 and HTTP/1.1 clients spell the name of the header differently, and names are case-sensitive in templates. A header may
/// be overridden once only, and an absent one equals no text. An origin contains no character that the template language
/// interprets inside quotes: see [`Origin`](upsign_core::Origin).
fn echo_listed_origin(origins: &[String]) -> String {
    let is_listed = |name: &str| {
        let each: Vec<String> = origins.iter().map(|origin| format!("${name} == \"{origin}\"")).collect();
        each.join(" || ")
    };
    let echo = |name| format!("#set($context.responseOverride.header.Access-Control-Allow-Origin = ${name})");
    let lines = [
        "#set($lower = $input.params().header.get(\"origin\"))".to_owned(),
        "#set($upper = $input.params().header.get(\"Origin\"))".to_owned(),
        format!("#if({})", is_listed("lower")),
        echo("lower"),
        format!("#elseif({})", is_listed("upper")),
        echo("upper"),
        "#end\n".to_owned(),
    ];
    lines.join("\n")
}

/// Returns the headers of the errors that API Gateway answers itself.
///
/// Without CORS headers, a page cannot distinguish an expired token from a network failure. API Gateway can only send a fixed
/// text, so `origin` is `*` for several origins; the errors contain nothing confidential.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html>.
fn gateway_responses(origin: Option<&str>) -> Node {
    let allowed = origin.map(|origin| {
        [("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", "x-amzn-requestid")]
    });
    let always = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")];
    let headers: Vec<(String, Node)> = allowed
        .into_iter()
        .flatten()
        .chain(always)
        .map(|(name, value)| (format!("gatewayresponse.header.{name}"), fixed(value)))
        .collect();
    let response = || map([("responseParameters", Node::Map(headers.clone()))]);
    map([("DEFAULT_4XX", response()), ("DEFAULT_5XX", response())])
}

/// Returns a fixed value as the mappings of API Gateway write it.
fn fixed(value: &str) -> Node {
    text(format!("'{value}'"))
}
