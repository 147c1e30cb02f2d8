//! Rejected requests: the codes, messages and details of S3, and that nothing is stored.

use std::time::{Duration, SystemTime};

use upsign_core::Credentials;
use upsign_local::LocalS3;
use upsign_testing::FixedClock;

use crate::sign::Presign;
use crate::support::{Fixture, REGION, bucket, builder, credentials};

const SHA256_OF_OTHER: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

#[tokio::test]
async fn wrong_checksum_is_rejected() {
    let s3 = Fixture::start().await;
    for (name, value) in [
        ("x-amz-checksum-sha256", SHA256_OF_OTHER),
        ("x-amz-checksum-sha1", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
        ("x-amz-checksum-crc32", "AAAAAA=="),
        ("x-amz-checksum-crc32c", "AAAAAA=="),
        ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
        ("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="),
        ("x-amz-checksum-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="),
        ("x-amz-checksum-xxhash64", "AAAAAAAAAAA="),
        ("x-amz-checksum-xxhash3", "AAAAAAAAAAA="),
        ("x-amz-checksum-xxhash128", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("x-amz-checksum-sha512", &format!("{}A==", "A".repeat(85))),
    ] {
        let put = s3.presign("PUT", "k").header(name, value);
        s3.send("PUT", &put, "bytes").await.expect_error(400, "BadDigest");
        assert!(s3.stored().await.is_empty(), "{name}");
        s3.get("k").await.expect_error(404, "NoSuchKey");
    }
    let put = s3.presign("PUT", "k").header("content-md5", "not base64");
    s3.send("PUT", &put, "bytes").await.expect_error(400, "InvalidDigest");
}

#[tokio::test]
async fn rejected_upload_keeps_the_existing_object() {
    let s3 = Fixture::start().await;
    s3.send("PUT", &s3.presign("PUT", "k").header("content-type", "text/plain"), "old")
        .await
        .expect_status(200);
    let digest = s3.presign("PUT", "k").header("x-amz-checksum-sha256", SHA256_OF_OTHER);
    s3.send("PUT", &digest, "new").await.expect_error(400, "BadDigest");
    let overwrite = s3.presign("PUT", "k").header("if-none-match", "*");
    s3.send("PUT", &overwrite, "new").await.expect_error(412, "PreconditionFailed");
    let url = s3.presign("PUT", "k").header("content-type", "image/png").url();
    s3.send_to("PUT", &url, &[("content-type".into(), "text/html".into())], "new")
        .await
        .expect_error(403, "SignatureDoesNotMatch");
    let response = s3.get("k").await.expect_status(200);
    assert_eq!((response.body.as_slice(), response.header("content-type")), (&b"old"[..], "text/plain"));
}

#[tokio::test]
async fn signature_mismatch_returns_the_canonical_request() {
    let s3 = Fixture::start().await;
    let url = s3.presign("PUT", "a b").header("content-type", "image/jpeg").url();
    let headers = [("content-type".to_owned(), "image/png".to_owned())];
    let response = s3.send_to("PUT", &url, &headers, "x").await.expect_error(403, "SignatureDoesNotMatch");
    assert_eq!(response.header("content-type"), "application/xml");
    assert_eq!(response.element("AWSAccessKeyId"), "LOCLEXAMPLE");
    assert_eq!(response.element("SignatureProvided").len(), 64);
    let canonical = response.element("CanonicalRequest").replace("&amp;", "&");
    let lines: Vec<&str> = canonical.lines().collect();
    assert_eq!(lines.first(), Some(&"PUT"));
    assert_eq!(lines.get(1), Some(&"/article-images/a%20b"));
    assert!(
        lines.get(2).unwrap().starts_with("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=LOCLEXAMPLE%2F")
    );
    assert!(!canonical.contains("X-Amz-Signature"));
    assert_eq!(lines.get(3), Some(&"content-type:image/png"));
    assert_eq!(lines.last(), Some(&"UNSIGNED-PAYLOAD"));
    let string_to_sign = response.element("StringToSign");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, canonical.as_bytes());
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(string_to_sign.starts_with("AWS4-HMAC-SHA256\n") && string_to_sign.ends_with(&hex));
}

#[tokio::test]
async fn unknown_bucket_returns_404() {
    let s3 = Fixture::start().await;
    let target = s3.s3.target("absent-bucket".parse().unwrap());
    for method in ["PUT", "GET", "DELETE"] {
        let request = Presign::new(&target, s3.s3.credentials(), method, "k");
        s3.send(method, &request, "x").await.expect_error(404, "NoSuchBucket");
    }
    let request = Presign::new(&target, s3.s3.credentials(), "PUT", "k");
    s3.send("PUT", &request, "x").await.expect_error(404, "NoSuchBucket");
}

#[tokio::test]
async fn unsigned_amz_header_is_rejected_by_name() {
    let s3 = Fixture::start().await;
    let url = s3.presign("PUT", "k").url();
    let headers = [
        ("x-amz-meta-by".to_owned(), "eve".to_owned()),
        ("x-amz-acl".to_owned(), "public-read".to_owned()),
        ("content-type".to_owned(), "image/png".to_owned()),
    ];
    let response = s3.send_to("PUT", &url, &headers, "x").await.expect_error(403, "AccessDenied");
    assert_eq!(
        response.element("Message"),
        "There were headers present in the request which were not signed"
    );
    assert_eq!(response.element("HeadersNotSigned"), "x-amz-acl, x-amz-meta-by");
    assert!(s3.stored().await.is_empty());
    // S3 accepts an unsigned Content-Type, and so does this server.
    let headers = [("content-type".to_owned(), "image/png".to_owned())];
    s3.send_to("PUT", &url, &headers, "x").await.expect_status(200);
}

#[tokio::test]
async fn lifetime_above_seven_days_is_rejected() {
    let s3 = Fixture::start().await;
    let week = Duration::from_secs(604_800);
    let put = s3.presign("PUT", "k").expires(week);
    let url = put.url().replace("X-Amz-Expires=604800", "X-Amz-Expires=604801");
    let response =
        s3.send_to("PUT", &url, &[], "x").await.expect_error(400, "AuthorizationQueryParametersError");
    assert!(response.element("Message").starts_with("X-Amz-Expires must be less than a week"));
    s3.send("PUT", &put, "x").await.expect_status(200);
    for (value, message) in
        [("-1", "X-Amz-Expires must be non-negative"), ("soon", "X-Amz-Expires should be a number")]
    {
        let url = put.url().replace("X-Amz-Expires=604800", &format!("X-Amz-Expires={value}"));
        let response =
            s3.send_to("PUT", &url, &[], "x").await.expect_error(400, "AuthorizationQueryParametersError");
        assert_eq!(response.element("Message"), message);
    }
}

#[tokio::test]
async fn wrong_region_error_names_the_expected_region() {
    let s3 = Fixture::start().await;
    let put = s3.presign("PUT", "k").region("us-east-1");
    let response = s3.send("PUT", &put, "x").await.expect_error(400, "AuthorizationQueryParametersError");
    assert_eq!(
        response.element("Message"),
        "Error parsing the X-Amz-Credential parameter; the region 'us-east-1' is wrong; expecting 'eu-central-1'"
    );
    assert_eq!(response.element("Region"), REGION);
    let (url, headers) = s3.presign("PUT", "k").region("us-east-1").sign_header(b"x");
    let response =
        s3.send_to("PUT", &url, &headers, "x").await.expect_error(400, "AuthorizationHeaderMalformed");
    assert_eq!(response.element("Region"), REGION);
    assert!(s3.stored().await.is_empty());
}

#[tokio::test]
async fn unsupported_operations_return_501() {
    let s3 = Fixture::start().await;
    s3.put("k", b"x").await.expect_status(200);
    for (method, key, query) in [
        ("GET", "", ""),
        ("PUT", "", ""),
        ("DELETE", "", ""),
        ("GET", "", "versions="),
        ("DELETE", "k", "tagging="),
        ("PUT", "", "versioning="),
        ("GET", "k", "acl="),
        ("PUT", "k", "acl="),
        ("PUT", "", "cors="),
        ("POST", "", "delete="),
    ] {
        let request = s3.presign(method, key).query(query);
        let response = s3.send(method, &request, "").await;
        assert_eq!(response.status.as_u16(), 501, "{method} {key} {query}: {}", response.text());
        assert_eq!(response.element("Code"), "NotImplemented");
    }
    let copy = s3.presign("PUT", "copy").header("x-amz-copy-source", "/article-images/k");
    s3.send("PUT", &copy.query("partNumber=1&uploadId=x"), "").await.expect_error(501, "NotImplemented");
    assert_eq!(s3.stored().await.len(), 1);
}

#[tokio::test]
async fn anonymous_requests_are_denied() {
    let s3 = Fixture::start().await;
    s3.put("k", b"x").await.expect_status(200);
    let url = format!("http://{}/article-images/k", s3.s3.address());
    for method in ["GET", "PUT", "DELETE", "POST"] {
        s3.send_to(method, &url, &[], "y").await.expect_error(403, "AccessDenied");
    }
    s3.send_to("HEAD", &url, &[], "").await.expect_status(403);
    let root = format!("http://{}/", s3.s3.address());
    s3.send_to("GET", &root, &[], "").await.expect_error(403, "AccessDenied");
    assert_eq!(s3.get("k").await.body, b"x");
}

#[tokio::test]
async fn expired_url_error_names_the_expiry() {
    let s3 = Fixture::with_builder(builder().clock(FixedClock::new("2026-01-02T03:04:05Z"))).await;
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let put = s3.presign("PUT", "k").at(at).expires(Duration::from_secs(60));
    let response = s3.send("PUT", &put, "x").await.expect_error(403, "AccessDenied");
    assert_eq!(response.element("Message"), "Request has expired");
    assert_eq!(response.element("X-Amz-Expires"), "60");
    assert_eq!(response.element("Expires"), "2023-11-14T22:14:20Z");
    assert_eq!(response.element("ServerTime"), "2026-01-02T03:04:05Z");
    // Signed a minute ago: valid for ten more seconds, and expired for one second.
    let now = SystemTime::now();
    let minute = Duration::from_secs(60);
    s3.send("PUT", &s3.presign("PUT", "k").at(now - minute).expires(Duration::from_secs(70)), "x")
        .await
        .expect_status(200);
    s3.send("PUT", &s3.presign("PUT", "k").at(now - minute).expires(Duration::from_secs(59)), "x")
        .await
        .expect_error(403, "AccessDenied");
}

#[tokio::test]
async fn url_signed_in_the_future_is_not_yet_valid() {
    let s3 = Fixture::start().await;
    let now = SystemTime::now();
    let ahead = |minutes: u64| s3.presign("PUT", "k").at(now + Duration::from_secs(minutes * 60));
    let response = s3.send("PUT", &ahead(16), "x").await.expect_error(403, "AccessDenied");
    assert_eq!(response.element("Message"), "Request is not yet valid");
    assert!(response.element("X-Amz-Date").ends_with("000"));
    assert!(response.element("ServerTime").ends_with('Z'));
    s3.send("PUT", &ahead(14), "x").await.expect_status(200);
    let future = s3.presign("PUT", "k").at(now + Duration::from_secs(960));
    let (url, headers) = future.sign_header(b"x");
    s3.send_to("PUT", &url, &headers, "x").await.expect_error(403, "RequestTimeTooSkewed");
}

#[tokio::test]
async fn unknown_access_key_or_wrong_secret_is_rejected() {
    let s3 = Fixture::start().await;
    let other = Credentials::long_term("AKIAUNKNOWN", credentials().secret_access_key()).unwrap();
    let request = Presign::new(&s3.target, &other, "PUT", "k");
    let response = s3.send("PUT", &request, "x").await.expect_error(403, "InvalidAccessKeyId");
    assert_eq!(response.element("AWSAccessKeyId"), "AKIAUNKNOWN");
    let other = Credentials::long_term(credentials().access_key_id(), "another secret").unwrap();
    let request = Presign::new(&s3.target, &other, "PUT", "k");
    s3.send("PUT", &request, "x").await.expect_error(403, "SignatureDoesNotMatch");
}

#[tokio::test]
async fn session_token_must_belong_to_the_access_key() {
    let token = |token: &str| {
        Credentials::temporary("ASIALOCAL", "secret", token, upsign_core::Expiry::Unknown).unwrap()
    };
    let temporary =
        Fixture::with_builder(LocalS3::builder(token("to+k/en=="), REGION.parse().unwrap(), bucket())).await;
    temporary.put("k", b"x").await.expect_status(200);
    let (url, headers) = temporary.presign("PUT", "k").sign_header(b"y");
    temporary.send_to("PUT", &url, &headers, "y").await.expect_status(200);
    // The signatures are valid, but the session tokens do not belong to the key.
    let put = |s3: &Fixture, credentials: &Credentials| {
        (Presign::new(&s3.target, credentials, "PUT", "k").url(), s3.http.clone())
    };
    let (url, _) = put(&temporary, &token("another"));
    temporary.send_to("PUT", &url, &[], "z").await.expect_error(400, "InvalidToken");
    let (url, _) = put(&temporary, &Credentials::long_term("ASIALOCAL", "secret").unwrap());
    temporary.send_to("PUT", &url, &[], "z").await.expect_error(403, "InvalidAccessKeyId");
    assert_eq!(temporary.get("k").await.body, b"y");

    let long_term = Fixture::start().await;
    let bogus = Credentials::temporary(
        credentials().access_key_id(),
        credentials().secret_access_key(),
        "bogus",
        upsign_core::Expiry::Unknown,
    );
    let (url, _) = put(&long_term, &bogus.unwrap());
    long_term.send_to("PUT", &url, &[], "z").await.expect_error(400, "InvalidToken");
    let twice = long_term.presign("PUT", "k").query("X-Amz-Security-Token=a&X-Amz-Security-Token=b");
    long_term.send("PUT", &twice, "z").await.expect_error(400, "InvalidToken");
    assert!(long_term.stored().await.is_empty());
}

#[tokio::test]
async fn missing_or_repeated_query_parameters_are_rejected() {
    let s3 = Fixture::start().await;
    let url = s3.presign("PUT", "k").url();
    let (base, query) = url.split_once('?').unwrap();
    for name in ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"] {
        let without = query.split('&').filter(|pair| !pair.starts_with(&format!("X-Amz-{name}=")));
        let without = without.collect::<Vec<_>>().join("&");
        s3.send_to("PUT", &format!("{base}?{without}"), &[], "x")
            .await
            .expect_error(400, "AuthorizationQueryParametersError");
        let twice = format!("{url}&X-Amz-{name}=x");
        s3.send_to("PUT", &twice, &[], "x").await.expect_error(400, "AuthorizationQueryParametersError");
    }
    for (from, to) in [
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=AWS4-HMAC-SHA1"),
        ("%2Faws4_request", "%2Faws5_request"),
        ("LOCLEXAMPLE%2F", ""),
        ("T", "t"),
    ] {
        let url = format!("{base}?{}", query.replace(from, to));
        assert_ne!(url, s3.presign("PUT", "k").url());
        s3.send_to("PUT", &url, &[], "x").await.expect_error(400, "AuthorizationQueryParametersError");
    }
    assert!(s3.stored().await.is_empty());
}

#[tokio::test]
async fn unsupported_or_ambiguous_mechanisms_are_rejected() {
    let s3 = Fixture::start().await;
    let base = format!("http://{}/article-images/k", s3.s3.address());
    let v2 = format!("{base}?AWSAccessKeyId=LOCLEXAMPLE&Expires=99999999999&Signature=x");
    s3.send_to("GET", &v2, &[], "").await.expect_error(400, "InvalidRequest");
    for value in ["AWS LOCLEXAMPLE:x", "Bearer x", "Basic x"] {
        let headers = [("authorization".to_owned(), value.to_owned())];
        s3.send_to("GET", &base, &headers, "").await.expect_error(400, "InvalidRequest");
    }
    let (_, headers) = s3.presign("GET", "k").sign_header(b"");
    s3.send_to("GET", &s3.presign("GET", "k").url(), &headers, "").await.expect_error(400, "InvalidArgument");
    let headers = [("authorization".to_owned(), "AWS4-HMAC-SHA256 Credential=x".to_owned())];
    s3.send_to("GET", &base, &headers, "").await.expect_error(400, "AuthorizationHeaderMalformed");
}

#[tokio::test]
async fn object_above_the_size_limit_is_rejected() {
    let s3 = Fixture::with_builder(builder().max_object_bytes(10)).await;
    s3.put("k", b"0123456789").await.expect_status(200);
    s3.put("k", b"0123456789a").await.expect_error(400, "EntityTooLarge");
    assert_eq!(s3.get("k").await.body, b"0123456789");
}

#[tokio::test]
async fn acls_object_lock_and_invalid_headers_are_rejected() {
    let s3 = Fixture::start().await;
    for (name, value, status, code) in [
        ("x-amz-acl", "public-read", 400, "AccessControlListNotSupported"),
        ("x-amz-grant-read", "id=1", 400, "AccessControlListNotSupported"),
        ("x-amz-object-lock-legal-hold", "ON", 400, "InvalidRequest"),
        ("x-amz-storage-class", "COLD", 400, "InvalidStorageClass"),
        ("x-amz-server-side-encryption-customer-algorithm", "AES256", 501, "NotImplemented"),
    ] {
        let put = s3.presign("PUT", "k").header(name, value);
        s3.send("PUT", &put, "x").await.expect_error(status, code);
    }
    let long = "v".repeat(2_048);
    s3.send("PUT", &s3.presign("PUT", "k").header("x-amz-meta-m", long), "x")
        .await
        .expect_error(400, "MetadataTooLarge");
    assert!(s3.stored().await.is_empty());
    let put = s3.presign("PUT", "k").header("x-amz-acl", "bucket-owner-full-control");
    s3.send("PUT", &put, "x").await.expect_status(200);
}
