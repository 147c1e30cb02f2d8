//! The calls of one queue.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use upsign_core::{CredentialsSource, Region, Timestamp};

use crate::call::Calls;
use crate::error::{InvalidQueueUrl, QueueError};
use crate::url::QueueUrl;

/// The longest time for which a message can be hidden.
///
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html>.
const MAX_HIDDEN: Duration = Duration::from_hours(12);
/// The longest wait of `ReceiveMessage`, and its largest number of messages.
///
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html>.
const MAX_WAIT: Duration = Duration::from_secs(20);
const MAX_MESSAGES: usize = 10;
/// Time for an answer in addition to the wait.
const BEYOND_WAIT: Duration = Duration::from_secs(10);

/// A queue of SQS. Requires a tokio runtime. Clones share connections.
///
/// `SendMessage`, `DeleteMessage` and `ChangeMessageVisibility` have up to 3 attempts of 3 seconds; `ReceiveMessage` has one. Redirects
/// are not followed, and no proxy is used unless [`with_environment_proxy`](Self::with_environment_proxy) was called. `Debug` shows
/// no credentials.
#[derive(Clone, Debug)]
pub struct Queue {
    calls: Arc<Calls>,
}

/// A message that was received.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueMessage {
    /// The id, for the log. The same message has the same id when it is delivered again.
    pub id: Box<str>,
    /// What SQS calls the receipt handle: it names this delivery in the calls that delete the message or hide it longer.
    pub handle: Box<str>,
    /// The content.
    pub body: String,
    /// How often the message was received, with this time. It is approximate, and at least 1.
    pub receive_count: u32,
}

impl QueueMessage {
    /// Creates a message that is received for the first time, for tests of code that handles messages.
    #[must_use]
    pub fn new(id: impl Into<Box<str>>, body: impl Into<String>) -> Self {
        Self { id: id.into(), handle: Box::from(""), body: body.into(), receive_count: 1 }
    }

    /// Sets how often the message was received.
    #[must_use]
    pub fn with_receive_count(self, receive_count: u32) -> Self {
        Self { receive_count, ..self }
    }
}

impl std::fmt::Debug for QueueMessage {
    /// Shows neither the body, which can contain receipts of uploads, nor the handle.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QueueMessage")
            .field("id", &self.id)
            .field("receive_count", &self.receive_count)
            .finish_non_exhaustive()
    }
}

/// The members of all requests. Those that are `None` are not sent.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Request<'a> {
    queue_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_deduplication_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_handle: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visibility_timeout: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_time_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_number_of_messages: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_system_attribute_names: Option<[&'a str; 1]>,
}

#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "MessageId")]
    _message_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Received {
    /// Absent if there is no message.
    messages: Option<Vec<ReceivedMessage>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceivedMessage {
    message_id: Box<str>,
    receipt_handle: Box<str>,
    body: String,
    attributes: Option<Attributes>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    approximate_receive_count: Option<Box<str>>,
}

impl Queue {
    /// Creates the client of a queue. It does not connect to anything yet.
    ///
    /// `url` has the form `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`, or is that of an emulator on this machine, such as
    /// `http://127.0.0.1:4566/000000000000/NAME`. `region` is that of the queue.
    ///
    /// # Errors
    /// Returns [`InvalidQueueUrl`] if the URL has another form, or if TLS cannot be set up.
    pub fn new(
        url: &str,
        region: &Region,
        credentials: impl CredentialsSource + 'static,
    ) -> Result<Self, InvalidQueueUrl> {
        let calls = Calls::new(QueueUrl::read(url)?, region.clone(), Arc::new(credentials))?;
        Ok(Self { calls: Arc::new(calls) })
    }

    /// Uses the proxy that the variables `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` name, except for a queue on this machine.
    ///
    /// # Errors
    /// Returns [`InvalidQueueUrl::Client`] if TLS cannot be set up.
    pub fn with_environment_proxy(self) -> Result<Self, InvalidQueueUrl> {
        let calls = Calls::clone(&self.calls).with_environment_proxy()?;
        Ok(Self { calls: Arc::new(calls) })
    }

    /// Returns the URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.calls.url.url
    }

    /// Returns the name of the queue, the last part of its URL.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.calls.url.name
    }

    /// Returns whether the queue is first in, first out.
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        self.name().ends_with(".fifo")
    }

    /// Sends a message. A FIFO queue gets `id` as its group and to remove repetitions within 5 minutes; others do not get it.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>.
    ///
    /// # Errors
    /// Returns [`QueueError`] if it is not known that the queue has the message. It may have it: send it again.
    pub async fn send(&self, body: &str, id: &str, at: Timestamp) -> Result<(), QueueError> {
        let id = self.is_fifo().then_some(id);
        let request = Request {
            message_body: Some(body),
            message_deduplication_id: id,
            message_group_id: id,
            ..self.request()
        };
        let answer = self.calls.call("SendMessage", &text(&request)?, at).await?;
        serde_json::from_slice::<Sent>(&answer).map(drop).map_err(|_| QueueError::Malformed)
    }

    /// Receives up to `max` messages, from 1 to 10, and hides them from other receivers for `lease`. If the queue is empty, waits for one up
    /// to `wait`, from 0 to 20 seconds. Times are rounded down to whole seconds.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html>.
    ///
    /// # Errors
    /// Returns [`QueueError`] if SQS cannot be reached, refuses the call, or answers something else. Messages that were under way are
    /// delivered again after `lease`.
    pub async fn receive(
        &self,
        max: usize,
        wait: Duration,
        lease: Duration,
        at: Timestamp,
    ) -> Result<Vec<QueueMessage>, QueueError> {
        let wait = wait.min(MAX_WAIT);
        let request = Request {
            max_number_of_messages: Some(max.clamp(1, MAX_MESSAGES)),
            wait_time_seconds: Some(wait.as_secs()),
            visibility_timeout: Some(lease.min(MAX_HIDDEN).as_secs()),
            message_system_attribute_names: Some(["ApproximateReceiveCount"]),
            ..self.request()
        };
        let limit = wait.saturating_add(BEYOND_WAIT);
        let answer = self.calls.call_once("ReceiveMessage", &text(&request)?, limit, at).await?;
        let received: Received = serde_json::from_slice(&answer).map_err(|_| QueueError::Malformed)?;
        Ok(received.messages.unwrap_or_default().into_iter().map(message).collect())
    }

    /// Deletes a message that was handled.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html>.
    ///
    /// # Errors
    /// Returns [`QueueError`] if it is not known that the message is deleted. Otherwise it is delivered again.
    pub async fn delete(&self, message: &QueueMessage, at: Timestamp) -> Result<(), QueueError> {
        let request = Request { receipt_handle: Some(&message.handle), ..self.request() };
        self.calls.call("DeleteMessage", &text(&request)?, at).await.map(drop)
    }

    /// Hides a received message for `time` from now on, after which it is delivered again. Zero delivers it at once.
    ///
    /// SQS refuses to hide a message for more than 12 hours after it was received.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html>.
    ///
    /// # Errors
    /// Returns [`QueueError`] if the call fails. The message is then delivered again after the time with which it was received.
    pub async fn hide(
        &self,
        message: &QueueMessage,
        time: Duration,
        at: Timestamp,
    ) -> Result<(), QueueError> {
        let request = Request {
            receipt_handle: Some(&message.handle),
            visibility_timeout: Some(time.min(MAX_HIDDEN).as_secs()),
            ..self.request()
        };
        self.calls.call("ChangeMessageVisibility", &text(&request)?, at).await.map(drop)
    }

    fn request(&self) -> Request<'_> {
        Request { queue_url: self.url(), ..Request::default() }
    }
}

fn text(request: &Request<'_>) -> Result<String, QueueError> {
    serde_json::to_string(request).map_err(|error| QueueError::NoAnswer(error.into()))
}

fn message(received: ReceivedMessage) -> QueueMessage {
    let count = received.attributes.and_then(|attributes| attributes.approximate_receive_count);
    let count = count.and_then(|count| count.parse().ok());
    QueueMessage {
        id: received.message_id,
        handle: received.receipt_handle,
        body: received.body,
        receive_count: count.unwrap_or(1).max(1),
    }
}
