//! How clients of the API authenticate.

use serde_json::Value;

use crate::node::{Node, map, text};

/// How clients authenticate: a *security scheme* of OpenAPI
/// (<https://spec.openapis.org/oas/v3.1.1.html#security-scheme-object>).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SecurityScheme {
    /// `Authorization: Bearer <token>`. 401 responses have the header `WWW-Authenticate`, and 403 responses
    /// if the token lacks a group or scope.
    Bearer,
    /// A cookie. Holds its name.
    Cookie(Box<str>),
    /// A header of the request. Holds its name.
    Header(Box<str>),
    /// Any other scheme. Holds the security scheme object.
    Other(Value),
}

impl SecurityScheme {
    /// The name under which the description refers to the scheme.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Cookie(_) => "cookie",
            Self::Header(_) => "header",
            Self::Other(_) => "other",
        }
    }

    pub(super) fn object(&self) -> Node {
        let key = |place: &str, name: &str| {
            map([("type", text("apiKey")), ("in", text(place)), ("name", text(name))])
        };
        match self {
            Self::Bearer => {
                map([("type", text("http")), ("scheme", text("bearer")), ("bearerFormat", text("JWT"))])
            }
            Self::Cookie(name) => key("cookie", name),
            Self::Header(name) => key("header", name),
            Self::Other(object) => Node::from_serialize(object),
        }
    }
}
