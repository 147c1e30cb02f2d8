//! Who verifies the tokens of requests to the Lambda function: the function, or the authorizer of its API.

use std::fmt;

use upsign_cognito::{Algorithm, ListClaim, TokenUse, VerifierConfig};
use upsign_documents::{ApiAuthorizer, ApiKind};

use crate::auth::{Auth, AuthIssuer, KeysFrom};
use crate::build::section;
use crate::config::{Config, RouteConfig};

/// What verifies the tokens of requests to the Lambda function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthSource {
    /// The function verifies the token in the `Authorization` header itself.
    Token,
    /// The authorizer of the API verifies the token. The function compares the claims that it passes on with `[auth]`.
    Authorizer,
    /// A Lambda authorizer of the API identifies the caller, and passes on a context.
    LambdaAuthorizer,
    /// The API accepts requests that are signed with IAM credentials, and passes on whose they are.
    Iam,
}

/// The reason why no authorizer of an API lets through every token that `[auth]` accepts.
///
/// An authorizer may accept more, because the function compares the claims again. It must not accept less: the API would
/// refuse callers that the configuration accepts.
///
/// `Display` writes the reason, and [`remedy`](Self::remedy) returns what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InexactAuthorizer {
    /// There are several issuers, or none.
    SeveralIssuers,
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
    /// The JWT authorizer of an HTTP API names one issuer, but that of a user pool depends on a setting of the pool.
    ///
    /// Source: <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_IssuerConfigurationType.html>.
    HttpUserPool,
    /// The JWT authorizer of an HTTP API discovers the keys of the issuer with TLS only.
    HttpWithoutTls,
    /// The JWT authorizer of an HTTP API fetches the keys from the issuer, but the configuration has them in a file.
    HttpKeyFile,
    /// The JWT authorizer of an HTTP API accepts signatures of RSA keys only.
    HttpAlgorithms,
    /// The JWT authorizer of an HTTP API needs a list of audiences or of clients.
    HttpAnyClient,
    /// The claims that an HTTP API passes on do not contain the type of the token.
    HttpTokenType,
    /// The claims that an HTTP API passes on do not contain a claim within a claim.
    HttpNestedClaim,
}

impl AuthSource {
    /// Returns `token`, `authorizer`, `lambda-authorizer` or `iam`, as in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Authorizer => "authorizer",
            Self::LambdaAuthorizer => "lambda-authorizer",
            Self::Iam => "iam",
        }
    }
}

impl fmt::Display for AuthSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
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
            Self::HttpKeyFile => "remove jwks_file",
            Self::HttpAlgorithms => "remove algorithms, if the issuer signs with RS256",
            Self::HttpAnyClient => "list client_ids or audiences",
            Self::HttpTokenType => "remove token_type",
            Self::HttpNestedClaim => "let the issuer write groups and scopes into claims of their own",
        }
    }
}

impl fmt::Display for InexactAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SeveralIssuers => "the authorizer of an API accepts the tokens of one issuer only",
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
                "the authorizer of an HTTP API names the issuer, which depends on the setting IssuerConfiguration of the user pool"
            }
            Self::HttpWithoutTls => "the authorizer of an HTTP API accepts issuers with https only",
            Self::HttpKeyFile => "the authorizer of an HTTP API fetches the keys from the issuer",
            Self::HttpAlgorithms => "the authorizer of an HTTP API accepts signatures of RSA keys only",
            Self::HttpAnyClient => "the authorizer of an HTTP API needs a list of audiences or clients",
            Self::HttpTokenType => "the authorizer of an HTTP API does not pass on the type of a token",
            Self::HttpNestedClaim => "the authorizer of an HTTP API passes on no claims within a claim",
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
        _ => inexact.remedy().to_owned(),
    }
}

/// Returns why an authorizer that [`derive`] returned lets through every token of `[auth]`.
fn exact(authorizer: &ApiAuthorizer) -> &'static str {
    match authorizer {
        ApiAuthorizer::Cognito { scopes, .. } if scopes.is_empty() => "token_use is \"id\"",
        ApiAuthorizer::Cognito { .. } => "token_use is \"access\" and every caller needs a scope",
        _ => "[auth] names one issuer and the clients or audiences",
    }
}

impl Config {
    /// Returns what verifies the tokens of requests to the Lambda function: the value of `auth.source`, or by default the
    /// authorizer of the API if one exists that lets through every token that `[auth]` accepts.
    ///
    /// The generated documents and the Lambda function both follow it. `upsign serve` always verifies tokens itself.
    ///
    /// | `deployment.api` | `[auth]` | source |
    /// | --- | --- | --- |
    /// | `rest` | user pool, `token_use = "id"`, no scopes demanded | authorizer |
    /// | `rest` | user pool, `token_use = "access"`, scopes demanded | authorizer |
    /// | `rest` | anything else | token |
    /// | `http` | `issuer` with https; RS256, RS384 and RS512 only; `audiences` or `client_ids` listed; no `jwks_file`, no `token_type`, no claims within a claim | authorizer |
    /// | `http` | user pool, whose setting `IssuerConfiguration` decides the issuer | token |
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
            (None, Ok(authorizer)) => {
                format!(
                    "the authorizer lets through every token that [auth] accepts, because {}; the function compares the claims again",
                    exact(&authorizer)
                )
            }
            (None, Err(inexact)) => {
                format!("{inexact}; for an authorizer, {}", remedy_for(inexact, auth, &self.routes))
            }
        }
    }

    /// Returns what the authorizer of the API needs that the configuration does not tell, for people. Empty without an
    /// authorizer.
    ///
    /// Sources: a JWT authorizer reads the keys that the discovery document of the issuer names
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>), and a Cognito authorizer
    /// names the pool by its ARN, which contains the account
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-cross-account-cognito-authorizer.html>).
    #[must_use]
    pub fn authorizer_notes(&self) -> Vec<String> {
        let otherwise = "set auth.source = \"token\" to verify tokens in the function";
        match self.authorizer() {
            ApiAuthorizer::Jwt { issuer, .. } => vec![format!(
                "API Gateway reads the keys that {}/.well-known/openid-configuration names, not auth.jwks_uri; without such a \
                 document, the deployment fails: {otherwise}",
                issuer.trim_end_matches('/')
            )],
            ApiAuthorizer::Cognito { user_pool, .. } => vec![format!(
                "the authorizer expects the user pool {user_pool} in the account of the stack; if it is in another one, {otherwise}"
            )],
            _ => Vec::new(),
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
    let auth = auth.only_issuer().ok_or(InexactAuthorizer::SeveralIssuers)?;
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
        ApiKind::Http => derive_jwt(auth, scopes),
        ApiKind::LoadBalancer => Err(InexactAuthorizer::LoadBalancer),
        _ => Err(InexactAuthorizer::FunctionUrl),
    }
}

/// Returns the JWT authorizer of an HTTP API.
///
/// It reads the discovery document of the issuer, accepts RSA signatures only, and compares `aud`, or `client_id` of a token
/// without it (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>).
fn derive_jwt(auth: &AuthIssuer, scopes: Vec<String>) -> Result<ApiAuthorizer, InexactAuthorizer> {
    let verifier = &auth.verifier;
    let issuer = verifier.issuer();
    let mut names = issuer.names();
    let (Some(name), None) = (names.next(), names.next()) else {
        return Err(InexactAuthorizer::HttpUserPool);
    };
    if auth.keys != KeysFrom::Issuer {
        return Err(InexactAuthorizer::HttpKeyFile);
    }
    if !name.starts_with("https://") {
        return Err(InexactAuthorizer::HttpWithoutTls);
    }
    let is_rsa =
        |algorithm: &Algorithm| matches!(algorithm, Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512);
    if !verifier.algorithms().iter().all(is_rsa) {
        return Err(InexactAuthorizer::HttpAlgorithms);
    }
    if verifier.requires_type() {
        return Err(InexactAuthorizer::HttpTokenType);
    }
    // `realm_access.roles` is a path, `https://acme.example/groups` a name.
    let is_path = |claim: &ListClaim| claim.name().contains('.') && !claim.name().contains("://");
    if is_path(verifier.groups_claim()) || is_path(verifier.scopes_claim()) {
        return Err(InexactAuthorizer::HttpNestedClaim);
    }
    let audiences = jwt_audiences(verifier);
    if audiences.is_empty() {
        return Err(InexactAuthorizer::HttpAnyClient);
    }
    Ok(ApiAuthorizer::Jwt { issuer: name.to_owned(), audiences, scopes })
}

/// Returns what the `aud` of an accepted token can be, or its `client_id` if it has no `aud`.
fn jwt_audiences(verifier: &VerifierConfig) -> Vec<String> {
    let listed = verifier.audiences().unwrap_or_default().iter().map(ToString::to_string);
    let clients = || verifier.client_ids().map(str::to_owned);
    match (verifier.audiences(), verifier.token_use()) {
        (Some(_), _) if verifier.is_oidc() => listed.collect(),
        (Some(_), TokenUse::Access) => listed.collect(),
        // The audience of an id token of Cognito is its client.
        (Some(_), TokenUse::Any) if verifier.accepts_any_client() => Vec::new(),
        (Some(_), TokenUse::Any) => listed.chain(clients()).collect(),
        _ => clients().collect(),
    }
}

/// Returns the scopes of which every accepted token has at least one: those of `[auth]`, or else those of the routes if every
/// route demands some. Empty if a token without scopes is accepted.
fn demanded_scopes(auth: &AuthIssuer, routes: &[RouteConfig]) -> Vec<String> {
    // An authorizer knows the claims `scope` and `scp` only. The function compares any other claim.
    let claim = auth.verifier.scopes_claim().name();
    if claim != "scope" && !(claim == "scp" && auth.verifier.is_oidc()) {
        return Vec::new();
    }
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
