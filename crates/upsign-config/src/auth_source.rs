//! Who verifies the tokens of requests to the Lambda function: the function, or the authorizer of its API.

use std::fmt;

use upsign_cognito::TokenUse;
use upsign_documents::{ApiAuthorizer, ApiKind};

use crate::config::{Auth, Config, RouteConfig};

/// What verifies the tokens of requests to the Lambda function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthSource {
    /// The function verifies the token in the `Authorization` header itself.
    Token,
    /// The authorizer of the API verifies the token. The function compares the claims that it passes on with `[auth]`.
    Authorizer,
}

/// The reason why no authorizer of an API accepts exactly the tokens that `[auth]` accepts.
///
/// An authorizer may accept more, because the function compares the claims again. It must not accept less: the API would
/// refuse callers that the configuration accepts.
///
/// `Display` writes the reason, and [`remedy`](Self::remedy) returns what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InexactAuthorizer {
    /// A function URL knows IAM only.
    FunctionUrl,
    /// A load balancer signs users in with a page and a cookie, and does not accept the tokens of API clients.
    LoadBalancer,
    /// The issuer is not a user pool, but the Cognito authorizer of a REST API accepts tokens of user pools only.
    RestIssuer,
    /// The Cognito authorizer of a REST API accepts either id tokens or access tokens.
    RestAnyToken,
    /// The Cognito authorizer of a REST API accepts access tokens only if it demands scopes.
    RestAccessWithoutScopes,
    /// A user pool has two issuers, but the JWT authorizer of an HTTP API accepts one.
    HttpUserPool,
    /// The JWT authorizer of an HTTP API fetches keys with TLS only.
    HttpWithoutTls,
}

impl AuthSource {
    /// Returns `token` or `authorizer`, as in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Authorizer => "authorizer",
        }
    }
}

impl fmt::Display for AuthSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl InexactAuthorizer {
    /// Returns what to change so that an authorizer accepts exactly the tokens that `[auth]` accepts.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::FunctionUrl | Self::LoadBalancer => "set api = \"rest\" or \"http\" in [deployment]",
            Self::RestIssuer => "set user_pool instead of issuer, or api = \"http\" in [deployment]",
            Self::RestAnyToken => "set token_use = \"id\", or token_use = \"access\" with scopes",
            Self::RestAccessWithoutScopes => {
                "set scopes in [auth], or in every route; with token_use = \"id\", none are needed"
            }
            Self::HttpUserPool => {
                "set issuer, to the `iss` of your tokens, and jwks_uri instead of user_pool; or api = \"rest\" in [deployment]"
            }
            Self::HttpWithoutTls => "set an issuer and a jwks_uri with https",
        }
    }
}

impl fmt::Display for InexactAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FunctionUrl => "a function URL has no authorizer for tokens",
            Self::LoadBalancer => "a load balancer has no authorizer for the tokens of API clients",
            Self::RestIssuer => "the authorizer of a REST API accepts tokens of user pools only",
            Self::RestAnyToken => {
                "the authorizer of a REST API accepts either id tokens or access tokens, not both"
            }
            Self::RestAccessWithoutScopes => {
                "the authorizer of a REST API accepts access tokens only if it demands scopes"
            }
            Self::HttpUserPool => {
                "the authorizer of an HTTP API accepts one issuer, and the tokens of a user pool can have two"
            }
            Self::HttpWithoutTls => "the authorizer of an HTTP API accepts issuers with https only",
        })
    }
}

impl std::error::Error for InexactAuthorizer {}

impl Config {
    /// Returns what verifies the tokens of requests to the Lambda function: the value of `auth.source`, or by default the
    /// authorizer of the API if one exists that accepts exactly the tokens that `[auth]` accepts.
    ///
    /// The generated documents and the Lambda function both follow it. `upsign serve` always verifies tokens itself.
    ///
    /// | `deployment.api` | `[auth]` | source |
    /// | --- | --- | --- |
    /// | `rest` | user pool, `token_use = "id"`, no scopes demanded | authorizer |
    /// | `rest` | user pool, `token_use = "access"`, scopes demanded | authorizer |
    /// | `rest` | anything else | token |
    /// | `http` | `issuer` and `jwks_uri` with https | authorizer |
    /// | `http` | user pool, whose tokens can have two issuers | token |
    /// | `url`, `alb` | anything | token |
    ///
    /// Scopes are demanded if `auth.scopes` is set or every route sets `scopes`.
    #[must_use]
    pub fn auth_source(&self) -> AuthSource {
        let explicit = self.auth.as_ref().and_then(|auth| auth.source);
        explicit.unwrap_or_else(|| match self.authorizer() {
            ApiAuthorizer::None => AuthSource::Token,
            _ => AuthSource::Authorizer,
        })
    }

    /// Returns why [`auth_source`](Self::auth_source) is what it is, for people.
    #[must_use]
    pub fn auth_source_reason(&self) -> String {
        let Some(auth) = &self.auth else { return "there is no section [auth]".to_owned() };
        match (auth.source, derive(self.deployment.api, auth, &self.routes)) {
            (Some(source), _) => format!("auth.source = \"{source}\""),
            (None, Ok(_)) => "the authorizer accepts exactly the tokens that [auth] accepts".to_owned(),
            (None, Err(inexact)) => inexact.to_string(),
        }
    }

    /// Returns the authorizer of the API.
    pub(crate) fn authorizer(&self) -> ApiAuthorizer {
        match &self.auth {
            Some(auth) if auth.source != Some(AuthSource::Token) => {
                derive(self.deployment.api, auth, &self.routes).unwrap_or_default()
            }
            _ => ApiAuthorizer::None,
        }
    }
}

/// Returns the authorizer of an API of this kind that accepts every token that `auth` and the routes accept.
///
/// Sources: a Cognito authorizer without scopes accepts id tokens only, and with scopes access tokens only
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html>). A JWT authorizer
/// compares `iss` with one issuer, and `aud` or `client_id` with a list
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>).
pub(crate) fn derive(
    api: ApiKind,
    auth: &Auth,
    routes: &[RouteConfig],
) -> Result<ApiAuthorizer, InexactAuthorizer> {
    let scopes = demanded_scopes(auth, routes);
    match api {
        ApiKind::Rest => {
            let pool = auth.user_pool.as_ref().ok_or(InexactAuthorizer::RestIssuer)?;
            match auth.verifier.token_use() {
                TokenUse::Id => {}
                TokenUse::Access if scopes.is_empty() => {
                    return Err(InexactAuthorizer::RestAccessWithoutScopes);
                }
                TokenUse::Access => {}
                _ => return Err(InexactAuthorizer::RestAnyToken),
            }
            Ok(ApiAuthorizer::Cognito { user_pool: pool.to_string(), scopes })
        }
        ApiKind::Http => {
            let issuer = auth.verifier.issuer();
            let mut names = issuer.names();
            let (Some(name), None) = (names.next(), names.next()) else {
                return Err(InexactAuthorizer::HttpUserPool);
            };
            if ![name, issuer.jwks_uri()].iter().all(|url| url.starts_with("https://")) {
                return Err(InexactAuthorizer::HttpWithoutTls);
            }
            let audiences = auth.verifier.client_ids().map(str::to_owned).collect();
            Ok(ApiAuthorizer::Jwt { issuer: name.to_owned(), audiences, scopes })
        }
        ApiKind::LoadBalancer => Err(InexactAuthorizer::LoadBalancer),
        _ => Err(InexactAuthorizer::FunctionUrl),
    }
}

/// Returns the scopes of which every accepted token has at least one: those of `[auth]`, or else those of the routes if every
/// route demands some. Empty if a token without scopes is accepted.
fn demanded_scopes(auth: &Auth, routes: &[RouteConfig]) -> Vec<String> {
    let owned = |scopes: &[Box<str>]| scopes.iter().map(ToString::to_string).collect::<Vec<_>>();
    if let Some(scopes) = auth.verifier.required_scopes() {
        return owned(scopes);
    }
    let Some(of_routes) = routes.iter().map(|route| route.access.scopes()).collect::<Option<Vec<_>>>() else {
        return Vec::new();
    };
    let mut union: Vec<String> = of_routes.into_iter().flat_map(owned).collect();
    union.sort_unstable();
    union.dedup();
    union
}
