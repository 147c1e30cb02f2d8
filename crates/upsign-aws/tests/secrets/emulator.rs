//! Secrets of a running ministack, whose endpoint the variable `TEST_S3_MINISTACK` names. It knows access keys, but compares no
//! signatures of this service; the crate of AWS does, in `main.rs`.

use std::time::SystemTime;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use upsign_aws::{ReadSecretError, SecretsManager};
use upsign_core::{Credentials, Timestamp};

use crate::{SECRET, authorization};

const REGION: &str = "us-east-1";
const ACCESS_KEY: &str = "AKIATESTADMIN0000001";
const SECRET_KEY: &str = "adminSecretKeyForTestsOnly00000000000001";

#[expect(clippy::disallowed_methods, reason = "an emulator compares the time of a signature with its clock")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_unix(since.as_secs()).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the variables name the servers of this machine")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Calls an operation with a request that the crate of AWS signs, and returns the body of the answer.
async fn call(host: &str, operation: &str, body: &str) -> String {
    let (at, target) = (now(), format!("secretsmanager.{operation}"));
    let headers =
        [("content-type", "application/x-amz-json-1.1"), ("host", host), ("x-amz-target", target.as_str())];
    let credentials = Credentials::long_term(ACCESS_KEY, SECRET_KEY).unwrap();
    let authorization = authorization(&headers, body, &credentials, REGION, at);
    let date = at.to_string().replace(['-', ':'], "");
    let mut request = format!("POST / HTTP/1.1\r\nconnection: close\r\nx-amz-date: {date}\r\n");
    for (name, value) in headers.into_iter().chain([("authorization", authorization.as_str())]) {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[tokio::test]
async fn secrets_of_an_emulator_are_read() {
    let Some(endpoint) = variable("TEST_S3_MINISTACK") else {
        assert!(variable("TEST_SERVERS").is_none(), "TEST_S3_MINISTACK is not set");
        return;
    };
    let host = endpoint.strip_prefix("http://").unwrap();
    for (member, value, expected) in [
        ("SecretString", SECRET, SECRET.as_bytes().to_vec()),
        ("SecretBinary", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", (0..32).collect()),
    ] {
        let name = format!("upsign/{member}-{}", now().as_unix());
        let body = format!("{{\"Name\":\"{name}\",\"{member}\":\"{value}\"}}");
        let created = call(host, "CreateSecret", &body).await;
        let arn = created.split('"').find(|text| text.starts_with("arn:aws:")).unwrap();
        let credentials = Credentials::long_term(ACCESS_KEY, SECRET_KEY).unwrap();
        let manager = SecretsManager::new(credentials).with_endpoint(endpoint.parse().unwrap());
        assert_eq!(*manager.read(arn, now()).await.unwrap(), expected, "{member}");

        let absent = arn.replace("upsign/", "upsign/absent-");
        let error = manager.read(&absent, now()).await.unwrap_err();
        assert!(
            matches!(&error, ReadSecretError::Refused { code, .. } if **code == *"ResourceNotFoundException"),
            "{error}"
        );
        let wrong = Credentials::long_term("AKIAUNKNOWN000000001", SECRET_KEY).unwrap();
        let manager = SecretsManager::new(wrong).with_endpoint(endpoint.parse().unwrap());
        let error = manager.read(arn, now()).await.unwrap_err();
        assert!(error.to_string().contains("UnrecognizedClientException"), "{error}");
    }
}
