//! POST forms.

use std::time::SystemTime;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use upsign_core::{CivilDateTime, Credentials, Expiry, Timestamp};
use upsign_local::LocalS3;

use crate::support::{Answer, Fixture, REGION, bucket, builder};

/// A form about to be signed.
struct Form {
    fields: Vec<(String, String)>,
    conditions: Vec<Value>,
    expires: i64,
    age: u64,
    region: String,
}

impl Form {
    fn new() -> Self {
        Self { fields: Vec::new(), conditions: Vec::new(), expires: 300, age: 0, region: REGION.into() }
    }

    /// A field and the condition that it has this value.
    fn field(mut self, name: &str, value: &str) -> Self {
        self.conditions.push(json!({ name: value }));
        self.extra(name, value)
    }

    fn extra(mut self, name: &str, value: &str) -> Self {
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
        let end = Timestamp::from_unix(now.checked_add_signed(self.expires).unwrap()).unwrap();
        let end = end.to_string().replace('Z', ".000Z");
        let policy = STANDARD.encode(json!({ "expiration": end, "conditions": self.conditions }).to_string());
        let mac = |key: &[u8], text: &str| {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
        };
        let mut key = mac(format!("AWS4{}", credentials.secret_access_key()).as_bytes(), &date);
        for part in [self.region.as_str(), "s3", "aws4_request"] {
            key = mac(&key, part);
        }
        let signature: String = mac(&key, &policy).iter().map(|byte| format!("{byte:02x}")).collect();
        self.extra("policy", &policy).extra("x-amz-signature", &signature)
    }

    async fn post(&self, s3: &Fixture, file: &[u8]) -> Answer {
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

fn photo(s3: &Fixture) -> Form {
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
async fn a_form_stores_its_file() {
    let s3 = Fixture::start().await;
    let answer = photo(&s3).post(&s3, b"a photo").await.expect(201);
    assert_eq!(answer.element("Key"), "forms/1.jpg");
    assert_eq!(answer.header("etag").len(), 34);
    let location = format!("http://{}/article-images/forms/1.jpg", s3.s3.address());
    assert_eq!(answer.header("location"), location);
    let read = s3.get("forms/1.jpg").await.expect(200);
    assert_eq!(read.body, b"a photo");
    assert_eq!((read.header("content-type"), read.header("x-amz-meta-by")), ("image/jpeg", "ada"));

    let plain = Form::new().condition(json!({ "bucket": "article-images" })).field("key", "k");
    let answer = plain.signed(s3.s3.credentials()).post(&s3, b"x").await.expect(204);
    assert!(!answer.header("etag").is_empty() && !answer.header("location").is_empty());
    let redirect = "http://127.0.0.1:1/done";
    let form = Form::new()
        .condition(json!({ "bucket": "article-images" }))
        .field("key", "k")
        .field("success_action_redirect", redirect);
    let answer = form.signed(s3.s3.credentials()).post(&s3, b"x").await.expect(303);
    assert!(answer.header("location").starts_with(redirect), "{:?}", answer.headers);
}

#[tokio::test]
async fn a_form_that_breaks_its_policy() {
    let s3 = Fixture::start().await;
    photo(&s3).post(&s3, &[7; 101]).await.refused(400, "EntityTooLarge");
    photo(&s3).post(&s3, b"").await.refused(400, "EntityTooSmall");
    let changed = |name: &str, value: &str| {
        let mut form = photo(&s3);
        form.fields.iter_mut().find(|(given, _)| given == name).unwrap().1 = value.into();
        form
    };
    let answer = changed("Content-Type", "text/html").post(&s3, b"x").await.refused(403, "AccessDenied");
    assert_eq!(
        answer.element("Message").replace("&quot;", "\""),
        "Invalid according to Policy: Policy Condition failed: [\"eq\", \"$content-type\", \"image/jpeg\"]"
    );
    changed("key", "forms/2.jpg").post(&s3, b"x").await.refused(403, "AccessDenied");
    let answer = photo(&s3).extra("x-amz-meta-more", "x").post(&s3, b"x").await.refused(403, "AccessDenied");
    assert_eq!(answer.element("Message"), "Invalid according to Policy: Extra input fields: x-amz-meta-more");
    changed("x-amz-signature", &"0".repeat(64)).post(&s3, b"x").await.refused(403, "SignatureDoesNotMatch");
    let prefix = Form::new()
        .condition(json!({ "bucket": "article-images" }))
        .condition(json!(["starts-with", "$key", "forms/"]))
        .extra("key", "elsewhere/1")
        .signed(s3.s3.credentials());
    let answer = prefix.post(&s3, b"x").await.refused(403, "AccessDenied");
    assert!(answer.element("Message").contains("starts-with"), "{}", answer.text());
    let elsewhere =
        Form::new().condition(json!({ "bucket": "other" })).field("key", "k").signed(s3.s3.credentials());
    elsewhere.post(&s3, b"x").await.refused(403, "AccessDenied");
    assert!(s3.stored().await.is_empty());
}

#[tokio::test]
async fn a_form_lives_as_long_as_its_policy_says() {
    let s3 = Fixture::start().await;
    let form = |expires, age| {
        let mut form = Form::new().condition(json!({ "bucket": "article-images" })).field("key", "k");
        (form.expires, form.age) = (expires, age);
        form.signed(s3.s3.credentials())
    };
    let answer = form(-1, 60).post(&s3, b"x").await.refused(403, "AccessDenied");
    assert_eq!(answer.element("Message"), "Invalid according to Policy: Policy expired.");
    assert!(s3.stored().await.is_empty());
    // Signed an hour ago, for two hours.
    form(3_600, 3_600).post(&s3, b"x").await.expect(204);
}

#[tokio::test]
async fn a_form_for_another_region_or_key() {
    let s3 = Fixture::start().await;
    let mut form = Form::new().condition(json!({ "bucket": "article-images" })).field("key", "k");
    form.region = "us-east-1".into();
    let answer = form.signed(s3.s3.credentials()).post(&s3, b"x").await;
    let answer = answer.refused(400, "AuthorizationQueryParametersError");
    assert_eq!(answer.element("Region"), REGION);
    let form = || Form::new().condition(json!({ "bucket": "article-images" })).field("key", "k");
    let nobody = Credentials::long_term("AKIANOBODY", "secret").unwrap();
    form().signed(&nobody).post(&s3, b"x").await.refused(403, "InvalidAccessKeyId");
    form().post(&s3, b"x").await.refused(403, "AccessDenied");
    assert!(s3.stored().await.is_empty());
}

#[tokio::test]
async fn a_form_with_a_session_token() {
    let token = |token: &str| Credentials::temporary("ASIALOCAL", "secret", token, Expiry::Unknown).unwrap();
    let s3 = Fixture::of(LocalS3::builder(token("right"), REGION.parse().unwrap(), bucket())).await;
    let form = || Form::new().condition(json!({ "bucket": "article-images" })).field("key", "k");
    form().signed(&token("wrong")).post(&s3, b"x").await.refused(400, "InvalidToken");
    let none = Credentials::long_term("ASIALOCAL", "secret").unwrap();
    form().signed(&none).post(&s3, b"x").await.refused(403, "InvalidAccessKeyId");
    assert!(s3.stored().await.is_empty());
    form().signed(&token("right")).post(&s3, b"x").await.expect(204);
}

#[tokio::test]
async fn keys_of_forms_have_the_same_limit() {
    let s3 = Fixture::start().await;
    for (bytes, status, code) in
        [(0, 400, "InvalidArgument"), (1_025, 400, "KeyTooLongError"), (1_024, 204, "")]
    {
        let form =
            Form::new().condition(json!({ "bucket": "article-images" })).field("key", &"k".repeat(bytes));
        let answer = form.signed(s3.s3.credentials()).post(&s3, b"x").await.expect(status);
        assert_eq!(answer.element("Code"), code);
    }
}

#[tokio::test]
async fn what_is_no_form_is_answered() {
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
        // Without a file; with its head alone; broken off within it.
        ("multipart/form-data; boundary=BOUNDARY", format!("{fields}--BOUNDARY--\r\n")),
        ("multipart/form-data; boundary=BOUNDARY", format!("{fields}--BOUNDARY\r\n{file}")),
        ("multipart/form-data; boundary=BOUNDARY", format!("{fields}--BOUNDARY\r\n{file}\r\n\r\nbytes")),
    ] {
        let headers = [("content-type".to_owned(), content_type.to_owned())];
        let answer = s3.send_to("POST", &url, &headers, body.clone()).await;
        assert!(answer.status.is_client_error(), "{content_type} {body}: {answer:?}");
        assert!(s3.stored().await.is_empty(), "{body}");
    }
}

#[tokio::test]
async fn a_form_larger_than_the_server_holds() {
    let s3 = Fixture::of(builder().max_form_bytes(1_000)).await;
    let form = || {
        let form = Form::new().condition(json!({ "bucket": "article-images" })).field("key", "k");
        form.condition(json!(["content-length-range", 0, 100_000_000])).signed(s3.s3.credentials())
    };
    form().post(&s3, &[7; 1_000]).await.expect(204);
    form().post(&s3, &[7; 1_001]).await.refused(400, "EntityTooLarge");
    form().post(&s3, &vec![7; 8 * 1024 * 1024]).await.refused(400, "EntityTooLarge");
    assert_eq!(s3.stored().await.first().unwrap().bytes, 1_000);
}
