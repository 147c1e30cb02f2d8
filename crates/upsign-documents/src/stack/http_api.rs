//! An HTTP API (v2) with a JWT authorizer.

use upsign_core::Origin;

use super::InvalidDeployment;
use super::cloudformation::refer;
use super::function::event;
use super::previous::{Resources, resource};
use crate::deployment::{ApiAuthorizer, Deployment};
use crate::node::{Node, list, map, text};

pub(super) fn api(deployment: &Deployment) -> Result<Resources, InvalidDeployment> {
    let (issuer, audiences, scopes) = jwt(deployment)?;
    let jwt = map([("issuer", text(issuer)), ("audience", list(audiences.iter().map(String::as_str)))]);
    let mut authorizer =
        vec![("IdentitySource", text("$request.header.Authorization")), ("JwtConfiguration", jwt)];
    if !scopes.is_empty() {
        authorizer.push(("AuthorizationScopes", list(scopes.iter().map(String::as_str))));
    }
    let auth =
        map([("DefaultAuthorizer", text("Tokens")), ("Authorizers", map([("Tokens", map(authorizer))]))]);
    let mut properties = vec![("Auth", auth)];
    if let Some(cors) = cors(deployment) {
        properties.push(("CorsConfiguration", cors));
    }
    Ok(vec![("UploadApi".into(), resource("AWS::Serverless::HttpApi", map(properties)))])
}

/// Returns the CORS settings of the API, or `None` without origins. An HTTP API answers preflights itself and adds the headers
/// to its own errors, too.
fn cors(deployment: &Deployment) -> Option<Node> {
    let origins: Vec<&str> = if deployment.origins().is_any() {
        vec!["*"]
    } else {
        deployment.origins().list().iter().map(Origin::as_str).collect()
    };
    (!origins.is_empty()).then(|| {
        map([
            ("AllowOrigins", list(origins)),
            ("AllowMethods", list(["POST"])),
            ("AllowHeaders", list(["authorization", "content-type"])),
            ("ExposeHeaders", list(["retry-after"])),
            ("MaxAge", Node::Number(3600)),
        ])
    })
}

pub(super) fn events(deployment: &Deployment) -> Node {
    let grant = event("HttpApi", ("ApiId", refer("UploadApi")), &deployment.path, "POST", None);
    map([("Grant", grant)])
}

pub(super) type Jwt<'a> = (&'a str, &'a [String], &'a [String]);

pub(super) fn jwt(deployment: &Deployment) -> Result<Jwt<'_>, InvalidDeployment> {
    match &deployment.authorizer {
        ApiAuthorizer::Jwt { issuer, audiences, scopes } if !audiences.is_empty() => {
            Ok((issuer, audiences, scopes))
        }
        _ => Err(InvalidDeployment::Authorizer(
            "an HTTP API needs a JWT authorizer with at least one audience",
        )),
    }
}
