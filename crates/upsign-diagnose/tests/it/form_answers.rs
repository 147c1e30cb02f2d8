//! What the fields of a form prove, by the answer that it got.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use upsign_diagnose::{Evidence, diagnose};

use crate::fixture::{KEY_ID, Request, har};

/// A form that was sent with another key than its policy permits.
fn recording(status: u16, body: &str) -> String {
    let policy = r#"{"expiration":"2026-11-27T13:00:00Z","conditions":[{"key":"a/b.jpg"}]}"#;
    let fields = [
        ("key", "x/b.jpg"),
        ("policy", &BASE64_STANDARD.encode(policy)),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", &format!("{KEY_ID}/20261127/eu-central-1/s3/aws4_request")),
        ("x-amz-date", "20261127T120000Z"),
        ("x-amz-signature", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
    ];
    let part = |(name, value): &(&str, &str)| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let form: String = fields.iter().map(part).collect();
    let mut request = Request::new("POST", "/", &[("content-type", "multipart/form-data; boundary=b")]);
    request.query.clear();
    let mut entry = request.har_entry(status, &[], body);
    entry["request"]["url"] = "https://my-bucket.s3.eu-central-1.amazonaws.com/".into();
    entry["request"]["postData"] =
        json!({"mimeType": "multipart/form-data; boundary=b", "text": format!("{form}--b--\r\n")});
    har(&[entry])
}

#[test]
fn fields_are_certain_only_if_the_store_answered() {
    for (status, body, is_certain) in [
        (403, "", true),
        (400, "", true),
        (0, "", false),
        (403, "<html><head><title>Attention Required!</title></head></html>", false),
        (403, "<!doctype html><title>403</title>", false),
    ] {
        let found = diagnose(&Evidence::read(recording(status, body).as_bytes()).unwrap());
        let of_form = found.iter().find(|it| it.cause.code == "form-condition");
        assert!(of_form.is_some_and(|it| it.certain == is_certain), "{status} {body}: {found:#?}");
        if body.starts_with('<') {
            assert_eq!(found[0].cause.code, "proxy-answer", "{body}: {found:#?}");
        }
    }
}
