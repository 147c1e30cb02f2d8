//! The headers and form fields that a route fixes, as `check` shows them and `upsign dev` stores them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::config_commands::json_of;
use crate::dev::{client, dev_with_config, upload};
use crate::run::{CONFIG, upsign};

/// Returns the configuration with these lines in `[upload]`, and requests that describe the file.
fn with(lines: &str) -> String {
    let config = CONFIG.replacen("[upload]\n", &format!("[upload]\n{lines}\n"), 1);
    config.replacen("bodyless = \"allow\"", "bodyless = \"refuse\"", 1)
}

const SETTINGS: &str = "content_encoding = \"gzip\"\nencryption = \"kms\"\nkms_context = { tenant = \"acme\" }\n\
                        checksums = [\"sha256\"]\nrequire_checksum = true\n\
                        object_lock = { mode = \"governance\", days = 30 }\nheaders = { x-team = \"web\" }";

#[test]
fn check_shows_what_a_route_sets() {
    let run = upsign(&["check"]).file("upsign.toml", &with(SETTINGS)).output();
    let text = run.exits(0).stdout();
    for line in [
        "sets         content_encoding gzip",
        "sets         encryption aws:kms",
        "sets         kms_context tenant=acme",
        "sets         object_lock governance for 30 days from the grant",
        "sets         x-team web",
        "x-amz-object-lock-retain-until-date: ",
        "x-amz-server-side-encryption-context: eyJ0ZW5hbnQiOiJhY21lIn0=",
        "s3:PutObject, s3:PutObjectRetention on",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}

#[test]
fn check_shows_what_a_route_sets_as_json() {
    let run = upsign(&["--json", "check"]).file("upsign.toml", &with(SETTINGS)).output();
    let expected = json!({
        "content_encoding": "gzip",
        "encryption": "aws:kms",
        "kms_context": {"tenant": "acme"},
        "object_lock": {"mode": "governance", "days": 30},
        "x-team": "web",
    });
    assert_eq!(json_of(&run)["routes"][0]["settings"], expected);
    let plain = upsign(&["--json", "check"]).file("upsign.toml", CONFIG).output();
    assert_eq!(json_of(&plain)["routes"][0]["settings"], json!({}));
}

#[test]
fn cors_document_allows_the_headers_of_a_route() {
    let run = upsign(&["documents", "cors"]).file("upsign.toml", &with(SETTINGS)).output();
    let document: Value = serde_json::from_str(&run.exits(0).stdout()).unwrap();
    let headers = document["CORSRules"][0]["AllowedHeaders"].as_array().unwrap().clone();
    for name in ["content-encoding", "x-amz-object-lock-retain-until-date", "x-team"] {
        assert!(headers.contains(&json!(name)), "{name} is not in {headers:?}");
    }
}

#[test]
fn dev_server_stores_what_a_route_sets() {
    let server = dev_with_config(&with(SETTINGS));
    let sha256 = BASE64.encode(Sha256::digest(b"aaaaa"));
    let request = json!({"contentType": "image/jpeg", "contentLength": 5, "checksum": {"sha256": sha256}});
    let grant = upload(&server, &request, 5);
    let until = grant["headers"]["x-amz-object-lock-retain-until-date"].as_str().unwrap().to_owned();

    let http = client();
    let token = http.get(server.url("token")).send().unwrap().text().unwrap();
    let read = http.post(format!("{}dev/read", server.url("page"))).bearer_auth(token);
    let read: Value = read.json(&json!({"key": grant["key"]})).send().unwrap().json().unwrap();
    let stored = http.get(read["url"].as_str().unwrap()).send().unwrap();
    let header = |name: &str| stored.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-encoding"), "gzip");
    assert_eq!(header("x-amz-server-side-encryption"), "aws:kms");
    assert_eq!(header("x-amz-object-lock-mode"), "GOVERNANCE");
    assert_eq!(header("x-amz-object-lock-retain-until-date").replace(".000Z", "Z"), until);
    assert_eq!(server.terminate(), 0);
}
