//! A table of the emulator.

use std::env;
use std::time::Duration;

use upsign::sigv4::stages::{SigningKey, amz_date, canonical_request, scope, string_to_sign};
use upsign::{Clock, Credentials, SystemClock};
use upsign_dynamodb::DynamoDbQuota;

const REGION: &str = "us-east-1";
const ACCESS_KEY: &str = "AKIATESTADMIN0000001";
const SECRET_KEY: &str = "adminSecretKeyForTestsOnly00000000000001";
/// The SHA-256 of each body, which the emulator does not compare.
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// Creates a table, and returns a store in it, or `None` if there is no emulator and none is required.
pub(crate) async fn store(name: &str) -> Option<DynamoDbQuota> {
    let Some(endpoint) = variable("TEST_S3_MINISTACK") else {
        let is_required = variable("TEST_SERVERS").is_some_and(|value| value == "required");
        assert!(!is_required, "TEST_S3_MINISTACK is not set");
        return None;
    };
    let table = format!("quota-{name}-{}", SystemClock.now().as_unix());
    let key = r#"[{"AttributeName":"account","KeyType":"HASH"},{"AttributeName":"item","KeyType":"RANGE"}]"#;
    let attributes =
        r#"[{"AttributeName":"account","AttributeType":"S"},{"AttributeName":"item","AttributeType":"S"}]"#;
    let body = format!(
        r#"{{"TableName":"{table}","BillingMode":"PAY_PER_REQUEST","KeySchema":{key},"AttributeDefinitions":{attributes}}}"#
    );
    call(&endpoint, "CreateTable", &body).await;
    let ttl = r#"{"AttributeName":"expires","Enabled":true}"#;
    let body = format!(r#"{{"TableName":"{table}","TimeToLiveSpecification":{ttl}}}"#);
    call(&endpoint, "UpdateTimeToLive", &body).await;
    let credentials = Credentials::long_term(ACCESS_KEY, SECRET_KEY).unwrap();
    let store = DynamoDbQuota::new(table, REGION.parse().unwrap(), credentials);
    // The emulator serves one call after the other, so the last of a thousand waits long.
    let limits = (Duration::from_secs(60), Duration::from_secs(120));
    Some(store.with_endpoint(&endpoint.parse().unwrap()).with_time_limits(limits.0, limits.1))
}

/// Calls an operation that the store does not have.
async fn call(endpoint: &str, operation: &str, body: &str) {
    let (at, target) = (SystemClock.now(), format!("DynamoDB_20120810.{operation}"));
    let host = endpoint.strip_prefix("http://").unwrap();
    let date = amz_date(at);
    let headers = [("host", host), ("x-amz-date", date.as_str()), ("x-amz-target", target.as_str())];
    let canonical = canonical_request("POST", "/", &[], &headers, UNSIGNED);
    let scope = scope(at, REGION, "dynamodb");
    let key = SigningKey::derive(SECRET_KEY, at, REGION, "dynamodb");
    let signature = key.sign(&string_to_sign(at, &scope, &canonical));
    let names = "host;x-amz-date;x-amz-target";
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope}, SignedHeaders={names}, Signature={signature}"
    );
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let request = client.post(format!("{endpoint}/")).body(body.to_owned());
    let request = request.header("x-amz-date", date.as_str()).header("x-amz-target", target.as_str());
    let request = request.header("x-amz-content-sha256", UNSIGNED).header("authorization", authorization);
    let response = request.header("content-type", "application/x-amz-json-1.0").send().await.unwrap();
    let (status, answer) = (response.status(), response.text().await.unwrap());
    assert_eq!(status, 200, "{operation}: {answer}");
}

#[expect(clippy::disallowed_methods, reason = "the command that runs these tests passes what they need")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}
