//! A REST API (v1) with a Cognito authorizer.

use super::InvalidDeployment;
use super::cloudformation::refer;
use super::function::{event, pool_arn};
use super::previous::{Resources, resource};
use crate::deployment::{ApiAuthorizer, Deployment};
use crate::node::{Node, list, map, text};

pub(super) const STAGE: &str = "prod";

pub(super) fn api(deployment: &Deployment) -> Result<Resources, InvalidDeployment> {
    let (pool, scopes) = cognito(deployment)?;
    let mut authorizer = vec![("UserPoolArn", pool_arn(pool))];
    if !scopes.is_empty() {
        authorizer.push(("AuthorizationScopes", list(scopes.iter().map(String::as_str))));
    }
    let auth = map([
        ("DefaultAuthorizer", text("Cognito")),
        ("AddDefaultAuthorizerToCorsPreflight", false.into()),
        ("Authorizers", map([("Cognito", map(authorizer))])),
    ]);
    let properties = map([
        ("StageName", text(STAGE)),
        // Without this, SAM adds a second stage named "Stage".
        ("OpenApiVersion", text("3.0.1")),
        ("EndpointConfiguration", map([("Type", text("REGIONAL"))])),
        ("Auth", auth),
        ("GatewayResponses", gateway_responses(deployment)),
    ]);
    Ok(vec![("UploadApi".into(), resource("AWS::Serverless::Api", properties))])
}

/// Returns the events for uploads and for preflights. The function answers preflights as well, because the answer depends on
/// the origin of the request if there are several.
pub(super) fn events(deployment: &Deployment) -> Node {
    let route =
        |method, auth| event("Api", ("RestApiId", refer("UploadApi")), &deployment.path, method, auth);
    map([("Grant", route("post", None)), ("Preflight", route("options", Some("NONE")))])
}

/// Returns the CORS headers of the errors that API Gateway answers itself, without invoking the function.
///
/// Without these headers, a page cannot distinguish an expired token from a network failure. API Gateway can only send a fixed text, so
/// with several origins the headers allow every origin; the errors contain nothing confidential.
fn gateway_responses(deployment: &Deployment) -> Node {
    let origin = gateway_origin(deployment);
    let headers = || {
        map([
            ("Access-Control-Allow-Origin", text(format!("'{origin}'"))),
            ("Access-Control-Expose-Headers", text("'x-amzn-requestid'")),
            ("Cache-Control", text("'no-store'")),
        ])
    };
    let response = || map([("ResponseParameters", map([("Headers", headers())]))]);
    map([("DEFAULT_4XX", response()), ("DEFAULT_5XX", response())])
}

/// Returns the single origin of the deployment, or `*` if there are several.
pub(super) fn gateway_origin(deployment: &Deployment) -> &str {
    match deployment.origins().list() {
        [one] => one.as_str(),
        _ => "*",
    }
}

pub(super) fn cognito(deployment: &Deployment) -> Result<(&str, &[String]), InvalidDeployment> {
    match &deployment.authorizer {
        ApiAuthorizer::Cognito { user_pool, scopes } => Ok((user_pool, scopes)),
        _ => Err(InvalidDeployment::Authorizer("a REST API needs the authorizer of a Cognito user pool")),
    }
}
