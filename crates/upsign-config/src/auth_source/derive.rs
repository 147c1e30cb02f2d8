//! The authorizer of an API that accepts every token that `[auth]` accepts.

use upsign_cognito::{Algorithm, TokenUse, VerifierConfig};
use upsign_documents::{ApiAuthorizer, ApiKind};

use super::inexact::InexactAuthorizer;
use crate::auth::{Auth, AuthIssuer, GatewayIdentity, KeysFrom};
use crate::config::RouteConfig;
use crate::source::file::one_of;

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
    let of_kind: fn(&AuthIssuer, Vec<String>) -> _ = match api {
        ApiKind::Rest => derive_cognito,
        ApiKind::Http => derive_jwt,
        ApiKind::LoadBalancer => return Err(InexactAuthorizer::LoadBalancer),
        _ => return Err(InexactAuthorizer::FunctionUrl),
    };
    let issuer = auth.only_issuer().ok_or(InexactAuthorizer::SeveralIssuers)?;
    of_kind(issuer, demanded_scopes(issuer, routes))
}

/// Returns the Cognito authorizer of a REST API.
fn derive_cognito(auth: &AuthIssuer, scopes: Vec<String>) -> Result<ApiAuthorizer, InexactAuthorizer> {
    let pool = auth.user_pool.as_ref().ok_or(InexactAuthorizer::RestIssuer)?;
    match auth.verifier.token_use() {
        TokenUse::Access if scopes.is_empty() => return Err(InexactAuthorizer::RestAccessWithoutScopes),
        TokenUse::Id | TokenUse::Access => {}
        _ => return Err(InexactAuthorizer::RestAnyToken),
    }
    check_keys_and_claims(auth)?;
    Ok(ApiAuthorizer::Cognito { user_pool: pool.to_string(), scopes })
}

/// Checks that an authorizer verifies with the keys that `auth` accepts, and that it passes on the claims that `auth` reads.
fn check_keys_and_claims(auth: &AuthIssuer) -> Result<(), InexactAuthorizer> {
    if auth.keys != KeysFrom::Issuer {
        return Err(InexactAuthorizer::ConfiguredKeys);
    }
    let is_nested = auth.verifier.groups_claim().is_path() || auth.verifier.scopes_claim().is_path();
    if is_nested { Err(InexactAuthorizer::NestedClaim) } else { Ok(()) }
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
    check_keys_and_claims(auth)?;
    let audiences = jwt_audiences(verifier);
    if audiences.is_empty() {
        return Err(InexactAuthorizer::HttpAnyClient);
    }
    Ok(ApiAuthorizer::Jwt { issuer: name.to_owned(), audiences, scopes })
}

/// Returns what an API of this kind identifies callers without tokens with, or else why it cannot, and what to change.
///
/// Sources: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html>,
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>.
pub(crate) fn derive_gateway(
    api: ApiKind,
    identity: &GatewayIdentity,
) -> Result<ApiAuthorizer, (String, String)> {
    let (authorizer, lack) = match identity {
        GatewayIdentity::LambdaAuthorizer(_) => (ApiAuthorizer::Lambda, "has no Lambda authorizer"),
        GatewayIdentity::Iam(_) => (ApiAuthorizer::Iam, "does not verify signatures with AWS credentials"),
    };
    if api.has_authorizer(&authorizer) {
        return Ok(authorizer);
    }
    let what = match api {
        ApiKind::LoadBalancer => "a load balancer",
        ApiKind::FunctionUrl => "a function URL",
        _ => "the API",
    };
    let others =
        ApiKind::ALL.into_iter().filter(|other| other.has_authorizer(&authorizer)).map(ApiKind::name);
    let others = one_of(&Vec::from_iter(others));
    Err((format!("{what} {lack}"), format!("set api = {others} in [deployment], or remove source")))
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
