//! Headers and form fields that a route fixes are stored by the server and returned by HEAD.

use upsign::{SigV4, Upload, UploadIssuer};
use upsign_core::{Identity, WithCredentials};
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, Checksums, Encryption, EncryptionContext, FormOptions, HeaderOptions,
    KmsKey, LockMode, LockOptions, OtherHeaders, Retention, StorageOptions, SuccessStatus, UploadMethod,
    UploadPolicy, UploadPolicyBuilder, UploadRequest,
};

use crate::grants::{FILE, into_form, into_put, now, post};
use crate::support::{Fixture, TestResponse};

/// The SHA-256 of [`FILE`].
const SHA256: &str = "9mnY7EnWb7w/rF7BdfAazum2dnOrQzk7xkS44Xu+qII=";

fn builder(s3: &Fixture) -> UploadPolicyBuilder {
    UploadPolicy::builder(s3.target.clone(), "up/{id}".parse().unwrap(), Bodyless::Refuse)
        .content_types(["text/plain"])
        .max_size(100)
        .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()))
}

fn headers() -> HeaderOptions {
    HeaderOptions::new()
        .content_encoding("gzip".parse().unwrap())
        .expires("2037-01-01T00:00:00Z".parse().unwrap())
        .website_redirect("/moved.html".parse().unwrap())
}

fn kms() -> StorageOptions {
    let mut context = EncryptionContext::new();
    context.insert("tenant", "acme").unwrap();
    StorageOptions::new()
        .encryption(Encryption::Kms(KmsKey::AwsManaged))
        .kms_context(context)
        .bucket_key(true)
}

/// Issues a grant of this policy and returns its key and the upload.
async fn grant(s3: &Fixture, builder: UploadPolicyBuilder) -> (String, Upload) {
    let presigner = WithCredentials::new(SigV4::new(), s3.s3.credentials().clone());
    let issuer = UploadIssuer::new(builder.build().unwrap(), presigner).unwrap();
    let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let request = UploadRequest::described()
        .with_content_type("text/plain")
        .with_content_length(u64::try_from(FILE.len()).unwrap())
        .with_checksum("sha256", SHA256);
    let grant = issuer.issue(&caller, &request, now()).await.unwrap();
    (grant.key.as_str().to_owned(), grant.upload)
}

async fn put(s3: &Fixture, builder: UploadPolicyBuilder) -> (String, TestResponse) {
    let (key, upload) = grant(s3, builder).await;
    let put = into_put(upload);
    let headers: Vec<(String, String)> =
        put.headers.settable().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    (key, s3.send_to("PUT", put.url.expose(), &headers, FILE).await)
}

#[track_caller]
fn has(response: &TestResponse, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(response.header(name), *value, "{name}");
    }
}

const STORED: [(&str, &str); 5] = [
    ("content-encoding", "gzip"),
    ("expires", "Thu, 01 Jan 2037 00:00:00 GMT"),
    ("x-amz-website-redirect-location", "/moved.html"),
    ("x-amz-server-side-encryption", "aws:kms"),
    ("x-amz-server-side-encryption-bucket-key-enabled", "true"),
];

#[tokio::test]
async fn put_stores_every_fixed_header() {
    let s3 = Fixture::start().await;
    let mut others = OtherHeaders::new();
    others.insert("x-amz-request-payer", "requester").unwrap();
    let headers = headers()
        .content_language("de".parse().unwrap())
        .expected_bucket_owner("123456789012".parse().unwrap())
        .others(others);
    let (key, answer) = put(&s3, builder(&s3).headers(headers).storage(kms())).await;
    let answer = answer.expect_status(200);
    has(&answer, &[("x-amz-server-side-encryption-context", "eyJ0ZW5hbnQiOiJhY21lIn0=")]);
    let head = s3.send("HEAD", &s3.presign("HEAD", &key), "").await.expect_status(200);
    has(&head, &STORED);
    has(&head, &[("content-language", "de")]);
}

#[tokio::test]
async fn put_stores_the_lock() {
    let s3 = Fixture::start().await;
    let retention = Retention::new(LockMode::Compliance, 30).unwrap();
    let before = now();
    let (key, answer) =
        put(&s3, builder(&s3).lock(LockOptions::new().retention(retention).legal_hold(true))).await;
    answer.expect_status(200);
    let head = s3.send("HEAD", &s3.presign("HEAD", &key), "").await.expect_status(200);
    has(&head, &[("x-amz-object-lock-mode", "COMPLIANCE"), ("x-amz-object-lock-legal-hold", "ON")]);
    let until = head.header("x-amz-object-lock-retain-until-date");
    let until = until.replace(".000Z", "Z").parse().unwrap();
    assert!((retention.until(before)..=retention.until(now())).contains(&until), "{until}");
}

#[tokio::test]
async fn lock_without_a_checksum_or_without_a_date_is_rejected() {
    let s3 = Fixture::start().await;
    let hold = s3.presign("PUT", "k").header("x-amz-object-lock-legal-hold", "ON");
    let answer = s3.send("PUT", &hold, "x").await.expect_error(400, "InvalidRequest");
    assert!(answer.element("Message").contains("Content-MD5 OR x-amz-checksum-"));
    let mode = s3.presign("PUT", "k").header("x-amz-object-lock-mode", "GOVERNANCE");
    s3.send("PUT", &mode, "x").await.expect_error(400, "InvalidArgument");
    // The SHA-512 of nothing.
    let sha512 = "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";
    let newer = s3.presign("PUT", "k").header("x-amz-object-lock-legal-hold", "ON");
    let newer = newer.header("x-amz-checksum-sha512", sha512);
    s3.send("PUT", &newer, "x").await.expect_error(400, "BadDigest");
    let checked = hold.header("content-md5", "nVkzfW2MtRNEoLAlAFAEJg==");
    s3.send("PUT", &checked, "x").await.expect_error(400, "BadDigest");
    assert!(s3.stored().await.is_empty());
}

#[tokio::test]
async fn form_stores_every_field_and_is_answered_as_it_says() {
    let s3 = Fixture::start().await;
    let redirect = "https://app.example.com/done";
    for (form, status) in [
        (FormOptions::new(), 204),
        (FormOptions::new().success_status(SuccessStatus::Ok), 200),
        (FormOptions::new().success_status(SuccessStatus::Created), 201),
        (FormOptions::new().success_redirect(redirect.parse().unwrap()), 303),
    ] {
        let policy = builder(&s3).method(UploadMethod::Post).headers(headers()).storage(kms()).form(form);
        let (key, upload) = grant(&s3, policy).await;
        let form = into_form(upload);
        let fields: Vec<(String, String)> =
            form.fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let answer = post(&s3, &form.url, &fields).await.expect_status(status);
        if status == 201 {
            assert_eq!(answer.element("Key"), key);
        }
        assert_eq!(answer.header("location").starts_with(&format!("{redirect}?")), status == 303);
        let head = s3.send("HEAD", &s3.presign("HEAD", &key), "").await.expect_status(200);
        has(&head, &STORED);
    }
}
