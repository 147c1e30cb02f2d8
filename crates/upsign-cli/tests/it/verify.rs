//! `upsign verify` for one token.

use serde_json::Value;

use crate::run::{CONFIG, upsign};

/// `upsign dev` issues the token, and `upsign verify` fetches the keys of its user pool.
#[test]
fn a_token_is_verified_at_the_given_time() {
    let dev = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
    let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
    let config: Value =
        http.get(format!("{}dev/config.json", dev.url("page"))).send().unwrap().json().unwrap();
    let pool = &config["pool"];
    let request = serde_json::json!({
        "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": pool["clientId"],
        "AuthParameters": {"USERNAME": pool["username"], "PASSWORD": pool["password"]},
    });
    let endpoint = pool["endpoint"].as_str().unwrap();
    let answer = http
        .post(endpoint)
        .header("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth")
        .header("content-type", "application/x-amz-json-1.1")
        .body(request.to_string());
    let answer: Value = answer.send().unwrap().json().unwrap();
    let token = answer["AuthenticationResult"]["AccessToken"].as_str().unwrap();
    let issuer = format!("{endpoint}/local_upsign");
    let auth = format!(
        "issuer = \"{issuer}\"\njwks_uri = \"{issuer}/.well-known/jwks.json\"\ndanger_http_issuer = true"
    );
    let config = CONFIG
        .replace("user_pool = \"ap-southeast-1_AbCdEf123\"", &auth)
        .replace("3n4b5urk1ft4fl3mg5e62d9ado", pool["clientId"].as_str().unwrap());

    let verify = |more: &[&str], token: &str| {
        upsign(&[&["verify", "-", "--json"], more].concat())
            .file("upsign.toml", &config)
            .output_for_input(token)
    };
    let accepted = verify(&[], token);
    accepted.exits(0);
    assert_eq!(accepted.json()["result"], "accept");
    assert_eq!(accepted.json()["claims"]["username"], "alice");
    assert!(!accepted.stdout().contains(token.rsplit('.').next().unwrap()), "the signature was printed");

    let expired = verify(&["--at=2099-01-01T00:00:00Z"], token);
    expired.exits(1);
    assert_eq!((&expired.json()["result"], &expired.json()["code"]), (&"reject".into(), &"expired".into()));
    verify(&[], "x.y.z").exits(1);
    verify(&[], "").exits(1);
}

fn corpus() -> Value {
    serde_json::from_str(include_str!("../../../upsign-testing/vectors/jwt_attack.json")).unwrap()
}

/// Options replace the configuration file if they are complete. Both the result and a rejection are printed as text.
#[test]
fn options_alone_configure_the_verifier() {
    let corpus = corpus();
    let case = &corpus["cases"][0];
    let jwks = corpus["jwks_sets"]["main"].to_string();
    let token = case["token"].as_str().unwrap();
    let verify = |more: &[&str]| {
        let shared = ["verify", "-", "--jwks=keys.json", "--at=2026-01-01T00:00:00Z", "--token-use=access"];
        upsign(&[&shared, more].concat()).file("keys.json", &jwks).output_for_input(token)
    };
    let pool = "--user-pool=us-east-1_TestPool1";
    verify(&[pool, "--client-id=other", "--client-id=client-app-1"])
        .exits(0)
        .has_message("valid access token");
    verify(&[pool, "--client-id=other"]).exits(1).has_message("(client)");
    let issuer = "--issuer=https://cognito-idp.us-east-1.amazonaws.com/us-east-1_TestPool1";
    let client = "--client-id=client-app-1";
    verify(&[issuer, "--jwks-uri=https://id.example.com/keys", client]).exits(0);
    let http = "--jwks-uri=http://127.0.0.1:9/keys";
    verify(&[issuer, http, client]).exits(2).has_message("https");
    verify(&[issuer, http, client, "--danger-http-issuer"]).exits(0);
    verify(&[issuer, client]).exits(2);
    verify(&[pool]).exits(2);
    let keys = upsign(&["jwks", "keys.json"]).file("keys.json", &jwks).output();
    assert!(keys.exits(0).stdout().lines().any(|kid| kid == "rsa-1"));
    upsign(&["jwks", "keys.json"]).file("keys.json", "{}").output().exits(1).has_message("no array `keys`");
}

/// An option overrides one key of `[auth]` and leaves the others.
#[test]
fn options_override_the_file() {
    let corpus = corpus();
    let jwks = corpus["jwks_sets"]["main"].to_string();
    let verify = |more: &[&str], file: &str| {
        let shared = ["verify", "-", "--jwks=keys.json", "--at=2026-01-01T00:00:00Z", "--json"];
        let run = upsign(&[&shared, more].concat()).file("keys.json", &jwks).file("upsign.toml", file);
        run.output_for_input(corpus["cases"][0]["token"].as_str().unwrap())
    };
    let file = CONFIG.replace("ap-southeast-1_AbCdEf123", "us-east-1_TestPool1");
    assert_eq!(verify(&[], &file).exits(1).json()["code"], "client");
    verify(&["--client-id=client-app-1"], &file).exits(0);
    let file = file.replace("[auth]\n", "[auth]\ngroups = [\"admin\"]\n");
    assert_eq!(verify(&["--client-id=client-app-1"], &file).exits(1).json()["code"], "groups");
}
