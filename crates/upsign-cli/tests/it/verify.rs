use serde_json::Value;

use crate::run::{CONFIG, upsign};

/// The embedded pool, kept running by `upsign dev`, gives tokens; `upsign verify` judges them by its keys.
#[test]
fn a_token_is_judged_at_a_time() {
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
        upsign(&[&["verify", "-", "--json"], more].concat()).file("upsign.toml", &config).given(token)
    };
    let accepted = verify(&[], token);
    accepted.exits(0);
    assert_eq!(accepted.json()["result"], "accept");
    assert_eq!(accepted.json()["claims"]["username"], "alice");
    assert!(!accepted.stdout().contains(token.rsplit('.').next().unwrap()), "the signature was printed");

    let late = verify(&["--at=2099-01-01T00:00:00Z"], token);
    late.exits(1);
    assert_eq!((&late.json()["result"], &late.json()["code"]), (&"reject".into(), &"expired".into()));
    verify(&[], "x.y.z").exits(1);
    verify(&[], "").exits(1);
}
