//! Secrets of AWS Secrets Manager: the signed request, the answers of a scripted server, and those of an emulator.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

mod emulator;
mod server;

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use upsign_aws::{ReadSecretError, SecretsManager};
use upsign_core::{Credentials, Expiry, Timestamp};

use crate::server::{Answer, Server};

const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:upsign/uploads-AbCdEf";
const SECRET: &str = "q3Jf0y1G8uVb2sXk5mPz7wRt9aLd4cNe6hQoTiYxUvM=";

fn at() -> Timestamp {
    "2026-01-31T12:00:07Z".parse().unwrap()
}

fn credentials(token: Option<&str>) -> Credentials {
    let (id, secret) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    match token {
        Some(token) => Credentials::temporary(id, secret, token, Expiry::Unknown).unwrap(),
        None => Credentials::long_term(id, secret).unwrap(),
    }
}

async fn read(
    server: &Server,
    credentials: Credentials,
) -> Result<zeroize::Zeroizing<Vec<u8>>, ReadSecretError> {
    SecretsManager::new(credentials).with_endpoint(server.origin().parse().unwrap()).read(ARN, at()).await
}

fn found() -> Answer {
    Answer::new(200, &format!("{{\"ARN\":\"{ARN}\",\"SecretString\":\"{SECRET}\"}}"))
}

fn failure(status: u16, code: &str, message: &str) -> Answer {
    Answer::new(status, &format!("{{\"__type\":\"{code}\",\"Message\":\"{message}\"}}"))
}

#[tokio::test]
async fn secret_is_requested_by_its_arn() {
    let server = Server::start([found()]).await;
    assert_eq!(*read(&server, credentials(None)).await.unwrap(), SECRET.as_bytes());
    let [request] = &server.requests()[..] else { panic!("one request") };
    assert_eq!(request.line, "POST / HTTP/1.1");
    assert_eq!(request.body, format!("{{\"SecretId\":\"{ARN}\"}}"));
    assert_eq!(request.header("x-amz-target"), "secretsmanager.GetSecretValue");
    assert_eq!(request.header("content-type"), "application/x-amz-json-1.1");
}

/// Returns the `authorization` header of a request of Secrets Manager with these headers, signed with the crate of AWS.
fn authorization(
    headers: &[(&str, &str)],
    body: &str,
    credentials: &Credentials,
    region: &str,
    at: Timestamp,
) -> String {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_unix());
    let token = credentials.session_token().map(str::to_owned);
    let (id, secret) = (credentials.access_key_id(), credentials.secret_access_key());
    let identity = AwsCredentials::new(id, secret, token, None, "test").into();
    let params = SigningParams::builder().identity(&identity).region(region).name("secretsmanager");
    let params = params.time(time).settings(SigningSettings::default()).build().unwrap();
    let host = headers.iter().find(|(name, _)| *name == "host").unwrap().1;
    let (url, body) = (format!("http://{host}/"), SignableBody::Bytes(body.as_bytes()));
    let signable = SignableRequest::new("POST", url, headers.iter().copied(), body).unwrap();
    let (instructions, _) = sign(signable, &params.into()).unwrap().into_parts();
    let authorization = instructions.headers().find(|(name, _)| *name == "authorization");
    authorization.unwrap().1.to_owned()
}

#[tokio::test]
async fn signature_is_that_of_the_crate_of_aws() {
    for token in [None, Some("session/token+with=characters")] {
        let server = Server::start([found()]).await;
        read(&server, credentials(token)).await.unwrap();
        let request = server.requests().remove(0);
        let headers = ["content-type", "host", "x-amz-target"].map(|name| (name, request.header(name)));
        let expected = authorization(&headers, &request.body, &credentials(token), "eu-central-1", at());
        assert_eq!(request.header("authorization"), expected, "{token:?}");
        assert_eq!(request.headers.iter().any(|(name, _)| name == "x-amz-security-token"), token.is_some());
    }
}

#[tokio::test]
async fn temporary_failures_are_repeated() {
    let throttled = || failure(400, "ThrottlingException", "Rate exceeded");
    for first in [throttled(), failure(500, "InternalServiceError", ""), Answer::disconnect()] {
        let server = Server::start([first, found()]).await;
        assert_eq!(*read(&server, credentials(None)).await.unwrap(), SECRET.as_bytes());
        assert_eq!(server.requests().len(), 2);
    }
    let server = Server::start([throttled(), throttled(), throttled(), found()]).await;
    let error = read(&server, credentials(None)).await.unwrap_err();
    let expected = "AWS Secrets Manager answered 400 ThrottlingException: Rate exceeded";
    assert_eq!((error.to_string().as_str(), server.requests().len()), (expected, 3));
}

#[tokio::test]
async fn refusals_are_not_repeated() {
    let message = "User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: secretsmanager:GetSecretValue";
    for (code, message) in [
        ("AccessDeniedException", message),
        ("ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
        ("DecryptionFailure", ""),
    ] {
        let server = Server::start([failure(400, code, message), found()]).await;
        let error = read(&server, credentials(None)).await.unwrap_err();
        assert_eq!(error.to_string(), format!("AWS Secrets Manager answered 400 {code}: {message}"));
        assert_eq!(server.requests().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn other_answers_are_errors_without_their_content() {
    let huge = format!("{{\"SecretString\":\"{}\"}}", "a".repeat(600 << 10));
    for answer in [
        Answer::new(200, &format!("{{\"SecretString\":{{\"x\":\"{SECRET}\"}}}}")),
        Answer::new(200, &format!("{SECRET}{{")),
        Answer::new(200, "{}"),
        Answer::new(200, &huge),
        Answer::redirect("http://127.0.0.1:9/"),
    ] {
        let server = Server::start([answer]).await;
        let error = read(&server, credentials(None)).await.unwrap_err();
        assert!(!format!("{error:?} {error}").contains(SECRET), "{error:?}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn text_that_is_no_arn_is_refused_before_any_call() {
    let server = Server::start([found()]).await;
    let manager = SecretsManager::new(credentials(None)).with_endpoint(server.origin().parse().unwrap());
    let error = manager.read("upsign/uploads", at()).await.unwrap_err();
    assert!(matches!(error, ReadSecretError::InvalidArn) && server.requests().is_empty(), "{error:?}");
}
