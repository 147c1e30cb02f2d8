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
    let pool = &config["issuers"][0];
    let request = serde_json::json!({
        "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": pool["clientId"],
        "AuthParameters": {"USERNAME": config["users"][0]["name"], "PASSWORD": config["password"]},
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
        "issuer = \"{issuer}\"\njwks_uri = \"{issuer}/.well-known/jwks.json\"\ndanger_http_keys = true"
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
    verify(&[issuer, http, client])
        .exits(2)
        .has_message("--jwks-uri http://127.0.0.1:9/keys must be https://")
        .has_message("add --danger-http-keys");
    // An issuer is only compared, so it can be http.
    verify(&["--issuer=http://localhost/pool", http, client])
        .exits(2)
        .has_message("--jwks-uri http://127.0.0.1:9/keys must be https://");
    verify(&["--issuer=http://localhost/pool", client]).exits(1).has_message("(issuer)");
    verify(&[issuer, http, client, "--danger-http-keys"]).exits(0);
    // The keys are in a file, so their address is not needed.
    verify(&[issuer, client]).exits(0);
    upsign(&["verify", "-", issuer, client]).output_for_input("a.b.c").exits(2).has_message("--jwks-uri URL");
}

/// The user pool alone shows every fault of a token, but does not accept it: what is not checked then is said, with the options
/// that check it.
#[test]
fn user_pool_alone_verifies_a_token_without_a_file() {
    let corpus = corpus();
    let jwks = corpus["jwks_sets"]["main"].to_string();
    let token = corpus["cases"][0]["token"].as_str().unwrap();
    let verify = |more: &[&str], token: &str| {
        let shared = ["verify", "-", "--jwks=keys.json", "--at=2026-01-01T00:00:00Z"];
        upsign(&[&shared, more].concat()).file("keys.json", &jwks).output_for_input(token)
    };
    let pool = "--user-pool=us-east-1_TestPool1";
    verify(&[pool], token)
        .exits(1)
        .has_message("not checked: the app client (--client-id) and the kind of token (--token-use)")
        .has_message("pass --client-id client-app-1 --token-use access");
    verify(&[pool, "--token-use=access"], token)
        .exits(1)
        .has_message("not checked: the app client (--client-id)")
        .has_message("pass --client-id client-app-1");
    verify(&[pool, "--client-id=client-app-1", "--token-use=access"], token).exits(0);
    verify(&[pool, "--client-id=other"], token)
        .exits(1)
        .has_message("add \"client-app-1\" to client_ids in [auth]");
    let arn = "--user-pool=arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_TestPool1";
    assert_eq!(verify(&[arn, "--json"], token).exits(1).json()["error"]["code"], "not-checked");
    verify(&[pool, "--at=2099-01-01T00:00:00Z"], token).exits(2);
    let other = verify(&["--user-pool=us-east-1_Other"], token);
    other.exits(1).has_message("us-east-1_TestPool1`, expected https://").has_message("us-east-1_Other");
    for text in ["", "x", "a.b.c", "e30.e30.AAAA"] {
        verify(&[pool], text).exits(1);
    }
    let shared = ["verify", "-", "--jwks=keys.json", "--at=2026-01-01T00:00:00Z", pool];
    let invalid = |more: &[&str]| {
        let run =
            upsign(&[&shared, more].concat()).file("keys.json", &jwks).file("upsign.toml", "[bucket]\n");
        run.output_for_input(token)
    };
    invalid(&[])
        .exits(1)
        .has_message("upsign.toml is not valid and not used")
        .has_message("--client-id client");
    invalid(&["--config=upsign.toml"]).exits(2);
    let unconfigured = verify(&[], token);
    unconfigured.exits(2).has_message("pass --user-pool us-east-1_TestPool1, the pool that the token names");
    verify(&[], "a.b.c").exits(2).has_message("pass --user-pool ID, or add [auth] to upsign.toml");
    verify(&[], "Bearer x").exits(1).has_message("this has 1").has_message("paste it without \"Bearer \"");
}

/// What people paste in place of a token is recognized, and a rejection says how far off the token is.
#[test]
fn rejections_say_what_to_do() {
    let corpus = corpus();
    let jwks = corpus["jwks_sets"]["main"].to_string();
    let token = corpus["cases"][0]["token"].as_str().unwrap();
    let verify = |at: &str, token: &str| {
        let shared = ["verify", "-", "--jwks=keys.json", "--user-pool=us-east-1_TestPool1", at];
        upsign(&shared).file("keys.json", &jwks).output_for_input(token)
    };
    let pasted = |text: &str, help: &str| {
        verify("--at=2026-01-01T00:00:00Z", text).exits(1).has_message("(not-compact)").has_message(help);
    };
    pasted("hello", "this is not a JWT: a token is three parts joined by dots (eyJ….eyJ….abc), this has 1");
    pasted(&format!("Bearer {token}"), "help: paste it without \"Bearer \"");
    pasted(&format!("\"{token}\""), "help: paste it without quotes");
    pasted("a.b.c.d.e", "refresh token");
    pasted("", "help: nothing was read");
    verify("--at=2036-01-01T00:00:00Z", token).exits(1).has_message(" ago, at ").has_message("--at");
    verify("--at=2016-01-01T00:00:00Z", token).exits(1).has_message("in the future").has_message("clock");
}

/// A token that names another issuer is rejected before the keys of the accepted one are fetched.
#[test]
fn issuer_is_compared_before_keys_are_fetched() {
    let token = corpus()["cases"][0]["token"].as_str().unwrap().to_owned();
    let issuer =
        ["--issuer=http://127.0.0.1:1/pool", "--jwks-uri=http://127.0.0.1:1/keys", "--danger-http-keys"];
    let rejected = upsign(&[&["verify", "-"], &issuer[..]].concat()).output_for_input(&token);
    rejected
        .exits(1)
        .has_message("issuer mismatch: the token was issued by `https://cognito-idp.us-east-1.amazonaws.com/")
        .has_message("expected http://127.0.0.1:1/pool (issuer)")
        .has_message("write user_pool = \"us-east-1_TestPool1\" in [auth] of upsign.toml");
    let json = upsign(&[&["verify", "-", "--json"], &issuer[..]].concat()).output_for_input(&token);
    assert_eq!(json.exits(1).json()["code"], "issuer");
    let dev = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
    let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
    let token = client.get(dev.url("token")).send().unwrap().text().unwrap();
    let run = upsign(&["verify", "-"]).file("upsign.toml", CONFIG).output_for_input(&token);
    run.exits(1).has_message("issuer mismatch").has_message("issuer and jwks_uri");
}

/// A key endpoint that fails is named, with all causes, and as JSON with `--json`.
#[test]
fn unreachable_keys_are_named_with_their_cause() {
    let issuer = [
        "--issuer=https://cognito-idp.us-east-1.amazonaws.com/us-east-1_TestPool1",
        "--jwks-uri=http://127.0.0.1:1/jwks.json",
        "--danger-http-keys",
    ];
    let token = corpus()["cases"][0]["token"].as_str().unwrap().to_owned();
    let text = upsign(&[&["verify", "-"], &issuer[..]].concat()).output_for_input(&token);
    text.exits(1)
        .has_message("cannot verify the token: cannot fetch http://127.0.0.1:1/jwks.json: ")
        .has_message("onnection refused");
    let json = upsign(&[&["verify", "-", "--json"], &issuer[..]].concat()).output_for_input(&token);
    assert_eq!(json.exits(1).json()["error"]["code"], "keys-unavailable");
    let keys = upsign(&["jwks", "--jwks-uri=http://127.0.0.1:1/jwks.json"]).output();
    keys.exits(1).has_message("cannot fetch http://127.0.0.1:1/jwks.json: ").has_message("onnection refused");
}

/// The keys of a file, of standard input, of an address, or of the configured issuer.
#[test]
fn usable_keys_are_listed() {
    let jwks = corpus()["jwks_sets"]["main"].to_string();
    let keys = upsign(&["jwks", "keys.json"]).file("keys.json", &jwks).output();
    assert!(keys.exits(0).stdout().lines().any(|kid| kid == "rsa-1"));
    let keys = upsign(&["jwks", "-", "--json"]).output_for_input(&jwks);
    assert!(keys.exits(0).json()["usable_kids"].as_array().unwrap().contains(&"rsa-1".into()));

    let invalid = |text: &str| upsign(&["jwks", "keys.json", "--json"]).file("keys.json", text).output();
    assert_eq!(
        invalid("{}").exits(1).json()["error"]["message"],
        "keys.json: the key set has no array `keys`"
    );
    assert!(invalid("{\"keys\":").exits(1).json()["error"]["code"].is_string());
    let unusable = r#"{"keys":[{"kty":"EC","kid":"a","crv":"P-256","x":"AA","y":"AA"}]}"#;
    let unusable = upsign(&["jwks", "keys.json"]).file("keys.json", unusable).output();
    unusable.exits(0).has_message("no key of this set can verify tokens");

    let unconfigured = upsign(&["jwks"]).output();
    unconfigured.exits(2).has_message("pass --user-pool ID or --jwks-uri URL");
    upsign(&["jwks", "--user-pool=nonsense"]).output().exits(2).has_message("a user pool id is a region");
    let http = upsign(&["jwks", "--jwks-uri=http://id.example.com/keys"]).output();
    http.exits(1).has_message("write https://");
    let no_url = upsign(&["jwks", "--jwks-uri=foo"]).output();
    no_url
        .exits(2)
        .has_message("--jwks-uri: \"foo\" is not a URL")
        .has_message("https://id.example.com/.well-known/");
    let cut_off = upsign(&["jwks", "keys.json"]).file("keys.json", "{\"keys\":[\n{\"kid\":\n").output();
    cut_off.exits(1).has_message("error: keys.json: the JSON ends too early\n  --> keys.json:2:7\n");
    upsign(&["verify", "a.b.c", "--issuer=foo"])
        .output()
        .exits(2)
        .has_message("--issuer: \"foo\" is not a URL");
    for (issuer, option) in [("foo", "--issuer"), ("https://id.example.com", "--jwks-uri")] {
        let uri = if option == "--issuer" { "https://id.example.com/keys" } else { "foo" };
        let run = upsign(&["verify", "a.b.c", "--issuer", issuer, "--jwks-uri", uri]).output();
        run.exits(2)
            .has_message(&format!("error: {option}: \"foo\" is not a URL\nhelp: write it as in https://"));
    }

    let dev = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
    let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
    let page = format!("{}dev/config.json", dev.url("page"));
    let settings: Value = client.get(page).send().unwrap().json().unwrap();
    let issuer = format!("{}/local_upsign", settings["issuers"][0]["endpoint"].as_str().unwrap());
    let uri = format!("{issuer}/.well-known/jwks.json");
    let fetched = upsign(&["jwks", &format!("--jwks-uri={uri}")]).output();
    let auth = format!("issuer = \"{issuer}\"\njwks_uri = \"{uri}\"\ndanger_http_keys = true");
    let config = CONFIG.replace("user_pool = \"ap-southeast-1_AbCdEf123\"", &auth);
    let configured = upsign(&["jwks"]).file("upsign.toml", &config).output();
    assert_eq!(fetched.exits(0).stdout(), configured.exits(0).stdout());
    assert_eq!(fetched.stdout().lines().count(), 1);
    let absent = upsign(&["jwks", &format!("--jwks-uri={issuer}/absent")]).output();
    absent
        .exits(1)
        .has_message("returned status 404")
        .has_message(&format!("cannot fetch {issuer}/absent: "));
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
