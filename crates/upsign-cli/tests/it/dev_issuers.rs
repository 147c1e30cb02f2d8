//! `upsign dev --config`: embedded issuers with the shape of those in the file.

use serde_json::{Value, json};

use crate::dev::{client, dev_with_arguments, dev_with_config};
use crate::run::{Serving, upsign};

const ROUTE: &str = r#"
[bucket]
name = "documents-bucket"
region = "eu-central-1"

[upload]
key = "KEY"
types = ["application/pdf"]
max_size = "1 MiB"
bodyless = "refuse"
groups = ["editors"]

[cors]
origins = ["https://app.example.com"]
"#;

/// A Keycloak realm: nested groups, another algorithm, a scope for the API.
const KEYCLOAK: &str = r#"
[auth]
provider = "oidc"
issuer = "https://id.example.com/realms/main"
audiences = ["upload-api"]
client_ids = ["web"]
token_use = "access"
algorithms = ["ES256"]
groups_claim = { claim = "realm_access.roles", form = "json" }
scopes = ["write"]
"#;

/// A user pool and a tenant of Auth0.
pub(crate) const SEVERAL: &str = r#"
[bucket]
name = "documents-bucket"
region = "eu-central-1"

[upload]
key = "{issuer}/{sub}/{id}.{ext}"
types = ["application/pdf"]
max_size = "1 MiB"
bodyless = "refuse"
groups = ["editors"]

[cors]
origins = ["https://app.example.com"]

[[auth]]
name = "shop"
user_pool = "eu-central-1_AbCdEf123"
client_ids = ["shop-client"]
token_use = "access"

[[auth]]
name = "staff"
provider = "oidc"
issuer = "https://acme.eu.auth0.com/"
audiences = ["https://uploads.acme.example"]
token_use = "access"
groups_claim = { claim = "https://acme.example/roles", form = "json" }
"#;

/// The route with callers of [`KEYCLOAK`].
pub(crate) fn keycloak() -> String {
    format!("{}{KEYCLOAK}", ROUTE.replace("KEY", "{sub}/{id}.{ext}"))
}

const DOCUMENT: &str = r#"{"contentType": "application/pdf", "contentLength": 5}"#;

fn get(url: &str) -> String {
    let answer = client().get(url).send().unwrap();
    assert_eq!(answer.status(), 200, "{url}");
    answer.text().unwrap()
}

/// Requests an upload URL, and returns the status and the answer.
fn request(server: &Serving, header: &str, token: &str) -> (u16, Value) {
    let request =
        client().post(format!("{}upload-url", server.url("page"))).header(header, format!("Bearer {token}"));
    let answer = request.header("content-type", "application/json").body(DOCUMENT).send().unwrap();
    (answer.status().as_u16(), answer.json().unwrap())
}

fn payload(token: &str) -> Value {
    use base64::Engine;
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn issuer_of_another_provider_is_discovered_and_has_its_claims() {
    let server = dev_with_config(&keycloak());
    let token = get(&server.url("token"));
    let claims = payload(&token);
    for (name, value) in [
        ("aud", json!("upload-api")),
        ("client_id", json!("web")),
        ("realm_access", json!({"roles": ["editors"]})),
        ("scope", json!("openid write")),
        ("iss", server.ready["issuers"][0]["issuer"].clone()),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert_eq!((claims.get("token_use"), claims.get("cognito:groups")), (None, None));
    let issuer = claims["iss"].as_str().unwrap();
    let document: Value =
        serde_json::from_str(&get(&format!("{issuer}/.well-known/openid-configuration"))).unwrap();
    assert_eq!(
        (&document["issuer"], &document["id_token_signing_alg_values_supported"]),
        (&json!(issuer), &json!(["ES256"]))
    );
    let (status, answer) = request(&server, "authorization", &token);
    assert_eq!(status, 200, "{answer}");
    let (status, answer) =
        request(&server, "authorization", &get(&format!("{}?user=bob", server.url("token"))));
    assert_eq!((status, answer.get("uploadUrl")), (403, None), "{answer}");
    // A page of the issuer's origin list reads the documents; the token endpoint signs users in.
    let page = server.url("page");
    let origin = page.trim_end_matches('/');
    let answer =
        client().get(document["jwks_uri"].as_str().unwrap()).header("origin", origin).send().unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], origin);
    let config: Value = serde_json::from_str(&get(&format!("{page}dev/config.json"))).unwrap();
    let form = format!(
        "grant_type=password&client_id=web&username=alice&password={}",
        config["password"].as_str().unwrap()
    );
    let answer = client()
        .post(config["issuers"][0]["endpoint"].as_str().unwrap())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let tokens: Value = answer.send().unwrap().json().unwrap();
    assert_eq!(request(&server, "authorization", tokens["access_token"].as_str().unwrap()).0, 200);
    // An id token of the same issuer is refused, as there.
    assert_eq!(request(&server, "authorization", tokens["id_token"].as_str().unwrap()).0, 401);
}

#[test]
fn several_issuers_have_their_names_and_clients() {
    let server = dev_with_config(SEVERAL);
    let issuers = server.ready["issuers"].as_array().unwrap();
    let names: Vec<&Value> = issuers.iter().map(|issuer| &issuer["name"]).collect();
    assert_eq!(names, ["shop", "staff"]);
    assert_eq!(
        (&issuers[0]["clientId"], &issuers[1]["audiences"]),
        (&json!("shop-client"), &json!(["https://uploads.acme.example"]))
    );
    let mut subjects = Vec::new();
    for (query, prefix) in [
        ("", "shop/"),
        ("?issuer=shop", "shop/"),
        ("?issuer=staff", "staff/"),
        ("?user=alice&issuer=staff", "staff/"),
    ] {
        let token = get(&format!("{}{query}", server.url("token")));
        let (status, answer) = request(&server, "authorization", &token);
        let key = answer["key"].as_str().unwrap_or_default();
        assert!(key.starts_with(prefix), "{query}: {status} {answer}");
        subjects.push(payload(&token)["sub"].clone());
    }
    assert_ne!(subjects[0], subjects[2]);
    assert_eq!(
        payload(&get(&format!("{}?issuer=staff", server.url("token"))))["https://acme.example/roles"],
        json!(["editors"])
    );
    let unknown = client().get(format!("{}?issuer=other", server.url("token"))).send().unwrap();
    assert_eq!(
        (unknown.status().as_u16(), unknown.text().unwrap()),
        (404, "there is no issuer of this name: the issuers are shop, staff\n".to_owned())
    );
    let errors = server.terminate_and_read("errors");
    assert!(errors.contains("the issuers of [[auth]] are the embedded ones"), "{errors}");
}

#[test]
fn token_header_is_the_only_source_of_the_token() {
    let text = keycloak().replace("[auth]", "[auth]\ntoken_header = \"x-upload-token\"");
    let server = dev_with_config(&text);
    let token = get(&server.url("token"));
    assert_eq!(request(&server, "authorization", &token).0, 401);
    assert_eq!(request(&server, "x-upload-token", &token).0, 200);
    let config: Value =
        serde_json::from_str(&get(&format!("{}dev/config.json", server.url("page")))).unwrap();
    assert_eq!(config["tokenHeader"], "x-upload-token");
    // The preflight of an admitted page allows the header.
    let page = "http://localhost:5173";
    let server = dev_with_arguments(&text, &["--origin", page]);
    let request = client().request(reqwest::Method::OPTIONS, format!("{}upload-url", server.url("page")));
    let request = request.header("origin", page).header("access-control-request-method", "POST");
    let answer = request.header("access-control-request-headers", "x-upload-token").send().unwrap();
    let allowed = answer.headers()["access-control-allow-headers"].to_str().unwrap();
    assert!(allowed.to_lowercase().contains("x-upload-token"), "{allowed}");
}

/// The server accepts a head that such a token fits into.
#[test]
fn token_of_many_groups_is_accepted_up_to_the_configured_length() {
    let text = keycloak().replace("[auth]", "[auth]\nmax_token_size = \"32 KiB\"");
    let groups: Vec<String> = (0..200).map(|n| format!("--group=department-{n:080}")).collect();
    let user = ["--user=alice", "--group=editors", "--scope=write"].map(str::to_owned);
    let arguments: Vec<&str> = user.iter().chain(&groups).map(String::as_str).collect();
    let server = dev_with_arguments(&text, &arguments);
    let token = get(&server.url("token"));
    assert!(token.len() > 20_000, "{}", token.len());
    assert_eq!(request(&server, "authorization", &token).0, 200);
}

/// Only the Lambda function gets the events that identify these callers.
#[test]
fn callers_without_tokens_are_refused() {
    let route = ROUTE.replace("KEY", "{sub}/{id}.{ext}").replace("groups = [\"editors\"]\n", "");
    for source in [
        "source = \"iam\"\nuser_pool = \"eu-central-1_AbCdEf123\"",
        "source = \"lambda-authorizer\"\nissuer = \"https://login.example.com\"\nsubject_claim = \"user_id\"",
    ] {
        let text = format!("{route}[auth]\n{source}\n");
        let run = upsign(&["dev", "--config=upsign.toml"]).file("upsign.toml", &text).output();
        run.exits(2).has_message("auth.source: callers of this configuration have no tokens");
    }
}
