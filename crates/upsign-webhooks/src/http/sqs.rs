//! An outbox in a queue of SQS.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use reqwest::{Client, StatusCode, Url};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;
use upsign::{Clock, CredentialsSource, SystemClock, async_trait};

use crate::http::sqs_signature::send_message;
use crate::http::{bounded_body, client, is_allowed};
use crate::message::Message;
use crate::outbox::{Outbox, OutboxError};

/// Passes messages to a queue of SQS. Feature `http`. Requires a tokio runtime.
///
/// A consumer of the queue, for example a Lambda function, delivers each message with
/// [`WebhookSender::deliver_text`](crate::WebhookSender::deliver_text). The queue delivers a failed message again after its
/// visibility timeout, and moves it to a dead-letter queue after the attempts of its redrive policy.
///
/// `SendMessage` is signed with Signature Version 4 in headers; no crate of the AWS SDK is involved. The credentials need
/// `sqs:SendMessage` on the queue. A call has up to 3 attempts. In a FIFO queue, the id of a message removes repetitions within 5
/// minutes.
///
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>.
pub struct SqsOutbox {
    endpoint: Url,
    queue: Box<str>,
    host: Box<str>,
    region: Box<str>,
    credentials: Box<dyn CredentialsSource>,
    clock: Box<dyn Clock>,
    client: Client,
}

/// A text is not the URL of a queue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidQueueUrl {
    /// The text is no URL such as `https://sqs.eu-central-1.amazonaws.com/123456789012/webhooks`.
    #[error("the URL of a queue must have the form https://sqs.REGION.amazonaws.com/ACCOUNT/NAME")]
    Form,
    /// TLS cannot be set up on this machine.
    #[error("the HTTP client for SQS cannot be created")]
    Client(#[source] Box<dyn Error + Send + Sync>),
}

const MAX_ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);
/// Time for one attempt. The client that confirms its upload waits for it.
const ATTEMPT: Duration = Duration::from_secs(3);

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage<'a> {
    queue_url: &'a str,
    message_body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_deduplication_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_group_id: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    #[serde(rename = "MessageId")]
    _message_id: String,
}

#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("the credentials for SQS cannot be loaded")]
    Credentials(#[source] upsign::CredentialsError),
    #[error("SQS did not answer")]
    NoAnswer(#[source] reqwest::Error),
    #[error("SQS answered {status} with the error {code}")]
    Status { status: StatusCode, code: String },
    #[error("SQS answered 200 without the id of a message")]
    Malformed,
}

impl SendError {
    fn is_temporary(&self) -> bool {
        match self {
            Self::NoAnswer(_) => true,
            Self::Status { status, .. } => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
            _ => false,
        }
    }
}

impl SqsOutbox {
    /// Creates the outbox. It does not connect to anything yet.
    ///
    /// `region` is that of the queue.
    ///
    /// # Errors
    /// Fails if the URL is not that of a queue, or if TLS cannot be set up.
    pub fn new(
        queue_url: &str,
        region: &str,
        credentials: impl CredentialsSource + 'static,
    ) -> Result<Self, InvalidQueueUrl> {
        let url: Url = queue_url.parse().map_err(|_| InvalidQueueUrl::Form)?;
        let segments = url.path().split('/').filter(|it| !it.is_empty()).count();
        let is_region =
            !region.is_empty() && region.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
        if !is_allowed(&url) || url.query().is_some() || segments != 2 || !is_region {
            return Err(InvalidQueueUrl::Form);
        }
        let host = url.host_str().ok_or(InvalidQueueUrl::Form)?;
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let endpoint = url.join("/").map_err(|_| InvalidQueueUrl::Form)?;
        let client =
            client(&url).timeout(ATTEMPT).build().map_err(|error| InvalidQueueUrl::Client(error.into()))?;
        Ok(Self {
            endpoint,
            queue: queue_url.into(),
            host: host.into(),
            region: region.into(),
            credentials: Box::new(credentials),
            clock: Box::new(SystemClock),
            client,
        })
    }

    /// Sets the clock, which states the time of each signature.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    async fn send(&self, body: &str) -> Result<(), SendError> {
        let at = self.clock.now();
        let credentials = self.credentials.credentials(at).await.map_err(SendError::Credentials)?;
        let mut request = self.client.post(self.endpoint.clone());
        for (name, value) in send_message(&self.host, &self.region, body.as_bytes()).sign(&credentials, at) {
            request = request.header(name, value.as_str());
        }
        let answer = request.body(body.to_owned()).send().await.map_err(SendError::NoAnswer)?;
        let status = answer.status();
        let body = bounded_body(answer, 16 * 1024).await.map_err(SendError::NoAnswer)?;
        if !status.is_success() {
            return Err(SendError::Status { status, code: error_code(&body) });
        }
        let sent = serde_json::from_slice::<Sent>(&body);
        sent.map(drop).map_err(|_| SendError::Malformed)
    }
}

/// Reads the name of an error: `{"__type": "com.amazonaws.sqs#QueueDoesNotExist"}`.
fn error_code(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(rename = "__type")]
        name: String,
    }
    let name = serde_json::from_slice::<Answer>(body).map(|answer| answer.name).unwrap_or_default();
    let name = name.rsplit('#').next().unwrap_or_default();
    name.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '.').take(80).collect()
}

#[async_trait]
impl Outbox for SqsOutbox {
    async fn put(&self, message: Message) -> Result<(), OutboxError> {
        let text = message.to_text().map_err(OutboxError::new)?;
        let fifo = self.queue.ends_with(".fifo").then(|| message.id());
        let call = SendMessage {
            queue_url: &self.queue,
            message_body: &text,
            message_deduplication_id: fifo,
            message_group_id: fifo,
        };
        let body = serde_json::to_string(&call).map_err(OutboxError::new)?;
        for attempt in 1..MAX_ATTEMPTS {
            match self.send(&body).await {
                Err(error) if error.is_temporary() => sleep(PAUSE * attempt).await,
                result => return result.map_err(OutboxError::new),
            }
        }
        self.send(&body).await.map_err(OutboxError::new)
    }
}

impl fmt::Debug for SqsOutbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqsOutbox")
            .field("queue", &self.queue)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}
