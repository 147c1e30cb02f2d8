//! `upsign dev`: the page, its endpoints, and `--config`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::blocking::Client;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::run::{Serving, upsign};

pub(crate) fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

/// Signs in with the user of the embedded pool and returns the access token.
pub(crate) fn token(config: &Value) -> String {
    let pool = &config["issuers"][0];
    let request = json!({
        "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": pool["clientId"],
        "AuthParameters": {"USERNAME": config["users"][0]["name"], "PASSWORD": config["password"]},
    });
    let answer = client()
        .post(pool["endpoint"].as_str().unwrap())
        .header("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth")
        .header("content-type", "application/x-amz-json-1.1")
        .body(request.to_string())
        .send()
        .unwrap();
    let answer: Value = answer.json().unwrap();
    answer["AuthenticationResult"]["AccessToken"].as_str().unwrap().to_owned()
}

#[test]
fn the_page_can_sign_in_upload_and_read_back() {
    let server = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
    let (http, page) = (client(), server.url("page"));
    for (path, content_type) in [("", "text/html"), ("app.js", "text/javascript"), ("style.css", "text/css")]
    {
        let answer = http.get(format!("{page}{path}")).send().unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with(content_type));
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));
    }
    let config: Value = http.get(format!("{page}dev/config.json")).send().unwrap().json().unwrap();
    let token = token(&config);
    let body = json!({"contentType": "image/jpeg", "contentLength": 5});
    let grant: Value = http
        .post(format!("{page}upload-url"))
        .bearer_auth(&token)
        .json(&body)
        .send()
        .unwrap()
        .json()
        .unwrap();
    let mut put = http.put(grant["uploadUrl"].as_str().unwrap()).body("hello");
    for (name, value) in grant["headers"].as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    assert_eq!(put.send().unwrap().status(), 200);
    let read = http.post(format!("{page}dev/read")).bearer_auth(&token).json(&json!({"key": grant["key"]}));
    let read: Value = read.send().unwrap().json().unwrap();
    assert_eq!(http.get(read["url"].as_str().unwrap()).send().unwrap().text().unwrap(), "hello");
    let unauthenticated = http.post(format!("{page}dev/read")).json(&json!({"key": grant["key"]}));
    let refused = unauthenticated.send().unwrap();
    assert_eq!(refused.status(), 401);
    let id = refused.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(refused.json::<Value>().unwrap()["diagnose"]["requestId"], id.as_str());
    assert_eq!(server.terminate(), 0);
}

/// Starts `upsign dev --config` with this file.
pub(crate) fn dev_with_config(text: &str) -> Serving {
    dev_with_arguments(text, &[])
}

/// Starts `upsign dev --config` with this file and further arguments.
pub(crate) fn dev_with_arguments(text: &str, more: &[&str]) -> Serving {
    let run = upsign(&[&["dev", "--config=upsign.toml", "--listen=127.0.0.1:0", "--json"], more].concat());
    run.file("upsign.toml", text).errors_to("errors").serving()
}

/// Requests an upload URL with the token of `/dev/token`, sends `length` bytes as the answer says, and returns the answer.
#[track_caller]
pub(crate) fn upload(server: &Serving, body: &Value, length: usize) -> Value {
    let http = client();
    let token = http.get(server.url("token")).send().unwrap().text().unwrap();
    let answer = http.post(format!("{}upload-url", server.url("page"))).bearer_auth(token).json(body).send();
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().unwrap());
    let grant: Value = answer.json().unwrap();
    assert_eq!(grant["method"], "PUT");
    let mut put = http.put(grant["uploadUrl"].as_str().unwrap()).body(vec![b'a'; length]);
    for (name, value) in grant["headers"].as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    let stored = put.send().unwrap();
    assert_eq!(stored.status(), 200, "{}", stored.text().unwrap());
    grant
}

#[test]
fn untouched_init_file_can_be_tried() {
    let run = upsign(&["init", "-"]).output();
    run.exits(0);
    let server = dev_with_config(&run.stdout());
    let grant = upload(&server, &json!({"contentType": "image/jpeg", "contentLength": 5}), 5);
    assert!(grant["key"].as_str().unwrap().starts_with("articles/"), "{grant}");
    assert!(grant["uploadUrl"].as_str().unwrap().starts_with(&server.url("s3")), "{grant}");
    // `bodyless = "refuse"`, in contrast to the demo.
    let token = client().get(server.url("token")).send().unwrap().text().unwrap();
    let answer = client().post(format!("{}upload-url", server.url("page"))).bearer_auth(token).send();
    assert_eq!(answer.unwrap().status(), 400);
    let config: Value =
        client().get(format!("{}dev/config.json", server.url("page"))).send().unwrap().json().unwrap();
    assert_eq!(config["routes"][0]["types"], json!(["image/jpeg", "image/png", "image/webp"]));
    let errors = server.terminate_and_read("errors");
    assert!(errors.contains("replaced") && !errors.contains("warning"), "{errors}");
    assert!(errors.contains("buckets of the same names in the embedded S3 server"), "{errors}");
}

#[test]
fn the_log_lists_the_routes_after_a_request_for_an_unknown_one() {
    let server = dev_with_config(ROUTES);
    let token = client().get(server.url("token")).send().unwrap().text().unwrap();
    let body = json!({"route": "film", "contentType": "image/png", "contentLength": 5});
    let answer = client().post(format!("{}upload-url", server.url("page"))).bearer_auth(token).json(&body);
    let answer = answer.send().unwrap();
    assert_eq!(answer.status(), 400);
    assert!(!answer.text().unwrap().contains("avatars"));
    let reason = "the requested route does not exist: the routes are avatars, and the one without a name";
    let errors = server.terminate_and_read("errors");
    assert!(errors.contains(reason), "{errors}");
}

/// The page says photo only if the policy is about photos: until it is loaded, and without scripts, there are files.
#[test]
fn the_page_itself_is_about_files() {
    let server = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
    let html = client().get(server.url("page")).send().unwrap().text().unwrap();
    assert!(html.contains("Upload a file") && html.contains("Try to cheat"), "{html}");
    assert!(!html.to_lowercase().contains("photo<") && !html.contains("accept="), "{html}");
}

pub(crate) const ROUTES: &str = r#"
[bucket]
name = "documents-bucket"
region = "eu-central-1"

[upload]
key = "{claim:custom:tenant}/{group}/{id}.{ext}"
types = ["application/pdf"]
max_size = "1 MiB"
bodyless = "refuse"
key_groups = ["editors", "authors"]
scopes = ["uploads/write"]
require_checksum = true
checksums = ["sha256"]
encryption = "kms"

[route.avatars]
bucket = "avatars-bucket"
key = "avatars/{sub}/{id}.{ext}"
types = ["image/*"]
max_size = "1 MiB"
bodyless = "refuse"
groups = ["members", "authors"]

[auth]
user_pool = "eu-central-1_AbCdEf123"
client_ids = ["first-client", "second-client"]
token_use = "access"
groups = ["staff"]

[cors]
origins = ["https://app.example.com"]

[limit]
per_minute = 4
"#;

#[test]
fn user_has_the_groups_scopes_and_claims_that_routes_require() {
    let server = dev_with_config(ROUTES);
    let checksum = BASE64.encode(Sha256::digest(b"aaaaa"));
    let document = json!({
        "contentType": "application/pdf", "contentLength": 5, "checksum": {"sha256": checksum},
    });
    let grant = upload(&server, &document, 5);
    let key = grant["key"].as_str().unwrap();
    assert!(key.starts_with("example/editors/") && key.ends_with(".pdf"), "{key}");
    assert!(grant["uploadUrl"].as_str().unwrap().contains("/documents-bucket/"), "{grant}");
    let avatar = json!({"route": "avatars", "contentType": "image/png", "contentLength": 7});
    let grant = upload(&server, &avatar, 7);
    assert!(grant["uploadUrl"].as_str().unwrap().contains("/avatars-bucket/avatars/"), "{grant}");
    // The limits of the file apply.
    upload(&server, &avatar, 7);
    upload(&server, &avatar, 7);
    let token = client().get(server.url("token")).send().unwrap().text().unwrap();
    let fifth = client().post(format!("{}upload-url", server.url("page"))).bearer_auth(token).json(&avatar);
    assert_eq!(fifth.send().unwrap().status(), 429);
    let errors = server.terminate_and_read("errors");
    for part in ["upload, avatars", "uploads/write", "custom:tenant", "upload.encryption"] {
        assert!(errors.contains(part), "{part} is not in: {errors}");
    }
    assert!(!errors.contains("gets no upload URL"), "{errors}");
}

/// A route without a name is not required, and ID tokens are accepted if the file says so.
#[test]
fn id_tokens_and_named_routes_can_be_tried() {
    let text = ROUTES.replace("token_use = \"access\"", "token_use = \"id\"");
    let (bucket, rest) = text.split_once("[upload]").unwrap();
    let (_, named) = rest.split_once("[route.avatars]").unwrap();
    let server = dev_with_config(&format!("{bucket}[route.avatars]{named}"));
    let config: Value =
        client().get(format!("{}dev/config.json", server.url("page"))).send().unwrap().json().unwrap();
    assert_eq!(
        (&config["routes"][0]["member"], &config["issuers"][0]["token"]),
        (&"avatars".into(), &"IdToken".into())
    );
    upload(&server, &json!({"route": "avatars", "contentType": "image/png", "contentLength": 7}), 7);
}

#[test]
fn invalid_configurations_are_refused_as_by_check() {
    let text = ROUTES.replace("max_size", "max_sise");
    let arguments = |command| ["--json", command, "--config=upsign.toml"];
    let checked = upsign(&arguments("check")).file("upsign.toml", &text).output();
    let tried = upsign(&arguments("dev")).file("upsign.toml", &text).output();
    tried.exits(2).has_message("max_sise");
    assert_eq!((tried.stdout(), tried.stderr()), (checked.stdout(), checked.stderr()));
    upsign(&["dev", "--config=absent.toml"]).output().exits(2).has_message("upsign init absent.toml");
}

#[test]
fn settings_that_the_embedded_bucket_refuses_are_named() {
    let text = ROUTES.replace("encryption = \"kms\"", "acl = \"public-read\"");
    let run = upsign(&["--json", "dev", "--config=upsign.toml"]).file("upsign.toml", &text).output();
    run.exits(2).has_message("upload.acl");
    assert_eq!(run.json()["error"]["key"], "upload.acl");
    assert_eq!(run.json()["error"]["code"], "unsupported-by-store");
}
