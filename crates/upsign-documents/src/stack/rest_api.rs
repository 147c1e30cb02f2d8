//! A REST API (v1) with a Cognito authorizer.

use super::function::{event, pool_arn};
use super::{InvalidDeployment, Resources, refer, resource};
use crate::Deployment;
use crate::node::{Node, list, map, text};

pub(super) const STAGE: &str = "prod";

pub(super) fn api(deployment: &Deployment) -> Result<Resources, InvalidDeployment> {
    let pool = deployment.tokens.user_pool.as_ref().ok_or(InvalidDeployment::NoUserPool)?;
    let mut authorizer = vec![("UserPoolArn", pool_arn(pool))];
    if !deployment.tokens.scopes.is_empty() {
        authorizer.push(("AuthorizationScopes", list(deployment.tokens.scopes.iter().map(String::as_str))));
    }
    let auth = map([
        ("DefaultAuthorizer", text("Cognito")),
        ("AddDefaultAuthorizerToCorsPreflight", false.into()),
        ("Authorizers", map([("Cognito", map(authorizer))])),
    ]);
    let properties = map([
        ("StageName", text(STAGE)),
        // Without it SAM adds a stage named "Stage" that nobody asked for.
        ("OpenApiVersion", text("3.0.1")),
        ("EndpointConfiguration", map([("Type", text("REGIONAL"))])),
        ("Auth", auth),
        ("GatewayResponses", gateway_responses(deployment)),
    ]);
    Ok(vec![("UploadApi".into(), resource("AWS::Serverless::Api", properties))])
}

/// The preflight goes to the function too: it alone knows which of several origins asks.
pub(super) fn events(deployment: &Deployment) -> Node {
    let one = |method, auth| event("Api", ("RestApiId", refer("UploadApi")), &deployment.path, method, auth);
    map([("Grant", one("post", None)), ("Preflight", one("options", Some("NONE")))])
}

/// What the gateway answers by itself never reaches the function. Without these headers a page cannot tell an expired
/// token from a network that is down. Their text is fixed, so that of several origins none can be named: the answers hold
/// nothing, and `*` shows them to all.
fn gateway_responses(deployment: &Deployment) -> Node {
    let origin = gateway_origin(deployment);
    let headers = || {
        map([
            ("Access-Control-Allow-Origin", text(format!("'{origin}'"))),
            ("Access-Control-Expose-Headers", text("'x-amzn-requestid'")),
            ("Cache-Control", text("'no-store'")),
        ])
    };
    let one = || map([("ResponseParameters", map([("Headers", headers())]))]);
    map([("DEFAULT_4XX", one()), ("DEFAULT_5XX", one())])
}

pub(super) fn gateway_origin(deployment: &Deployment) -> &str {
    match deployment.origins().list() {
        [one] => one.as_str(),
        _ => "*",
    }
}
