//! Forms: what they bind, and each of their oddities.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use upsign_diagnose::{Bound, BoundPart, Explanation};

use super::{SIGNATURE, codes, explain};

/// A form without oddities: the address, the fields that the policy covers, and the conditions besides these.
pub(super) struct Form {
    url: String,
    fields: Vec<(String, String)>,
    conditions: Vec<Value>,
    /// Fields that no condition names.
    extra: Vec<(String, String)>,
    expiration: String,
}

fn form() -> Form {
    let fields = [
        ("key", "a/b.jpg"),
        ("Content-Type", "image/jpeg"),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20260101/eu-central-1/s3/aws4_request"),
        ("x-amz-date", "20260101T000000Z"),
    ];
    Form {
        url: "https://examplebucket.s3.eu-central-1.amazonaws.com/".to_owned(),
        fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        conditions: vec![json!({"bucket": "examplebucket"}), json!(["content-length-range", 1, 1000])],
        extra: Vec::new(),
        expiration: "2026-01-01T00:15:00.000Z".to_owned(),
    }
}

impl Form {
    fn text(&self) -> String {
        let exact = self.fields.iter().map(|(name, value)| json!({(name): value}));
        let conditions: Vec<Value> = exact.chain(self.conditions.iter().cloned()).collect();
        let policy = json!({"expiration": self.expiration, "conditions": conditions}).to_string();
        let mut fields: Vec<[String; 2]> = Vec::new();
        for (name, value) in self.fields.iter().chain(&self.extra) {
            fields.push([name.clone(), value.clone()]);
        }
        fields.insert(0, ["policy".to_owned(), STANDARD.encode(policy)]);
        fields.insert(0, ["x-amz-signature".to_owned(), SIGNATURE.to_owned()]);
        json!({"url": self.url, "fields": fields}).to_string()
    }

    fn set(&mut self, name: &str, value: &str) {
        self.fields.iter_mut().find(|(known, _)| known == name).unwrap().1 = value.to_owned();
    }
}

fn changed(change: impl FnOnce(&mut Form)) -> String {
    let mut form = form();
    change(&mut form);
    form.text()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// Rows of code and form. The code is the only one.
pub(super) fn table() -> Vec<(&'static str, String)> {
    let exact_key = json!({"key": "a/b.jpg"}).to_string();
    assert!(exact_key.contains("a/b.jpg"));
    vec![
        ("expired", changed(|form| form.expiration = "2026-01-01T00:04:00Z".to_owned())),
        ("date-invalid", changed(|form| form.expiration = "tomorrow".to_owned())),
        (
            "post-not-supported",
            changed(|form| form.url = "https://examplebucket.acct.r2.cloudflarestorage.com/".to_owned()),
        ),
        ("file-not-last", changed(|form| form.extra = vec![pair("file", "@a.jpg"), pair("x-ignore-a", "b")])),
        ("field-without-condition", changed(|form| form.extra = vec![pair("acl", "public-read")])),
        ("condition-fails", changed(|form| form.conditions.push(json!(["starts-with", "$key", "other/"])))),
        (
            "condition-fails",
            changed(|form| form.conditions.push(json!(["eq", "$Content-Type", "image/png"]))),
        ),
        ("field-missing", changed(|form| form.conditions.push(json!(["eq", "$acl", "private"])))),
        ("filename-in-exact-key", changed(|form| form.set("key", "a/${filename}"))),
        ("post-to-object", changed(|form| form.url.push_str("a/b.jpg"))),
        (
            "size-range-empty",
            changed(|form| form.conditions.push(json!(["content-length-range", 2000, 3000]))),
        ),
        ("region-mismatch", changed(|form| form.url = form.url.replace("eu-central-1", "us-west-2"))),
        ("http", changed(|form| form.url = form.url.replace("https", "http"))),
    ]
}

#[test]
fn each_oddity_gets_its_code_and_no_other() {
    for (code, form) in table() {
        let explained = explain(&form);
        assert_eq!(codes(&explained), [code], "{form}\n{:#?}", explained.oddities);
    }
}

#[test]
fn forms_without_oddities_get_none() {
    let with_prefix = changed(|form| {
        form.fields.remove(0);
        form.extra.push(pair("key", "a/${filename}"));
        form.conditions.push(json!(["starts-with", "$key", "a/"]));
    });
    let with_file = changed(|form| form.extra.push(pair("file", "@a.jpg")));
    let without_url = form().text().replace(
        "https://examplebucket.s3.eu-central-1.amazonaws.com/",
        "http://localhost:9000/examplebucket",
    );
    for text in [form().text(), with_prefix, with_file, without_url] {
        let explained = explain(&text);
        assert_eq!(codes(&explained), [""; 0], "{text}\n{:#?}", explained.oddities);
    }
}

#[track_caller]
fn check_binding(explained: &Explanation, part: BoundPart, bound: Bound, sentence: &str) {
    let found = explained.bindings.iter().find(|binding| binding.part == part).unwrap();
    assert_eq!((found.bound, found.sentence.as_str()), (bound, sentence));
}

#[test]
fn conditions_are_what_a_form_binds() {
    let explained = explain(&form().text());
    check_binding(&explained, BoundPart::Size, Bound::Partly, "the file must have 1 to 1000 bytes");
    check_binding(&explained, BoundPart::Type, Bound::Exactly, "the content type must be image/jpeg");
    let open = explain(&changed(|form| {
        form.fields.remove(1);
        form.conditions = vec![json!(["starts-with", "$Content-Type", "image/"])];
        form.extra.push(pair("content-type", "image/png"));
    }));
    check_binding(&open, BoundPart::Type, Bound::Partly, "the content type must begin with image/");
    assert_eq!(open.bindings.iter().filter(|it| it.bound == Bound::No).count(), 3);
}

#[test]
fn what_a_form_says_is_explained() {
    let explained = explain(&form().text());
    assert_eq!(explained.bucket.as_ref().unwrap().as_str(), "examplebucket");
    assert_eq!(explained.key.as_ref().unwrap().as_str(), "a/b.jpg");
    assert_eq!(explained.method.as_deref(), Some("POST"));
    assert_eq!(explained.signing_region.as_ref().unwrap().as_str(), "eu-central-1");
    assert_eq!(explained.validity.expires_at.unwrap().to_string(), "2026-01-01T00:15:00Z");
    let shown = explained.required.iter().find(|it| it.name.as_str() == "x-amz-signature").unwrap();
    assert_eq!(shown.value.as_ref().unwrap().as_str(), "aeee…");
}
