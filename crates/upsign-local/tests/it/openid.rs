//! The user pool as another OpenID Connect issuer: discovery, algorithms, audiences, and the spelling of groups and scopes.

use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use upsign_jwt::{
    Algorithm, HttpFetch, ListClaim, ListForm, TokenUse, TrustedIssuer, Verifier, VerifierConfig,
};
use upsign_local::{Clock, LocalPool, LocalUser, SystemClock};

use crate::support::{TestResponse, client};

const AUDIENCE: &str = "https://api.example.com";

fn production(token_use: TokenUse) -> VerifierConfig {
    let issuer = TrustedIssuer::discover("https://id.example.com/realms/main").unwrap();
    VerifierConfig::oidc(issuer, [AUDIENCE], token_use).unwrap()
}

async fn start(config: &VerifierConfig) -> LocalPool {
    let ada =
        LocalUser::new("ada", "pw").group("editors").group("staff").scope("write").claim("tenant", "acme");
    let pool =
        LocalPool::builder().tokens_for(config).user(ada.claim("level", 3)).user(LocalUser::new("bob", "pw"));
    pool.start().await.unwrap()
}

/// Returns a verifier with this configuration, but for the issuer, which it discovers over HTTP.
fn verifier(config: &VerifierConfig, pool: &LocalPool) -> Verifier<HttpFetch> {
    let issuer = TrustedIssuer::danger_http_discovery(&pool.issuer()).unwrap();
    Verifier::new(config.clone().with_issuer(issuer), HttpFetch::new())
}

#[tokio::test]
async fn tokens_of_every_algorithm_pass_the_configuration_of_production() {
    for algorithm in ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"] {
        let config = production(TokenUse::Access).with_algorithms([algorithm.parse().unwrap()]).unwrap();
        let pool = start(&config).await;
        let now = SystemClock.now();
        let tokens = pool.sign_in("ada", "pw", pool.client_id(), now).unwrap();
        // OpenID Connect Core 1.0, section 3.1.3.6: half of the hash of the algorithm, in base64url.
        let hash = payload(tokens.id_token())["at_hash"].as_str().unwrap().len();
        let expected = match algorithm {
            "RS384" | "ES384" => 32,
            "RS512" | "EdDSA" => 43,
            _ => 22,
        };
        assert_eq!(hash, expected, "{algorithm}");
        let verifier = verifier(&config, &pool);
        let claims = verifier.verify(tokens.access_token(), now).await.unwrap();
        assert_eq!(claims.groups().collect::<Vec<_>>(), ["editors", "staff"], "{algorithm}");
        pool.rotate_keys().unwrap();
        assert!(pool.jwks().matches(&format!("\"{algorithm}\"")).count() == 2, "{}", pool.jwks());
        // The type and the audience of the id token are those of another use.
        let error = verifier.verify(tokens.id_token(), now).await.unwrap_err();
        assert!(["token-use", "audience"].contains(&error.code()), "{error}");
    }
}

#[tokio::test]
async fn groups_and_scopes_have_the_configured_names_and_forms() {
    for (groups, groups_form, scopes, scopes_form) in [
        ("realm_access.roles", ListForm::Json, "scope", ListForm::Space),
        ("https://acme.example/roles", ListForm::Json, "scp", ListForm::Json),
        ("roles", ListForm::Comma, "permissions", ListForm::Comma),
        ("custom:groups", ListForm::Bracket, "scope", ListForm::Space),
    ] {
        let config = production(TokenUse::Access)
            .with_groups_claim(ListClaim::new(groups, groups_form))
            .with_scopes_claim(ListClaim::new(scopes, scopes_form))
            .with_subject_claim("oid")
            .with_identity_claims(["tenant", "level"])
            .with_required_groups(["staff"])
            .and_then(|config| config.with_required_scopes(["write"]))
            .unwrap();
        let pool = start(&config).await;
        let now = SystemClock.now();
        let sign_in = |user: &str| pool.sign_in(user, "pw", pool.client_id(), now).unwrap();
        let verifier = verifier(&config, &pool);
        let claims = verifier.verify(sign_in("ada").access_token(), now).await.unwrap();
        assert_eq!(claims.identity().claim("tenant"), Some("acme"), "{groups}");
        assert_eq!(claims.identity().claim("level"), Some("3"), "{groups}");
        let refused = verifier.verify(sign_in("bob").access_token(), now).await.unwrap_err();
        assert_eq!(refused.code(), "groups", "{groups}");
    }
}

#[tokio::test]
async fn id_tokens_name_the_client_and_the_audiences() {
    for client_ids in [None, Some("web")] {
        let mut config = production(TokenUse::Id);
        if let Some(client_id) = client_ids {
            config = config.with_client_ids([client_id]).unwrap();
        }
        let pool = start(&config).await;
        assert_eq!(pool.client_id(), client_ids.unwrap_or(AUDIENCE));
        let now = SystemClock.now();
        let tokens = pool.sign_in("ada", "pw", pool.client_id(), now).unwrap();
        let verifier = verifier(&config, &pool);
        verifier.verify(tokens.id_token(), now).await.unwrap();
        assert_eq!(verifier.verify(tokens.access_token(), now).await.unwrap_err().code(), "token-use");
    }
}

/// A resource server of Cognito: access tokens name the API (RFC 8707), groups come from a company directory.
#[tokio::test]
async fn cognito_tokens_have_audiences_and_the_groups_of_a_directory() {
    let issuer = TrustedIssuer::discover("https://pool.example.com").unwrap();
    let config = VerifierConfig::new(issuer, ["web"], TokenUse::Any)
        .and_then(|config| config.with_audiences([AUDIENCE, "second"]))
        .unwrap()
        .with_groups_claim(ListClaim::new("custom:groups", ListForm::Bracket));
    let pool = start(&config).await;
    let now = SystemClock.now();
    let tokens = pool.sign_in("ada", "pw", "web", now).unwrap();
    let verifier = verifier(&config, &pool);
    for token in [tokens.access_token(), tokens.id_token()] {
        let claims = verifier.verify(token, now).await.unwrap();
        assert_eq!(claims.groups().collect::<Vec<_>>(), ["editors", "staff"]);
    }
}

#[tokio::test]
async fn options_can_be_set_without_a_verifier() {
    let pool = LocalPool::builder()
        .openid()
        .algorithm(Algorithm::Es256)
        .audience("first")
        .audience("second")
        .groups_claim(ListClaim::new("roles", ListForm::Comma))
        .scopes_claim(ListClaim::new("scp", ListForm::Json))
        .client_id("web")
        .user(LocalUser::new("ada", "p w+\u{e9}").group("a").group("b").scope("write"));
    let pool = pool.start().await.unwrap();
    let url = format!("{}/.well-known/openid-configuration", pool.issuer());
    let document = TestResponse::read(client().get(&url).send().await.unwrap()).await.expect_status(200);
    let document: Value = serde_json::from_slice(&document.body).unwrap();
    assert_eq!(document["id_token_signing_alg_values_supported"], json!(["ES256"]));
    let tokens = sign_in(
        document["token_endpoint"].as_str().unwrap(),
        "grant_type=password&client_id=web&username=ada&password=p+w%2B%C3%A9",
    )
    .await;
    let tokens: Value = serde_json::from_slice(&tokens.expect_status(200).body).unwrap();
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(3_600)));
    let claims = payload(tokens["access_token"].as_str().unwrap());
    for (name, value) in [
        ("aud", json!(["first", "second"])),
        ("roles", json!("a,b")),
        ("scp", json!(["openid", "write"])),
        ("client_id", json!("web")),
        ("preferred_username", json!("ada")),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert_eq!(
        (claims.get("token_use"), claims.get("cognito:groups"), claims.get("scope")),
        (None, None, None)
    );
}

fn payload(token: &str) -> Value {
    use base64::Engine;
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

async fn sign_in(endpoint: &str, form: &str) -> TestResponse {
    let request = client().post(endpoint).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    TestResponse::read(request.body(form.to_owned()).send().await.unwrap()).await
}

#[tokio::test]
async fn token_endpoint_refuses_other_requests() {
    let pool = start(&production(TokenUse::Access)).await;
    let endpoint = format!("{}/oauth2/token", pool.issuer());
    let valid = "grant_type=password&client_id=upsign-local-client&username=ada&password=pw";
    sign_in(&endpoint, valid).await.expect_status(200);
    for (form, error) in [
        (valid.replace("=pw", "=wrong"), "invalid_grant"),
        (valid.replace("=ada", "=eve"), "invalid_grant"),
        (valid.replace("upsign-local-client", "other"), "invalid_client"),
        (valid.replace("=password", "=client_credentials"), "unsupported_grant_type"),
        (valid.replace("&username=ada", ""), "invalid_request"),
        (format!("{valid}&username=bob"), "invalid_request"),
        // Not an error of the form: https://url.spec.whatwg.org/#percent-decode leaves such a `%` as it is.
        (valid.replace("=pw", "=%zz"), "invalid_grant"),
    ] {
        let response = sign_in(&endpoint, &form).await.expect_status(400);
        assert_eq!(response.header("cache-control"), "no-store");
        let body: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(body["error"], error, "{form}");
        assert!(!response.text().contains("eyJ"));
    }
    let other_type =
        client().post(&endpoint).header(CONTENT_TYPE, "application/json").body("{}").send().await.unwrap();
    assert_eq!(other_type.status().as_u16(), 400);
    // Neither form of sign-in exists at the other kind of issuer.
    assert_eq!(client().post(pool.endpoint()).send().await.unwrap().status().as_u16(), 404);
    let cognito = LocalPool::builder().user(LocalUser::new("ada", "pw")).start().await.unwrap();
    let absent = sign_in(&format!("{}/oauth2/token", cognito.issuer()), valid).await;
    absent.expect_status(404);
}
