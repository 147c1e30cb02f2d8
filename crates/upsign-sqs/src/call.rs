//! Calls over HTTP, signed in their headers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, retry};
use tokio::time::{Instant, sleep, timeout};
use upsign_core::{CredentialsSource, Region, Timestamp};
use upsign_sigv4::JsonCall;

use crate::error::{InvalidQueueUrl, MAX_BODY, QueueError};
use crate::url::QueueUrl;

/// Maximum number of attempts of a call that is repeated.
const MAX_ATTEMPTS: u32 = 3;
/// The pause before the second attempt.
const PAUSE: Duration = Duration::from_millis(200);
/// Time for one attempt. A client that confirms its upload may be waiting for it.
const ATTEMPT: Duration = Duration::from_secs(3);
/// The time after which an unused connection is closed, before the server does.
const MAX_IDLE: Duration = Duration::from_secs(15);

/// What makes the calls of one queue.
#[derive(Clone)]
pub(crate) struct Calls {
    pub(crate) url: QueueUrl,
    pub(crate) region: Region,
    credentials: Arc<dyn CredentialsSource>,
    client: Client,
}

impl Calls {
    pub(crate) fn new(
        url: QueueUrl,
        region: Region,
        credentials: Arc<dyn CredentialsSource>,
    ) -> Result<Self, InvalidQueueUrl> {
        let client = client(&url, false)?;
        Ok(Self { url, region, credentials, client })
    }

    pub(crate) fn with_environment_proxy(self) -> Result<Self, InvalidQueueUrl> {
        Ok(Self { client: client(&self.url, true)?, ..self })
    }

    /// Calls an operation until it succeeds, fails for good, or was attempted three times. `at` is the time of the first attempt.
    pub(crate) async fn call(
        &self,
        operation: &str,
        body: &str,
        at: Timestamp,
    ) -> Result<Vec<u8>, QueueError> {
        let began = Instant::now();
        for attempt in 1..MAX_ATTEMPTS {
            match self.call_once(operation, body, ATTEMPT, now(at, began)).await {
                Err(error) if error.retry_may_help() => sleep(PAUSE * attempt).await,
                result => return result,
            }
        }
        self.call_once(operation, body, ATTEMPT, now(at, began)).await
    }

    /// Calls an operation once.
    pub(crate) async fn call_once(
        &self,
        operation: &str,
        body: &str,
        limit: Duration,
        at: Timestamp,
    ) -> Result<Vec<u8>, QueueError> {
        let call = self.send(operation, body, at);
        timeout(limit, call).await.unwrap_or(Err(QueueError::Timeout(limit)))
    }

    async fn send(&self, operation: &str, body: &str, at: Timestamp) -> Result<Vec<u8>, QueueError> {
        let credentials = self.credentials.credentials(at).await?;
        let target = format!("AmazonSQS.{operation}");
        let call = call(&self.url.host, self.region.as_str(), &target, body.as_bytes());
        let mut request = self.client.post(&*self.url.origin);
        for (name, value) in call.sign(&credentials, at) {
            request = request.header(name, value.as_str());
        }
        let answer = request.body(body.to_owned()).send().await.map_err(no_answer)?;
        let status = answer.status();
        let body = bounded_body(answer).await?;
        if status.is_success() { Ok(body) } else { Err(QueueError::of_answer(status.as_u16(), &body)) }
    }
}

/// Returns the time of an attempt. A signature is valid for some minutes only.
fn now(at: Timestamp, began: Instant) -> Timestamp {
    at.saturating_add(began.elapsed().as_secs())
}

/// Returns the call of an operation, for example of `AmazonSQS.SendMessage`, in the protocol of SQS with JSON bodies.
///
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html>.
const fn call<'a>(host: &'a str, region: &'a str, target: &'a str, body: &'a [u8]) -> JsonCall<'a> {
    JsonCall { service: "sqs", region, host, content_type: "application/x-amz-json-1.0", target, body }
}

/// Returns a client that follows no redirects and repeats nothing, because each attempt is signed anew.
fn client(url: &QueueUrl, uses_environment_proxy: bool) -> Result<Client, InvalidQueueUrl> {
    let builder = Client::builder()
        .redirect(Policy::none())
        .retry(retry::never())
        .referer(false)
        .connect_timeout(ATTEMPT)
        .pool_idle_timeout(MAX_IDLE)
        .user_agent(concat!("upsign-sqs/", env!("CARGO_PKG_VERSION")));
    // By default, reqwest reads the variables of proxies.
    let builder = if uses_environment_proxy && !url.is_local { builder } else { builder.no_proxy() };
    // Without TLS no CA certificates are needed, so a machine that has none can still use a local emulator.
    let builder = if url.is_http { builder.tls_certs_only([]) } else { builder.https_only(true) };
    builder.build().map_err(|error| InvalidQueueUrl::Client(error.into()))
}

fn no_answer(error: reqwest::Error) -> QueueError {
    QueueError::NoAnswer(error.without_url().into())
}

async fn bounded_body(mut response: Response) -> Result<Vec<u8>, QueueError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(QueueError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("url", &self.url.url)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use upsign_core::{Credentials, Expiry};

    use super::*;

    /// The signatures are those of botocore 1.43 for the same request.
    #[test]
    fn signatures_are_those_of_botocore() {
        let at: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
        let (id, secret) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let signature = |credentials: &Credentials| {
            let host = "sqs.eu-central-1.amazonaws.com";
            let call = call(host, "eu-central-1", "AmazonSQS.SendMessage", br#"{"a":1}"#);
            let headers = call.sign(credentials, at);
            assert!(
                headers.iter().any(|(name, value)| *name == "x-amz-date" && **value == "20260131T120000Z")
            );
            let (_, value) = headers.iter().find(|(name, _)| *name == "authorization").unwrap();
            value.rsplit('=').next().unwrap().to_owned()
        };
        assert_eq!(
            signature(&Credentials::long_term(id, secret).unwrap()),
            "2d4837a5238d035f095c93b07ef6176aaf10ea1c0feab1e444d6b503e2bc152b"
        );
        let temporary = Credentials::temporary(id, secret, "TOKEN", Expiry::Never).unwrap();
        assert_eq!(signature(&temporary), "06a0497bb81c65e1875a0952157d6ba03ddb436aff9baff8dd939c9e8314a131");
    }
}
