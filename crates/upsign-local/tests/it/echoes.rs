//! The elements that S3 adds to the documents of its errors, in its order.

use std::time::{Duration, SystemTime};

use upsign_core::{Credentials, Expiry};
use upsign_local::LocalS3;
use upsign_testing::FixedClock;

use crate::support::multipart::{PART, complete, create, upload_part};
use crate::support::{Fixture, REGION, TestResponse, bucket, builder};

/// Returns the names of the elements of an error between its message and its request id.
fn added(response: &TestResponse) -> Vec<String> {
    let text = response.text();
    let (_, rest) = text.split_once("</Message>").unwrap();
    let (added, _) = rest.split_once("<RequestId>").unwrap();
    added.split("</").skip(1).filter_map(|end| end.split('>').next()).map(str::to_owned).collect()
}

#[track_caller]
fn check(response: &TestResponse, code: &str, expected: &[(&str, &str)]) {
    assert_eq!(response.element("Code"), code, "{}", response.text());
    let names: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
    assert_eq!(added(response), names, "{}", response.text());
    for (name, value) in expected {
        assert_eq!(response.element(name), *value, "{code}: {name}");
    }
    assert_eq!(response.header("x-upsign-error-detail"), "");
}

#[tokio::test]
async fn sizes_and_digests_of_a_body_are_named() {
    let s3 = Fixture::with_builder(builder().max_object_bytes(10)).await;
    let large = s3.put("k", b"0123456789a").await;
    check(&large, "EntityTooLarge", &[("ProposedSize", "11"), ("MaxSizeAllowed", "10")]);
    // The MD5 of no bytes, which were declared, and that of `bytes`.
    let put = s3.presign("PUT", "k").header("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==");
    check(
        &s3.send("PUT", &put, "bytes").await,
        "BadDigest",
        &[
            ("ExpectedDigest", "d41d8cd98f00b204e9800998ecf8427e"),
            ("CalculatedDigest", "SzpiGLs+OnMD6KFxpg/Pkg=="),
        ],
    );
    let invalid = s3.send("PUT", &s3.presign("PUT", "k").header("content-md5", "AAAA"), "bytes").await;
    check(&invalid, "InvalidDigest", &[("Content-MD5", "AAAA")]);
    let long = "v".repeat(2_048);
    let metadata = s3.send("PUT", &s3.presign("PUT", "k").header("x-amz-meta-m", long), "x").await;
    check(&metadata, "MetadataTooLarge", &[("Size", "2049"), ("MaxSizeAllowed", "2048")]);
}

#[tokio::test]
async fn conditions_keys_and_buckets_are_named() {
    let s3 = Fixture::start().await;
    let absent = s3.get("a ü").await;
    check(&absent, "NoSuchKey", &[("Key", "a ü")]);
    let create = s3.presign("PUT", "k").header("if-none-match", "*");
    s3.send("PUT", &create, "x").await.expect_status(200);
    check(&s3.send("PUT", &create, "x").await, "PreconditionFailed", &[("Condition", "If-None-Match")]);
    let replace = s3.presign("PUT", "k").header("if-match", "\"00000000000000000000000000000000\"");
    check(&s3.send("PUT", &replace, "x").await, "PreconditionFailed", &[("Condition", "If-Match")]);
    let read = s3.presign("GET", "k").header("if-match", "\"00000000000000000000000000000000\"");
    check(&s3.send("GET", &read, "").await, "PreconditionFailed", &[("Condition", "If-Match")]);
    let target = s3.s3.target("absent-bucket".parse().unwrap());
    let put = crate::sign::Presign::new(&target, s3.s3.credentials(), "PUT", "k");
    check(&s3.send("PUT", &put, "x").await, "NoSuchBucket", &[("BucketName", "absent-bucket")]);
}

#[tokio::test]
async fn parts_are_named() {
    let s3 = Fixture::start().await;
    let id = create(&s3, "k").await;
    let first = upload_part(&s3, "k", &id, 1, vec![1; 7]).await.header("etag").to_owned();
    let second = upload_part(&s3, "k", &id, 2, vec![2; 7]).await.header("etag").to_owned();
    let small = complete(&s3, "k", &id, &[(1, first.clone()), (2, second)]).await;
    let least = PART.to_string();
    let etag = first.trim_matches('"');
    check(
        &small,
        "EntityTooSmall",
        &[("ProposedSize", "7"), ("MinSizeAllowed", &least), ("PartNumber", "1"), ("ETag", etag)],
    );
    let unknown = complete(&s3, "k", &id, &[(1, first.clone()), (3, first.clone())]).await;
    check(&unknown, "InvalidPart", &[("UploadId", &id), ("PartNumber", "3"), ("ETag", etag)]);
    let gone = complete(&s3, "k", "absent", &[(1, first)]).await;
    check(&gone, "NoSuchUpload", &[("UploadId", "absent")]);
}

#[tokio::test]
async fn wrong_clocks_are_named() {
    let s3 = Fixture::with_builder(builder().clock(FixedClock::new("2026-01-02T03:04:05Z"))).await;
    let past = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let expired =
        s3.send("PUT", &s3.presign("PUT", "k").at(past).expires(Duration::from_secs(60)), "x").await;
    check(
        &expired,
        "AccessDenied",
        &[
            ("X-Amz-Expires", "60"),
            ("Expires", "2023-11-14T22:14:20Z"),
            ("ServerTime", "2026-01-02T03:04:05Z"),
        ],
    );
    let skewed = s3.presign("PUT", "k").at(past);
    let (url, headers) = skewed.sign_header(b"x");
    check(
        &s3.send_to("PUT", &url, &headers, "x").await,
        "RequestTimeTooSkewed",
        &[
            ("RequestTime", "20231114T221320Z"),
            ("ServerTime", "2026-01-02T03:04:05Z"),
            ("MaxAllowedSkewMilliseconds", "900000"),
        ],
    );
}

/// S3 shows a header that was signed and not sent with an empty value.
#[tokio::test]
async fn echo_of_a_signature_has_every_signed_header() {
    let s3 = Fixture::start().await;
    let url =
        s3.presign("PUT", "k").header("content-type", "image/jpeg").header("x-amz-meta-by", "ada").url();
    let headers = [("content-type".to_owned(), "image/jpeg".to_owned())];
    let response = s3.send_to("PUT", &url, &headers, "x").await.expect_error(403, "SignatureDoesNotMatch");
    let elements = [
        "AWSAccessKeyId",
        "StringToSign",
        "SignatureProvided",
        "StringToSignBytes",
        "CanonicalRequest",
        "CanonicalRequestBytes",
    ];
    assert_eq!(added(&response), elements);
    assert!(response.element("CanonicalRequest").contains("\nx-amz-meta-by:\n"), "{}", response.text());
    let bytes = |name: &str| -> String {
        let bytes = response.element(name);
        let bytes = bytes.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
        String::from_utf8(bytes).unwrap()
    };
    assert_eq!(bytes("StringToSignBytes"), response.element("StringToSign"));
    assert_eq!(bytes("CanonicalRequestBytes"), response.element("CanonicalRequest").replace("&amp;", "&"));
    assert!(!response.element("HostId").is_empty());
}

/// The echo repeats what the client sent. The server's secret key and token are not among it.
#[tokio::test]
async fn echoes_have_no_secret_of_the_server() {
    let keys =
        |token: &str| Credentials::temporary("ASIALOCAL", "the-secret", token, Expiry::Unknown).unwrap();
    let s3 =
        Fixture::with_builder(LocalS3::builder(keys("the-token"), REGION.parse().unwrap(), bucket())).await;
    let other = crate::sign::Presign::new(&s3.target, &keys_of_client(), "PUT", "k").url();
    let altered = s3.presign("PUT", "k").url().replace("/k?", "/l?");
    for url in [other, altered] {
        let response = s3.send_to("PUT", &url, &[], "x").await;
        assert!(response.status.is_client_error());
        assert!(!response.text().contains("the-secret"), "{}", response.text());
        let sent = url.contains("the-token");
        assert_eq!(response.text().contains("the-token"), sent, "{}", response.text());
        if !sent {
            check(&response, "InvalidToken", &[("Token-0", "another-one")]);
        }
    }
}

fn keys_of_client() -> Credentials {
    Credentials::temporary("ASIALOCAL", "the-secret", "another-one", Expiry::Unknown).unwrap()
}
