//! The examples in AWS's documentation: canonical request, string to sign and signature of each.

use upsign_sigv4::stages::{self, SigningKey};
use upsign_testing::vectors::{DocsExample, amz_time, docs_examples};

fn check(example: &DocsExample, headers: &[(&str, &str)], query: &[(&str, &str)], payload_hash: &str) {
    let expected = &example.expected;
    // The example path is an object key: `test$file.text` is not encoded in the request line but is in the signature.
    let mut path = String::new();
    upsign_sigv4::encode_key(&mut path, &example.path);
    let canonical = stages::canonical_request(&example.method, &path, query, headers, payload_hash);
    assert_eq!(canonical, expected.canonical_request, "{}", example.id);
    let at = amz_time(&example.amz_date);
    let scope = stages::scope(at, &example.region, &example.service);
    let string_to_sign = stages::string_to_sign(at, &scope, &canonical);
    assert_eq!(string_to_sign, expected.string_to_sign, "{}", example.id);
    let key = SigningKey::derive(&example.secret_access_key, at, &example.region, &example.service);
    assert_eq!(key.sign(&string_to_sign), expected.signature, "{}", example.id);
}

#[test]
fn documented_presigned_get() {
    for example in docs_examples("presign") {
        let at = amz_time(&example.amz_date);
        let scope = stages::scope(at, &example.region, &example.service);
        let credential = format!("{}/{scope}", example.access_key_id);
        let expires = example.expires.unwrap().to_string();
        let query = [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", &credential),
            ("X-Amz-Date", &stages::amz_date(at)),
            ("X-Amz-Expires", &expires),
            ("X-Amz-SignedHeaders", "host"),
        ];
        check(&example, &[("Host", &example.host)], &query, stages::UNSIGNED_PAYLOAD);
    }
}

#[test]
fn documented_header_signatures() {
    for example in docs_examples("header") {
        let query: Vec<(&str, &str)> = example
            .query
            .split('&')
            .filter(|parameter| !parameter.is_empty())
            .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
            .collect();
        let payload_hash = example.payload_hash.as_deref().unwrap();
        let mut headers: Vec<(&str, &str)> =
            example.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        headers.push(("Host", &example.host));
        headers.push(("X-Amz-Content-Sha256", payload_hash));
        headers.push(("X-Amz-Date", &example.amz_date));
        check(&example, &headers, &query, payload_hash);
    }
}
