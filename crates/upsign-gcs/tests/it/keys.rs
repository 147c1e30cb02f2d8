//! Key files of service accounts: what is read, what is refused, and what is never shown.

use serde_json::{Value, json};
use upsign_gcs::{Goog4Rsa, InvalidServiceAccountKey, ServiceAccountKey};

use crate::vectors::KEY_FILE;

fn key_file() -> Value {
    serde_json::from_str(KEY_FILE).unwrap()
}

#[track_caller]
fn check(member: &str, value: Value, expected: InvalidServiceAccountKey) {
    let mut file = key_file();
    file[member] = value;
    assert_eq!(ServiceAccountKey::from_json(&file.to_string()).map(|_| ()), Err(expected));
}

#[test]
fn key_file_is_read_and_its_key_is_not_shown() {
    let key = ServiceAccountKey::from_json(KEY_FILE).unwrap();
    assert_eq!(key.client_email(), "uploads@upsign-test.iam.gserviceaccount.com");
    let shown = format!("{key:?} {:?}", Goog4Rsa::new(key.clone()));
    let expected = "ServiceAccountKey { client_email: \"uploads@upsign-test.iam.gserviceaccount.com\", .. }";
    assert_eq!(shown, format!("{expected} Goog4Rsa {{ key: {expected} }}"));
}

#[test]
fn line_breaks_of_the_key_do_not_matter() {
    let pem = key_file()["private_key"].as_str().unwrap().replace('\n', "\r\n");
    assert!(ServiceAccountKey::from_pem("a@b", &pem).is_ok());
}

#[test]
fn other_files_are_refused_without_showing_the_key() {
    let private_key = key_file()["private_key"].as_str().unwrap().to_owned();
    check("type", json!("authorized_user"), InvalidServiceAccountKey::Type("authorized_user".into()));
    for email in ["", "a b@c", "a/b", "é@c", &"a".repeat(257)] {
        check("client_email", json!(email), InvalidServiceAccountKey::ClientEmail);
    }
    let (head, body) = private_key.split_at(100);
    for key in [
        "",
        "secret",
        body,
        &private_key.replace("PRIVATE KEY", "RSA PRIVATE KEY"),
        &format!("{head}%{body}"),
        &private_key.replacen("MII", "MIJ", 1),
        &format!("{private_key}{private_key}"),
    ] {
        check("private_key", json!(key), InvalidServiceAccountKey::PrivateKey);
    }
    let cut = KEY_FILE.get(..300).unwrap();
    let error = ServiceAccountKey::from_json(cut).unwrap_err();
    assert!(matches!(error, InvalidServiceAccountKey::Json { line: 5, .. }), "{error:?}");
    let error =
        ServiceAccountKey::from_json(r#"{"type": "service_account", "private_key": 12345}"#).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("12345"));
    assert_eq!(
        ServiceAccountKey::from_json("[]").map(|_| ()).unwrap_err().to_string().matches("JSON").count(),
        1
    );
}
