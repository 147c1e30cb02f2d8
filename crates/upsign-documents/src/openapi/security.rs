//! How clients of the API authenticate.

use serde_json::Value;
use upsign_core::TokenHeader;

use crate::deployment::{ApiAuthorizer, Deployment};
use crate::node::{Node, map, text};

/// How clients authenticate: a *security scheme* of OpenAPI
/// (<https://spec.openapis.org/oas/v3.1.1.html#security-scheme-object>).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SecurityScheme {
    /// `Authorization: Bearer <token>`. 401 responses have the header `WWW-Authenticate`, and 403 responses
    /// if the token lacks a group or scope.
    Bearer,
    /// `<header>: Bearer <token>`, in another header than `Authorization`. Responses are like those of
    /// [`Bearer`](Self::Bearer).
    BearerIn(TokenHeader),
    /// A signature with AWS credentials (Signature Version 4) in `Authorization`.
    SigV4,
    /// A cookie. Holds its name.
    Cookie(Box<str>),
    /// A header of the request. Holds its name.
    Header(Box<str>),
    /// Any other scheme. Holds the security scheme object.
    Other(Value),
}

impl SecurityScheme {
    /// Returns the scheme for bearer tokens in this header: [`Bearer`](Self::Bearer) for `Authorization`, and otherwise
    /// [`BearerIn`](Self::BearerIn).
    ///
    /// ```
    /// use upsign_core::TokenHeader;
    /// use upsign_documents::SecurityScheme;
    ///
    /// assert_eq!(SecurityScheme::bearer(&TokenHeader::default()), SecurityScheme::Bearer);
    /// let header: TokenHeader = "x-upload-token".parse()?;
    /// assert_eq!(SecurityScheme::bearer(&header), SecurityScheme::BearerIn(header.clone()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn bearer(header: &TokenHeader) -> Self {
        if header.is_authorization() { Self::Bearer } else { Self::BearerIn(header.clone()) }
    }

    /// Returns how the callers of a deployed API authenticate.
    pub(super) fn of(deployment: &Deployment) -> Self {
        let header = deployment.token_header();
        match deployment.authorizer() {
            ApiAuthorizer::Iam => Self::SigV4,
            // What the header contains is a matter of the authorizer.
            ApiAuthorizer::Lambda => Self::Header(header.as_str().into()),
            _ => Self::bearer(header),
        }
    }

    pub(super) const fn is_bearer(&self) -> bool {
        matches!(self, Self::Bearer | Self::BearerIn(_))
    }

    /// The name under which the description refers to the scheme.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Bearer | Self::BearerIn(_) => "bearer",
            Self::SigV4 => "sigv4",
            Self::Cookie(_) => "cookie",
            Self::Header(_) => "header",
            Self::Other(_) => "other",
        }
    }

    pub(super) fn object(&self) -> Node {
        let key = |place: &str, name: &str| {
            map([("type", text("apiKey")), ("in", text(place)), ("name", text(name))])
        };
        let described = |name: &str, description: &str| {
            map([
                ("type", text("apiKey")),
                ("in", text("header")),
                ("name", text(name)),
                ("description", text(description)),
            ])
        };
        match self {
            Self::Bearer => {
                map([("type", text("http")), ("scheme", text("bearer")), ("bearerFormat", text("JWT"))])
            }
            // The type `http` is for the header `Authorization` only.
            Self::BearerIn(header) => described(header.as_str(), "`Bearer`, a space, and the token"),
            Self::SigV4 => described(
                "Authorization",
                "Signature Version 4 with AWS credentials; service and region are those of the API",
            ),
            Self::Cookie(name) => key("cookie", name),
            Self::Header(name) => key("header", name),
            Self::Other(object) => Node::from_serialize(object),
        }
    }
}
