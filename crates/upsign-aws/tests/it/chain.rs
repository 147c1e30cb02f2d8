//! Credentials of an assumed role, fetched from a fake STS on loopback, and their refresh.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError as ProviderError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use upsign_aws::{AssumeRole, ProviderChain};
use upsign_core::{Credentials, CredentialsSource, Expiry, Timestamp, error_chain};
use upsign_testing::conformance::{CredentialsFixture, check_credentials_source};

const END: &str = "2026-01-01T01:00:00Z";

/// Starts a fake STS that returns a new access key for every call. Returns a configuration that uses it, the number of calls
/// and the text of the last request.
async fn fake_sts() -> (SdkConfig, Arc<AtomicUsize>, Arc<std::sync::Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (calls, request_text) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(std::sync::Mutex::new(String::new())));
    let (count, last) = (Arc::clone(&calls), Arc::clone(&request_text));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 16_384];
            let read = stream.read(&mut request).await.unwrap();
            *last.lock().unwrap() =
                String::from_utf8_lossy(request.get(..read).unwrap_or_default()).into_owned();
            let call = count.fetch_add(1, Ordering::SeqCst);
            let body = format!(
                "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
                 <AssumedRoleUser><AssumedRoleId>AROA:upsign</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/r/upsign</Arn></AssumedRoleUser>\
                 <Credentials><AccessKeyId>ASIAROLE{call}</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey>\
                 <SessionToken>role-token</SessionToken><Expiration>{END}</Expiration></Credentials>\
                 </AssumeRoleResult></AssumeRoleResponse>"
            );
            let response = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(response.as_bytes()).await.unwrap();
        }
    });
    let own = AwsCredentials::new("AKIAOWN", "own-secret", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .time_source(aws_smithy_async::time::SystemTimeSource::new())
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(own))
        .build();
    (config, calls, request_text)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn assumed_role_credentials_expire_and_are_refreshed() {
    let (config, calls, request_text) = fake_sts().await;
    let role = AssumeRole::new("arn:aws:iam::1:role/r", "upsign")
        .with_session_seconds(3_600)
        .with_external_id("4711")
        .with_policy(r#"{"Version":"2012-10-17","Statement":[]}"#);
    let chain = ProviderChain::assume_role_with(role, &config).await.without_jitter().with_blocking_refresh();
    let first = chain.credentials(at("2026-01-01T00:00:00Z")).await.unwrap();
    assert_eq!((first.access_key_id(), first.session_token()), ("ASIAROLE0", Some("role-token")));
    assert_eq!(first.expiry(), Expiry::At(at(END)));
    let request_text = request_text.lock().unwrap().clone();
    for part in [
        "Action=AssumeRole",
        "RoleSessionName=upsign",
        "DurationSeconds=3600",
        "ExternalId=4711",
        "Policy=%7B",
        "AKIAOWN",
    ] {
        assert!(request_text.contains(part), "{part} is not in {request_text}");
    }

    // Cached while a grant of 900 seconds and its margin fit into the remaining life, then refreshed.
    for (time, id, fetched) in
        [("2026-01-01T00:44:30Z", "ASIAROLE0", 1), ("2026-01-01T00:44:31Z", "ASIAROLE1", 2)]
    {
        assert_eq!(chain.credentials(at(time)).await.unwrap().access_key_id(), id, "{time}");
        assert_eq!(calls.load(Ordering::SeqCst), fetched);
    }
}

#[tokio::test]
async fn cached_credentials_are_returned_if_the_refresh_fails() {
    let end = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(at(END).as_unix());
    let calls = Arc::new(AtomicUsize::new(0));
    #[derive(Debug)]
    struct SucceedsOnce(Arc<AtomicUsize>, std::time::SystemTime);
    impl aws_credential_types::provider::ProvideCredentials for SucceedsOnce {
        fn provide_credentials<'a>(&'a self) -> aws_credential_types::provider::future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            use aws_credential_types::provider::{error::CredentialsError, future::ProvideCredentials};
            ProvideCredentials::ready(match self.0.fetch_add(1, Ordering::SeqCst) {
                0 => Ok(AwsCredentials::new("ASIAONCE", "s", Some("t".into()), Some(self.1), "test")),
                _ => Err(CredentialsError::not_loaded("gone")),
            })
        }
    }
    let provider = SharedCredentialsProvider::new(SucceedsOnce(Arc::clone(&calls), end));
    let chain =
        ProviderChain::new(provider).with_refresh_threshold(60).without_jitter().with_blocking_refresh();
    chain.credentials(at("2026-01-01T00:00:00Z")).await.unwrap();
    let cached = chain.credentials(at("2026-01-01T00:59:10Z")).await.unwrap();
    assert_eq!((cached.access_key_id(), calls.load(Ordering::SeqCst)), ("ASIAONCE", 2));
    let status = chain.status(at("2026-01-01T00:59:10Z"));
    assert_eq!((status.remaining, status.consecutive_failures, status.is_usable), (Some(50), 1, true));

    // Less than the margin remains, so nothing could be signed. The error names the cause and the next attempt.
    let error = chain.credentials(at("2026-01-01T00:59:30Z")).await.unwrap_err();
    assert_eq!(
        error_chain(&error).to_string(),
        "credentials are not available until the next attempt at 2026-01-01T00:59:32Z: the credentials source failed: \
         credentials could not be loaded: the credential provider was not enabled: gone"
    );
}

#[tokio::test]
async fn provider_that_never_loaded_returns_its_error() {
    let provider = SharedCredentialsProvider::new(provide_credentials_fn(|| async {
        Err(ProviderError::not_loaded("gone"))
    }));
    let error = ProviderChain::new(provider).credentials(at("2026-01-01T00:00:00Z")).await.unwrap_err();
    assert!(
        error_chain(&error).to_string().ends_with("the credential provider was not enabled: gone"),
        "{error:?}"
    );
}

/// A provider whose credentials the conformance suite replaces.
#[derive(Clone, Debug, Default)]
struct Place(Arc<std::sync::Mutex<Option<AwsCredentials>>>);

impl CredentialsFixture for Place {
    fn source(&self) -> Box<dyn CredentialsSource> {
        let place = self.clone();
        Box::new(ProviderChain::new(SharedCredentialsProvider::new(provide_credentials_fn(move || {
            let credentials = place.0.lock().unwrap().clone();
            async { credentials.ok_or_else(|| ProviderError::not_loaded("gone")) }
        }))))
    }

    fn provide(&self, credentials: &Credentials) -> bool {
        let end = match credentials.expiry() {
            Expiry::At(end) => Some(std::time::UNIX_EPOCH + std::time::Duration::from_secs(end.as_unix())),
            _ => None,
        };
        let token = credentials.session_token().map(str::to_owned);
        let (id, secret) = (credentials.access_key_id(), credentials.secret_access_key());
        *self.0.lock().unwrap() = Some(AwsCredentials::new(id, secret, token, end, "test"));
        true
    }

    fn fail(&self) {
        *self.0.lock().unwrap() = None;
    }
}

#[tokio::test]
async fn provider_chain_passes_the_conformance_suite() {
    check_credentials_source(&Place::default()).await;
}
