//! The user pool: keys, tokens, sign-in and the HTTP interface.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use upsign_local::{LocalPool, LocalServerError, LocalUser, SignInError};
use upsign_testing::FixedClock;

use crate::support::{TestResponse, client};

const AT: &str = "2026-01-01T00:00:00Z";
const PAGE: &str = "http://127.0.0.1:8080";

async fn start() -> LocalPool {
    let ada = LocalUser::new("ada", "pässword").email("ada@example.com").group("authors").group("a, b");
    LocalPool::builder()
        .clock(FixedClock::new(AT))
        .pool_id("local_Test1")
        .client_id("client-1")
        .client_id("client-2")
        .user(ada)
        .user(LocalUser::new("bob", "pw"))
        .allowed_origin(PAGE)
        .start()
        .await
        .unwrap()
}

/// Verifies a token with the key that it names and returns its header and claims.
fn verify(token: &str, jwks: &str) -> (Value, Value) {
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&decode(header)).unwrap();
    let jwks: Value = serde_json::from_str(jwks).unwrap();
    let keys = jwks["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kid"] == header["kid"]).unwrap();
    assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&json!("RSA"), &json!("RS256"), &json!("sig")));
    let part = |name: &str| decode(key[name].as_str().unwrap());
    let components = RsaPublicKeyComponents { n: part("n"), e: part("e") };
    assert_eq!((components.n.len(), components.e.as_slice()), (256, &[1, 0, 1][..]));
    components.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &decode(signature)).unwrap();
    (header, serde_json::from_slice(&decode(claims)).unwrap())
}

fn get(url: &str) -> RequestBuilder {
    client().get(url)
}

#[tokio::test]
async fn tokens_have_the_scopes_and_claims_of_the_user() {
    let pool = start().await;
    let user = LocalUser::new("kim", "pw").scope("uploads/write").claim("custom:tenant", "acme");
    pool.add_user(user.claim("iss", "https://evil.example").claim("token_use", "any")).unwrap();
    let tokens = pool.sign_in("kim", "pw", "client-1", AT.parse().unwrap()).unwrap();
    let (_, access) = verify(tokens.access_token(), &pool.jwks());
    assert_eq!(access["scope"], "aws.cognito.signin.user.admin uploads/write");
    let (_, id) = verify(tokens.id_token(), &pool.jwks());
    assert_eq!(id.get("scope"), None);
    for (token, kind) in [(access, "access"), (id, "id")] {
        assert_eq!(token["custom:tenant"], "acme");
        // The claims of the pool take precedence.
        assert_eq!((&token["iss"], &token["token_use"]), (&json!(pool.issuer()), &json!(kind)));
    }
}

#[tokio::test]
async fn tokens_verify_and_have_cognito_claims() {
    let pool = start().await;
    let at = "2026-02-03T04:05:06Z".parse().unwrap();
    let tokens = pool.sign_in("ada", "pässword", "client-2", at).unwrap();
    assert_eq!(tokens.expires_at().to_string(), "2026-02-03T05:05:06Z");
    let jwks = get(&pool.jwks_url()).send().await.unwrap().text().await.unwrap();
    assert_eq!(jwks, pool.jwks());

    let (header, access) = verify(tokens.access_token(), &jwks);
    assert_eq!(header["alg"], "RS256");
    assert_eq!(header["kid"].as_str().unwrap().len(), 44);
    for (claim, value) in [
        ("iss", json!(format!("http://127.0.0.1:{}/local_Test1", pool.address().port()))),
        ("token_use", json!("access")),
        ("client_id", json!("client-2")),
        ("scope", json!("aws.cognito.signin.user.admin")),
        ("username", json!("ada")),
        ("cognito:groups", json!(["authors", "a, b"])),
        ("iat", json!(1_770_091_506)),
        ("auth_time", json!(1_770_091_506)),
        ("exp", json!(1_770_095_106)),
    ] {
        assert_eq!(access[claim], value, "{claim}");
    }
    assert_eq!((access.get("aud"), access.get("email")), (None, None));

    let (_, id) = verify(tokens.id_token(), &jwks);
    for (claim, value) in [
        ("token_use", json!("id")),
        ("aud", json!("client-2")),
        ("cognito:username", json!("ada")),
        ("cognito:groups", json!(["authors", "a, b"])),
        ("email", json!("ada@example.com")),
        ("email_verified", json!(true)),
        ("exp", json!(1_770_095_106)),
    ] {
        assert_eq!(id[claim], value, "{claim}");
    }
    assert_eq!((id.get("client_id"), id.get("scope"), id.get("username")), (None, None, None));
    for claim in ["sub", "iss", "origin_jti", "event_id"] {
        assert_eq!(id[claim], access[claim], "{claim}");
    }
    assert_ne!(id["jti"], access["jti"]);
    for claim in ["sub", "jti", "origin_jti"] {
        assert_eq!(access[claim].as_str().unwrap().len(), 36, "{claim}");
    }
}

#[tokio::test]
async fn sub_is_stable_and_token_ids_are_unique() {
    let pool = start().await;
    pool.add_user(LocalUser::new("eve", "pw").subject("a-given-sub")).unwrap();
    let claims = |user: &str, password: &str| {
        let tokens = pool.sign_in(user, password, pool.client_id(), AT.parse().unwrap()).unwrap();
        verify(tokens.access_token(), &pool.jwks()).1
    };
    let (first, second) = (claims("ada", "pässword"), claims("ada", "pässword"));
    assert_eq!(first["sub"], second["sub"]);
    assert_ne!(first["jti"], second["jti"]);
    let bob = claims("bob", "pw");
    assert_ne!(first["sub"], bob["sub"]);
    assert_eq!(bob.get("cognito:groups"), None);
    assert_eq!(claims("eve", "pw")["sub"], "a-given-sub");
    let other = start().await;
    let tokens = other.sign_in("ada", "pässword", "client-1", AT.parse().unwrap()).unwrap();
    assert_ne!(verify(tokens.access_token(), &other.jwks()).1["sub"], first["sub"]);
}

#[tokio::test]
async fn invalid_sign_in_is_rejected() {
    let pool = start().await;
    let sign_in = |user: &str, password: &str, client: &str| {
        pool.sign_in(user, password, client, AT.parse().unwrap()).unwrap_err()
    };
    assert_eq!(sign_in("ada", "wrong", "client-1"), SignInError::NotAuthorized);
    assert_eq!(sign_in("ada", "", "client-1"), SignInError::NotAuthorized);
    assert_eq!(sign_in("unknown", "pässword", "client-1"), SignInError::NotAuthorized);
    assert_eq!(sign_in("ada", "pässword", "client-3"), SignInError::UnknownClient);
    assert!(
        matches!(pool.add_user(LocalUser::new("ada", "x")), Err(LocalServerError::InvalidUserName(name)) if name == "ada")
    );
    assert!(matches!(pool.add_user(LocalUser::new("", "x")), Err(LocalServerError::InvalidUserName(_))));
}

#[tokio::test]
async fn replaced_user_keeps_the_sub_and_gets_other_groups() {
    let pool = start().await;
    let claims = |pool: &LocalPool| {
        let tokens = pool.sign_in("eve", "pw", pool.client_id(), AT.parse().unwrap()).unwrap();
        verify(tokens.access_token(), &pool.jwks()).1
    };
    pool.put_user(LocalUser::new("eve", "pw").group("readers")).unwrap();
    let before = claims(&pool);
    pool.put_user(LocalUser::new("eve", "pw").group("editors")).unwrap();
    let after = claims(&pool);
    assert_eq!(before["cognito:groups"], json!(["readers"]));
    assert_eq!(after["cognito:groups"], json!(["editors"]));
    assert_eq!(before["sub"], after["sub"]);
    assert!(matches!(pool.put_user(LocalUser::new("", "x")), Err(LocalServerError::InvalidUserName(_))));
}

#[tokio::test]
async fn rotation_keeps_the_old_key_published() {
    let pool = start().await;
    let sign_in = || pool.sign_in("bob", "pw", "client-1", AT.parse().unwrap()).unwrap();
    let before = sign_in();
    pool.rotate_keys().unwrap();
    let after = sign_in();
    let (old, claims) = verify(before.access_token(), &pool.jwks());
    let (new, later) = verify(after.access_token(), &pool.jwks());
    assert_ne!(old["kid"], new["kid"]);
    assert_eq!(claims["sub"], later["sub"]);
}

#[tokio::test]
async fn openid_configuration_names_the_jwks() {
    let pool = start().await;
    let url = format!("{}/.well-known/openid-configuration", pool.issuer());
    let response: Value =
        serde_json::from_str(&get(&url).send().await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!(response["issuer"], pool.issuer());
    assert_eq!(response["jwks_uri"], pool.jwks_url());
}

async fn initiate(pool: &LocalPool, body: &str) -> TestResponse {
    let request = client()
        .post(format!("{}/", pool.endpoint()))
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth")
        .body(body.to_owned());
    TestResponse::read(request.send().await.unwrap()).await
}

/// Returns the body of an `InitiateAuth` request.
fn sign_in_request(username: &str, password: &str) -> String {
    let parameters = json!({ "USERNAME": username, "PASSWORD": password });
    json!({ "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "client-1", "AuthParameters": parameters })
        .to_string()
}

#[tokio::test]
async fn initiate_auth_returns_tokens() {
    let pool = start().await;
    let response = initiate(&pool, &sign_in_request("ada", "pässword")).await.expect_status(200);
    assert_eq!(response.header("cache-control"), "no-store");
    assert_eq!(response.header("content-type"), "application/x-amz-json-1.1");
    let response: Value = serde_json::from_slice(&response.body).unwrap();
    let result = &response["AuthenticationResult"];
    assert_eq!((&result["TokenType"], &result["ExpiresIn"]), (&json!("Bearer"), &json!(3_600)));
    let (_, claims) = verify(result["AccessToken"].as_str().unwrap(), &pool.jwks());
    // The pool uses the clock that the test supplied.
    assert_eq!((&claims["iat"], &claims["client_id"]), (&json!(1_767_225_600), &json!("client-1")));
    verify(result["IdToken"].as_str().unwrap(), &pool.jwks());
}

#[tokio::test]
async fn initiate_auth_rejects_invalid_requests() {
    let pool = start().await;
    let other = |flow: &str, client: &str| {
        let parameters = json!({ "USERNAME": "ada", "PASSWORD": "pässword" });
        json!({ "AuthFlow": flow, "ClientId": client, "AuthParameters": parameters }).to_string()
    };
    for (body, kind) in [
        (sign_in_request("ada", "wrong"), "NotAuthorizedException"),
        (sign_in_request("unknown", "pässword"), "NotAuthorizedException"),
        (other("USER_PASSWORD_AUTH", "client-9"), "ResourceNotFoundException"),
        (other("USER_SRP_AUTH", "client-1"), "InvalidParameterException"),
        ("{}".to_owned(), "InvalidParameterException"),
        ("[]".to_owned(), "InvalidParameterException"),
        (json!({ "AuthFlow": 1 }).to_string(), "InvalidParameterException"),
        ("not json".to_owned(), "SerializationException"),
        (String::new(), "SerializationException"),
        (format!("\"{}\"", "x".repeat(20_000)), "SerializationException"),
    ] {
        let response = initiate(&pool, &body).await.expect_status(400);
        let text: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(text["__type"], kind, "{body}");
        assert_eq!(response.header("x-amzn-errortype"), kind);
    }
    let url = format!("{}/", pool.endpoint());
    let target = "AWSCognitoIdentityProviderService.InitiateAuth";
    let plain = client().post(&url).header("x-amz-target", target).header("content-type", "text/plain");
    assert_eq!(plain.body(sign_in_request("ada", "pässword")).send().await.unwrap().status().as_u16(), 400);
    let without_target = client().post(&url).header("content-type", "application/x-amz-json-1.1").body("{}");
    assert_eq!(without_target.send().await.unwrap().status().as_u16(), 400);
    assert_eq!(get(&url).send().await.unwrap().status().as_u16(), 404);
    assert_eq!(get(&format!("{}x", pool.jwks_url())).send().await.unwrap().status().as_u16(), 404);
}

#[tokio::test]
async fn only_allowed_origins_can_sign_in() {
    let pool = start().await;
    let url = format!("{}/", pool.endpoint());
    let preflight = |origin: &'static str| {
        let request = client().request(reqwest::Method::OPTIONS, &url).header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        request.header("access-control-request-headers", "content-type,x-amz-target").send()
    };
    let response = TestResponse::read(preflight(PAGE).await.unwrap()).await.expect_status(204);
    assert_eq!(response.header("access-control-allow-origin"), PAGE);
    assert!(response.header("access-control-allow-methods").contains("POST"));
    for name in ["content-type", "x-amz-target"] {
        assert!(response.header("access-control-allow-headers").contains(name));
    }
    assert_eq!(response.header("vary"), "Origin");
    let post = |origin: &'static str| {
        client()
            .post(&url)
            .header("origin", origin)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth")
            .body(sign_in_request("ada", "wrong"))
            .send()
    };
    // CORS headers let the page read the error.
    let response = TestResponse::read(post(PAGE).await.unwrap()).await.expect_status(400);
    assert_eq!(response.header("access-control-allow-origin"), PAGE);

    for origin in ["http://localhost:8080", "https://evil.example", "null"] {
        for response in [preflight(origin).await, post(origin).await] {
            let response = TestResponse::read(response.unwrap()).await.expect_status(403);
            assert_eq!(response.header("access-control-allow-origin"), "", "{origin}");
            assert_eq!(response.header("vary"), "Origin");
        }
    }
    pool.set_allowed_origins(["http://localhost:8080"]).unwrap();
    TestResponse::read(preflight("http://localhost:8080").await.unwrap()).await.expect_status(204);
    TestResponse::read(preflight(PAGE).await.unwrap()).await.expect_status(403);
    assert!(matches!(
        pool.set_allowed_origins(["http://localhost:8080/"]),
        Err(LocalServerError::InvalidOrigin(_))
    ));
}

#[tokio::test]
async fn invalid_configuration_is_rejected() {
    let builder = || LocalPool::builder().clock(FixedClock::new(AT));
    for id in ["", "no-underscore", "a/b_c", "../x_y"] {
        let error = builder().pool_id(id).start().await.unwrap_err();
        assert!(matches!(error, LocalServerError::InvalidPoolId(_)), "{id}");
    }
    let error = builder().allowed_origin("*").start().await.unwrap_err();
    assert!(matches!(error, LocalServerError::InvalidOrigin(_)));
    let duplicate = builder().user(LocalUser::new("ada", "x")).user(LocalUser::new("ada", "y"));
    assert!(matches!(duplicate.start().await.unwrap_err(), LocalServerError::InvalidUserName(_)));
    let pool = builder().token_lifetime_seconds(60).start().await.unwrap();
    assert_eq!((pool.pool_id(), pool.client_id()), ("local_upsign", "upsign-local-client"));
}
