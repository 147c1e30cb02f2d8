//! An HTTP API (v2) with a JWT authorizer.

use super::function::event;
use super::{InvalidSystem, Resources, refer, resource};
use crate::node::{Node, list, map, text};
use crate::{Origin, System};

pub(super) fn api(system: &System) -> Result<Resources, InvalidSystem> {
    let tokens = &system.tokens;
    let issuer = tokens.issuer.as_ref().filter(|_| !tokens.audiences.is_empty());
    let issuer = issuer.ok_or(InvalidSystem::NoIssuer)?;
    let jwt =
        map([("issuer", text(issuer)), ("audience", list(tokens.audiences.iter().map(String::as_str)))]);
    let mut authorizer =
        vec![("IdentitySource", text("$request.header.Authorization")), ("JwtConfiguration", jwt)];
    if !tokens.scopes.is_empty() {
        authorizer.push(("AuthorizationScopes", list(tokens.scopes.iter().map(String::as_str))));
    }
    let auth =
        map([("DefaultAuthorizer", text("Tokens")), ("Authorizers", map([("Tokens", map(authorizer))]))]);
    let mut properties = vec![("Auth", auth)];
    if let Some(cors) = cors(system) {
        properties.push(("CorsConfiguration", cors));
    }
    Ok(vec![("UploadApi".into(), resource("AWS::Serverless::HttpApi", map(properties)))])
}

/// An HTTP API answers preflights by itself, and adds the headers to its own errors too.
fn cors(system: &System) -> Option<Node> {
    let origins: Vec<&str> = if system.origins().is_any() {
        vec!["*"]
    } else {
        system.origins().list().iter().map(Origin::as_str).collect()
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

pub(super) fn events(system: &System) -> Node {
    let grant = event("HttpApi", ("ApiId", refer("UploadApi")), &system.path, "POST", None);
    map([("Grant", grant)])
}
