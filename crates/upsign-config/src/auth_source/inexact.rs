//! Why no authorizer of an API lets through every token that `[auth]` accepts, and what to change.

use std::fmt;

use crate::auth::{Auth, AuthIssuer, KeysFrom};
use crate::build::section;
use crate::config::RouteConfig;

/// The reason why no authorizer of an API lets through every token that `[auth]` accepts.
///
/// An authorizer may accept more, because the function compares the claims again. It must not accept less: the API would
/// refuse callers that the configuration accepts.
///
/// `Display` writes the reason, and [`remedy`](Self::remedy) returns what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InexactAuthorizer {
    /// There are several issuers, but the authorizers that are generated accept the tokens of one.
    SeveralIssuers,
    /// A function URL knows IAM only.
    FunctionUrl,
    /// A load balancer signs users in with a page and a cookie, and does not accept the tokens of API clients.
    LoadBalancer,
    /// The issuer is not a user pool, but the Cognito authorizer of a REST API accepts tokens of user pools only.
    ///
    /// REST APIs can have JWT authorizers as well, but none is generated
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-jwt-authorizer.html>).
    RestIssuer,
    /// The Cognito authorizer of a REST API accepts either id tokens or access tokens.
    RestAnyToken,
    /// The Cognito authorizer of a REST API accepts access tokens only if it demands scopes.
    RestAccessWithoutScopes,
    /// The JWT authorizer of an HTTP API names one issuer, but that of a user pool depends on a setting of the pool.
    ///
    /// Source: <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_IssuerConfigurationType.html>.
    HttpUserPool,
    /// The JWT authorizer of an HTTP API discovers the keys of the issuer with TLS only.
    HttpWithoutTls,
    /// An authorizer fetches the keys from the issuer, but the configuration has them in a file or in `jwks`. It would let
    /// through tokens that are signed with other keys of the issuer, which the function would not notice.
    ConfiguredKeys,
    /// The JWT authorizer of an HTTP API accepts signatures of RSA keys only.
    HttpAlgorithms,
    /// The JWT authorizer of an HTTP API needs a list of audiences or of clients.
    HttpAnyClient,
    /// The claims that an HTTP API passes on do not contain the type of the token.
    HttpTokenType,
    /// The claims that an API passes on do not contain a claim within a claim.
    NestedClaim,
}

impl InexactAuthorizer {
    /// Returns what to change so that an authorizer lets through every token that `[auth]` accepts.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::SeveralIssuers => "accept the tokens of one issuer only, in [auth]",
            Self::FunctionUrl | Self::LoadBalancer => "set api = \"rest\" or \"http\" in [deployment]",
            Self::RestIssuer => "set user_pool instead of issuer, or api = \"http\" in [deployment]",
            Self::RestAnyToken => "set token_use = \"id\", or token_use = \"access\" with scopes",
            Self::RestAccessWithoutScopes => {
                "set scopes in [auth], or in every route; with token_use = \"id\", none are needed"
            }
            Self::HttpUserPool => {
                "set issuer, to the `iss` of your tokens, and jwks_uri in place of user_pool; or api = \"rest\" in [deployment]"
            }
            Self::HttpWithoutTls => "set an issuer with https",
            Self::ConfiguredKeys => "remove jwks_file and jwks",
            Self::HttpAlgorithms => "remove algorithms, if the issuer signs with RS256",
            Self::HttpAnyClient => "list client_ids or audiences",
            Self::HttpTokenType => "remove token_type",
            Self::NestedClaim => "let the issuer write groups and scopes into claims of their own",
        }
    }
}

impl fmt::Display for InexactAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SeveralIssuers => "the generated authorizer of an API accepts the tokens of one issuer only",
            Self::FunctionUrl => "a function URL has no authorizer for tokens",
            Self::LoadBalancer => "a load balancer has no authorizer for the tokens of API clients",
            Self::RestIssuer => "the generated authorizer of a REST API accepts tokens of user pools only",
            Self::RestAnyToken => {
                "the authorizer of a REST API accepts either id tokens or access tokens, not both"
            }
            Self::RestAccessWithoutScopes => {
                "the authorizer of a REST API accepts access tokens only if it demands scopes"
            }
            Self::HttpUserPool => {
                "the authorizer of an HTTP API names the issuer, which depends on the setting IssuerConfiguration of the user pool"
            }
            Self::HttpWithoutTls => "the authorizer of an HTTP API accepts issuers with https only",
            Self::ConfiguredKeys => "the authorizer of an API fetches the keys from the issuer",
            Self::HttpAlgorithms => "the authorizer of an HTTP API accepts signatures of RSA keys only",
            Self::HttpAnyClient => "the authorizer of an HTTP API needs a list of audiences or clients",
            Self::HttpTokenType => "the authorizer of an HTTP API does not pass on the type of a token",
            Self::NestedClaim => "the authorizer of an API passes on no claims within a claim",
        })
    }
}

impl std::error::Error for InexactAuthorizer {}

/// Returns what to change like [`InexactAuthorizer::remedy`], with the values of the configuration.
pub(crate) fn remedy_for(inexact: InexactAuthorizer, auth: &Auth, routes: &[RouteConfig]) -> String {
    match (inexact, auth.only_issuer().and_then(|issuer| issuer.user_pool.as_ref())) {
        (InexactAuthorizer::HttpUserPool, Some(pool)) => {
            let [original, _] = pool.issuers();
            format!(
                "write issuer = \"{original}\" and jwks_uri = \"{}\" in place of user_pool (with issuer-cognito-idp in place of \
                 cognito-idp, if the setting is UPDATED); or api = \"rest\" in [deployment]",
                pool.jwks_uri()
            )
        }
        (InexactAuthorizer::RestAccessWithoutScopes, _) => {
            let (with, without): (Vec<_>, Vec<_>) =
                routes.iter().partition(|route| route.access.scopes().is_some());
            let without: Vec<String> = without.iter().map(|route| format!("[{}]", section(route))).collect();
            match with.is_empty() || without.is_empty() {
                true => inexact.remedy().to_owned(),
                false => format!("set scopes in {} as well, or in [auth]", without.join(" and ")),
            }
        }
        (InexactAuthorizer::ConfiguredKeys, _) => {
            let inline = |issuer: &AuthIssuer| matches!(issuer.keys, KeysFrom::Inline(_));
            let key = if auth.only_issuer().is_some_and(inline) { "jwks" } else { "jwks_file" };
            format!("remove {key}")
        }
        _ => inexact.remedy().to_owned(),
    }
}
