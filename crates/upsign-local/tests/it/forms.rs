//! POST forms: policies, expiry, signature fields and malformed bodies.

use std::time::SystemTime;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use upsign_core::{CivilDateTime, Credentials, Expiry, Timestamp};
use upsign_local::LocalS3;

use crate::support::{Fixture, REGION, TestResponse, bucket, builder};

/// A form to be signed.
struct Form {
    fields: Vec<(String, String)>,
    conditions: Vec<Value>,
    /// Seconds from now to the expiration of the policy.
    expires: i64,
    /// Seconds since the form was signed.
    age: u64,
    region: String,
}

impl Form {
    fn new() -> Self {
        Self { fields: Vec::new(), conditions: Vec::new(), expires: 300, age: 0, region: REGION.into() }
    }

    /// Adds a field and a condition that requires its value.
    fn field(mut self, name: &str, value: &str) -> Self {
        self.conditions.push(json!({ name: value }));
        self.unconditional_field(name, value)
    }

    /// Adds a field without a condition.
    fn unconditional_field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    fn condition(mut self, condition: Value) -> Self {
        self.conditions.push(condition);
        self
    }

    fn signed(mut self, credentials: &Credentials) -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let at = Timestamp::from_unix(now - self.age).unwrap();
        let CivilDateTime { year, month, day, hour, minute, second } = at.to_civil();
        let date = format!("{year:04}{month:02}{day:02}");
        let scope = format!("{}/{date}/{}/s3/aws4_request", credentials.access_key_id(), self.region);
        let time = format!("{date}T{hour:02}{minute:02}{second:02}Z");
        self = self.field("x-amz-algorithm", "AWS4-HMAC-SHA256").field("x-amz-credential", &scope);
        self = self.field("x-amz-date", &time);
        if let Some(token) = credentials.session_token() {
            self = self.field("x-amz-security-token", token);
        }
        let expiration = Timestamp::from_unix(now.checked_add_signed(self.expires).unwrap()).unwrap();
        let expiration = expiration.to_string().replace('Z', ".000Z");
        let policy =
            STANDARD.encode(json!({ "expiration": expiration, "conditions": self.conditions }).to_string());
        let mac = |key: &[u8], text: &str| {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
        };
        let mut key = mac(format!("AWS4{}", credentials.secret_access_key()).as_bytes(), &date);
        for part in [self.region.as_str(), "s3", "aws4_request"] {
            key = mac(&key, part);
        }
        let signature: String = mac(&key, &policy).iter().map(|byte| format!("{byte:02x}")).collect();
        self.unconditional_field("policy", &policy).unconditional_field("x-amz-signature", &signature)
    }

    async fn post(&self, s3: &Fixture, file: &[u8]) -> TestResponse {
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            let head =
                format!("--BOUNDARY\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        body.extend_from_slice(
            b"--BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\nContent-Type: a/b\r\n\r\n",
        );
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--BOUNDARY--\r\n");
        let url = format!("http://{}/{}", s3.s3.address(), bucket());
        let headers = [("content-type".to_owned(), "multipart/form-data; boundary=BOUNDARY".to_owned())];
        s3.send_to("POST", &url, &headers, body).await
    }
}

/// Returns a signed form with a size range, a content type and metadata.
fn photo_form(s3: &Fixture) -> Form {
    Form::new()
        .condition(json!({ "bucket": bucket().to_string() }))
        .condition(json!(["content-length-range", 1, 100]))
        .field("key", "forms/1.jpg")
        .field("Content-Type", "image/jpeg")
        .field("x-amz-meta-by", "ada")
        .field("success_action_status", "201")
        .signed(s3.s3.credentials())
}

#[tokio::test]
async fn valid_form_stores_its_file() {
    let s3 = Fixture::start().await;
    let response = photo_form(&s3).post(&s3, b"a photo").await.expect_status(201);
    assert_eq!(response.element("Key"), "forms/1.jpg");
    assert_eq!(response.header("etag").len(), 34);
    let location = format!("http://{}/article-images/forms/1.jpg", s3.s3.address());
    assert_eq!(response.header("location"), location);
    let read = s3.get("forms/1.jpg").await.expect_status(200);
    assert_eq!(read.body, b"a photo");
    assert_eq!((read.header("content-type"), read.header("x-amz-meta-by")), ("image/jpeg", "ada"));

    let plain = Form::new().condition(json!({ "bucket": "article-images" })).field("key", "k");
    let response = plain.signed(s3.s3.credentials()).post(&s3, b"x").await.expect_status(204);
    assert!(!response.header("etag").is_empty() && !response.header("location").is_empty());
    let redirect = "http://127.0.0.1:1/done";
    let form = Form::new()
        .condition(json!({ "bucket": "article-images" }))
        .field("key", "k")
        .field("success_action_redirect", redirect);
    let response = form.signed(s3.s3.credentials()).post(&s3, b"x").await.expect_status(303);
    assert!(response.header("location").starts_with(redirect), "{:?}", response.headers);
}

#[tokio::test]
async fn form_that_violates_its_policy_is_rejected() {
    let s3 = Fixture::start().await;
    let large = photo_form(&s3).post(&s3, &[7; 101]).await.expect_error(400, "EntityTooLarge");
    assert_eq!(
        (large.element("ProposedSize"), large.element("MaxSizeAllowed")),
        ("101".into(), "100".into())
    );
    let small = photo_form(&s3).post(&s3, b"").await.expect_error(400, "EntityTooSmall");
    assert_eq!((small.element("ProposedSize"), small.element("MinSizeAllowed")), ("0".into(), "1".into()));
    let with_changed_field = |name: &str, value: &str| {
        let mut form = photo_form(&s3);
        form.fields.iter_mut().find(|(given, _)| given == name).unwrap().1 = value.into();
        form
    };
    let response = with_changed_field("Content-Type", "text/html")
        .post(&s3, b"x")
        .await
        .expect_error(403, "AccessDenied");
    assert_eq!(
        response.element("Message").replace("&quot;", "\""),
        "Invalid according to Policy: Policy Condition failed: [\"eq\", \"$content-type\", \"image/jpeg\"]"
    );
    with_changed_field("key", "forms/2.jpg").post(&s3, b"x").await.expect_error(403, "AccessDenied");
    let response = photo_form(&s3)
        .unconditional_field("x-amz-meta-more", "x")
        .post(&s3, b"x")
        .await
        .expect_error(403, "AccessDenied");
    assert_eq!(
        response.element("Message"),
        "Invalid according to Policy: Extra input fields: x-amz-meta-more"
    );
    // The string to sign of a form is its policy.
    let forged = with_changed_field("x-amz-signature", &"0".repeat(64));
    let response = forged.post(&s3, b"x").await.expect_error(403, "SignatureDoesNotMatch");
    let (_, policy) = forged.fields.iter().find(|(name, _)| name == "policy").unwrap();
    assert_eq!(
        (response.element("StringToSign"), response.element("SignatureProvided")),
        (policy.clone(), "0".repeat(64))
    );
    assert_eq!(
        (response.element("AWSAccessKeyId").as_str(), response.element("CanonicalRequest").as_str()),
        ("LOCLEXAMPLE", "")
    );
    let prefix = Form::new()
        .condition(json!({ "bucket": "article-images" }))
        .condition(json!(["starts-with", "$key", "forms/"]))
        .unconditional_field("key", "elsewhere/1")
        .signed(s3.s3.credentials());
    let response = prefix.post(&s3, b"x").await.expect_error(403, "AccessDenied");
    assert!(response.element("Message").contains("starts-with"), "{}", response.text());
    let elsewhere =
        Form::new().condition(json!({ "bucket": "other" })).field("key", "k").signed(s3.s3.credentials());
    elsewhere.post(&s3, b"x").await.expect_error(403, "AccessDenied");
    assert!(s3.stored().await.is_empty());
}

#[tokio::test]
async fn form_expires_with_its_policy() {
    let s3 = Fixture::start().await;
    let form = |expires, age| {
        let mut form = Form::new().condition(json!({ "bucket": "article-images" })).field("key", "k");
        (form.expires, form.age) = (expires, age);
        form.signed(s3.s3.credentials())
    };
    let response = form(-1, 60).post(&s3, b"x").await.expect_error(403, "AccessDenied");
    assert_eq!(response.element("Message"), "Invalid according to Policy: Policy expired.");
    assert!(s3.stored().await.is_empty());
    // Signed an hour ago, valid for two hours.
    form(3_600, 3_600).post(&s3, b"x").await.expect_status(204);
}

#[tokio::test]
async fn form_for_wrong_region_or_access_key_is_rejected() {
    let s3 = Fixture::start().await;
    let mut form = Form::new().condition(json!({ "bucket": "article-images" })).field("key", "k");
    form.region = "us-east-1".into();
    let response = form.signed(s3.s3.credentials()).post(&s3, b"x").await;
    let response = response.expect_error(400, "AuthorizationQueryParametersError");
    assert_eq!(response.element("Region"), REGION);
    let form = || Form::new().condition(json!({ "bucket": "article-images" })).field("key", "k");
    let unknown = Credentials::long_term("AKIAUNKNOWN", "secret").unwrap();
    form().signed(&unknown).post(&s3, b"x").await.expect_error(403, "InvalidAccessKeyId");
    form().post(&s3, b"x").await.expect_error(403, "AccessDenied");
    assert!(s3.stored().await.is_empty());
}

#[tokio::test]
async fn form_requires_the_session_token() {
    let token = |token: &str| Credentials::temporary("ASIALOCAL", "secret", token, Expiry::Unknown).unwrap();
    let s3 = Fixture::with_builder(LocalS3::builder(token("right"), REGION.parse().unwrap(), bucket())).await;
    let form = || Form::new().condition(json!({ "bucket": "article-images" })).field("key", "k");
    form().signed(&token("wrong")).post(&s3, b"x").await.expect_error(400, "InvalidToken");
    let without_token = Credentials::long_term("ASIALOCAL", "secret").unwrap();
    form().signed(&without_token).post(&s3, b"x").await.expect_error(403, "InvalidAccessKeyId");
    assert!(s3.stored().await.is_empty());
    form().signed(&token("right")).post(&s3, b"x").await.expect_status(204);
}

#[tokio::test]
async fn form_key_length_is_limited() {
    let s3 = Fixture::start().await;
    for (bytes, status, code) in
        [(0, 400, "InvalidArgument"), (1_025, 400, "KeyTooLongError"), (1_024, 204, "")]
    {
        let form =
            Form::new().condition(json!({ "bucket": "article-images" })).field("key", &"k".repeat(bytes));
        let response = form.signed(s3.s3.credentials()).post(&s3, b"x").await.expect_status(status);
        assert_eq!(response.element("Code"), code);
    }
}

#[tokio::test]
async fn malformed_form_returns_a_client_error() {
    let s3 = Fixture::start().await;
    let form = Form::new().condition(json!({ "bucket": "article-images" })).field("key", "k");
    let form = form.signed(s3.s3.credentials());
    let fields: String = form
        .fields
        .iter()
        .map(|(name, value)| {
            format!("--BOUNDARY\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        })
        .collect();
    let file = "Content-Disposition: form-data; name=\"file\"; filename=\"x\"";
    let url = format!("http://{}/article-images", s3.s3.address());
    for (content_type, body) in [
        ("multipart/form-data", String::new()),
        ("multipart/form-data; boundary=BOUNDARY", String::new()),
        ("multipart/form-data; boundary=OTHER", format!("{fields}--BOUNDARY--\r\n")),
        // No file; only the header of the file; no delimiter after the file.
        ("multipart/form-data; boundary=BOUNDARY", format!("{fields}--BOUNDARY--\r\n")),
        ("multipart/form-data; boundary=BOUNDARY", format!("{fields}--BOUNDARY\r\n{file}")),
        ("multipart/form-data; boundary=BOUNDARY", format!("{fields}--BOUNDARY\r\n{file}\r\n\r\nbytes")),
    ] {
        let headers = [("content-type".to_owned(), content_type.to_owned())];
        let response = s3.send_to("POST", &url, &headers, body.clone()).await;
        assert!(response.status.is_client_error(), "{content_type} {body}: {response:?}");
        assert!(s3.stored().await.is_empty(), "{body}");
    }
}

#[tokio::test]
async fn form_above_the_size_limit_is_rejected() {
    let s3 = Fixture::with_builder(builder().max_form_bytes(1_000)).await;
    let form = || {
        let form = Form::new().condition(json!({ "bucket": "article-images" })).field("key", "k");
        form.condition(json!(["content-length-range", 0, 100_000_000])).signed(s3.s3.credentials())
    };
    form().post(&s3, &[7; 1_000]).await.expect_status(204);
    form().post(&s3, &[7; 1_001]).await.expect_error(400, "EntityTooLarge");
    form().post(&s3, &vec![7; 8 * 1024 * 1024]).await.expect_error(400, "EntityTooLarge");
    assert_eq!(s3.stored().await.first().unwrap().bytes, 1_000);
}
