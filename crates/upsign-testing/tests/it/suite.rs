//! Compares each stage of a signature with the AWS signing test suite and with the documented examples.
//!
//! Unlike other services, S3 neither normalizes paths nor encodes them twice. Only the cases for which that makes no difference
//! are used (`same_under_s3_rules`).

use base64::prelude::{BASE64_STANDARD, Engine};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use sha2::Sha256;
use upsign_sigv4::stages::{self, SigningKey};
use upsign_testing::vectors::{amz_time, docs_examples};

#[derive(Deserialize)]
struct Suite {
    cases: Vec<Case>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Case {
    id: String,
    algorithm: String,
    method: String,
    path: String,
    query: Option<String>,
    headers: Vec<(String, String)>,
    credentials: Keys,
    region: String,
    service: String,
    amz_date: String,
    expires: Option<u64>,
    sign_body: bool,
    omit_session_token: bool,
    s3_canonical_path: Option<String>,
    header: Option<Stages>,
    query_signing: Option<Stages>,
}

#[derive(Default, Deserialize)]
struct Keys {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

#[derive(Deserialize)]
struct Stages {
    canonical_request: String,
    string_to_sign: String,
    signature: String,
    same_under_s3_rules: bool,
}

type Pairs = Vec<(String, String)>;

fn cases() -> Vec<Case> {
    let suite: Suite = serde_json::from_str(include_str!("../../vectors/sigv4_suite.json")).unwrap();
    suite.cases.into_iter().filter(|case| case.algorithm == "AWS4-HMAC-SHA256").collect()
}

fn borrowed(pairs: &Pairs) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

impl Case {
    /// Returns the path as it is signed for S3: decoded, then encoded once.
    fn path(&self) -> String {
        let mut path = String::new();
        upsign_sigv4::encode_key(&mut path, &decoded(&self.path));
        path
    }

    fn query(&self) -> Pairs {
        let pairs = self.query.iter().flat_map(|query| query.split('&')).filter(|pair| !pair.is_empty());
        let pair = |pair: &str| {
            pair.split_once('=').map_or((decoded(pair), String::new()), |(n, v)| (decoded(n), decoded(v)))
        };
        pairs.map(pair).collect()
    }

    fn token(&self) -> Option<&String> {
        self.credentials.session_token.as_ref().filter(|_| !self.omit_session_token)
    }

    fn check(&self, wanted: &Stages, headers: &Pairs, query: &Pairs, payload_hash: &str) {
        let (headers, query) = (borrowed(headers), borrowed(query));
        let canonical = stages::canonical_request(&self.method, &self.path(), &query, &headers, payload_hash);
        assert_eq!(canonical, wanted.canonical_request, "{}", self.id);
        let at = amz_time(&self.amz_date);
        let scope = stages::scope(at, &self.region, &self.service);
        let message = stages::string_to_sign(at, &scope, &canonical);
        assert_eq!(message, wanted.string_to_sign, "{}", self.id);
        let key = SigningKey::derive(&self.credentials.secret_access_key, at, &self.region, &self.service);
        assert_eq!(key.sign(&message), wanted.signature, "{}", self.id);
    }
}

/// Returns the payload hash of the expected canonical request: hashing a body is not one of the stages.
fn payload_hash(wanted: &Stages) -> &str {
    wanted.canonical_request.rsplit('\n').next().unwrap()
}

#[test]
fn header_signatures_equal_the_suite() {
    let mut checked = 0;
    for case in cases() {
        let Some(wanted) = case.header.as_ref().filter(|wanted| wanted.same_under_s3_rules) else { continue };
        let mut headers = case.headers.clone();
        headers.push(("X-Amz-Date".into(), case.amz_date.clone()));
        headers.extend(case.token().map(|token| ("X-Amz-Security-Token".into(), token.clone())));
        if case.sign_body {
            headers.push(("X-Amz-Content-Sha256".into(), payload_hash(wanted).into()));
        }
        case.check(wanted, &headers, &case.query(), payload_hash(wanted));
        checked += 1;
    }
    assert_eq!(checked, 13);
}

#[test]
fn query_signatures_equal_the_suite() {
    let mut checked = 0;
    for case in cases() {
        let Some(wanted) = case.query_signing.as_ref().filter(|wanted| wanted.same_under_s3_rules) else {
            continue;
        };
        let scope = stages::scope(amz_time(&case.amz_date), &case.region, &case.service);
        let mut names: Vec<String> = case.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.sort();
        names.dedup();
        let mut query = case.query();
        query.extend(
            [
                ("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned()),
                ("X-Amz-Credential", format!("{}/{scope}", case.credentials.access_key_id)),
                ("X-Amz-Date", case.amz_date.clone()),
                ("X-Amz-Expires", case.expires.unwrap().to_string()),
                ("X-Amz-SignedHeaders", names.join(";")),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        query.extend(case.token().map(|token| ("X-Amz-Security-Token".into(), token.clone())));
        case.check(wanted, &case.headers, &query, payload_hash(wanted));
        checked += 1;
    }
    assert_eq!(checked, 13);
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html>, line breaks included.
#[test]
fn form_signature_equals_the_documentation() {
    for example in docs_examples("post-policy") {
        let policy = BASE64_STANDARD.encode(&example.policy_utf8);
        assert_eq!(policy, example.expected.policy_base64, "{}", example.id);
        let at = amz_time(&example.amz_date);
        let key = SigningKey::derive(&example.secret_access_key, at, &example.region, &example.service);
        assert_eq!(key.sign(&policy), example.expected.signature, "{}", example.id);
    }
}

/// A `SigningKey` does not expose its bytes, so a signature by it is compared with one by the printed key.
#[test]
fn signing_keys_equal_the_documentation() {
    for example in docs_examples("signing-key") {
        let at = amz_time(&format!("{}T000000Z", example.date));
        let key = SigningKey::derive(&example.secret_access_key, at, &example.region, &example.service);
        let hex = example.expected.signing_key_hex.as_bytes();
        let printed: Vec<u8> = hex
            .chunks(2)
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        let mut mac = Hmac::<Sha256>::new_from_slice(&printed).unwrap();
        mac.update(b"a message");
        let signature: String =
            mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(key.sign("a message"), signature, "{}", example.id);
    }
}

#[test]
fn canonical_paths_equal_the_suite() {
    let only: Vec<Case> = cases().into_iter().filter(|case| case.s3_canonical_path.is_some()).collect();
    assert!(!only.is_empty());
    for case in only {
        assert_eq!(Some(case.path()), case.s3_canonical_path, "{}", case.id);
    }
}
