//! Why no authorizer of an API lets through every token that `[auth]` accepts, and what to change.

use std::fmt;

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
            Self::RestIssuer => {
                "set api = \"http\" in [deployment]; or user_pool in place of issuer, if the issuer is a user pool"
            }
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
