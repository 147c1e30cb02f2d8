//! Batches of SQS messages, as Lambda passes them to a function, and the answer to them.

use serde::{Deserialize, Serialize};

/// The maximum number of messages in a batch.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>.
const MAX_RECORDS: usize = 10_000;

/// The messages of a queue with which Lambda calls a function.
///
/// It implements `Deserialize`, so that `lambda_runtime` reads it: `LambdaEvent<SqsBatch>`.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Batch")]
pub struct SqsBatch(Vec<SqsRecord>);

/// A message of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SqsRecord {
    /// The id, which [`BatchFailures`] names.
    pub message_id: Box<str>,
    /// The text, for [`parse`](crate::parse).
    pub body: Box<str>,
}

/// The event is not a batch of SQS messages.
#[derive(Debug, thiserror::Error)]
#[error("the event is not a batch of SQS messages")]
#[non_exhaustive]
pub struct InvalidBatch {
    source: serde_json::Error,
}

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<SqsRecord>,
}

impl TryFrom<Batch> for SqsBatch {
    type Error = String;

    fn try_from(batch: Batch) -> Result<Self, String> {
        let count = batch.records.len();
        if count > MAX_RECORDS {
            return Err(format!("a batch has at most {MAX_RECORDS} messages, but this one has {count}"));
        }
        Ok(Self(batch.records))
    }
}

impl SqsBatch {
    /// Reads the event of a function.
    ///
    /// # Errors
    /// Returns [`InvalidBatch`] if it is not an event of SQS. Lambda passes such an event if another service calls the function.
    pub fn read(event: &[u8]) -> Result<Self, InvalidBatch> {
        serde_json::from_slice(event).map_err(|source| InvalidBatch { source })
    }

    /// Returns the messages, in the order of the event.
    #[must_use]
    pub fn records(&self) -> &[SqsRecord] {
        &self.0
    }

    /// Calls `process` with one message after the other, and returns those for which it failed.
    ///
    /// For a FIFO queue, use [`process_in_order`](Self::process_in_order).
    pub async fn process<E>(
        &self,
        mut process: impl AsyncFnMut(&SqsRecord) -> Result<(), E>,
    ) -> BatchFailures {
        let mut failures = BatchFailures::new();
        for record in self.records() {
            if process(record).await.is_err() {
                failures.add(record);
            }
        }
        failures
    }

    /// Calls `process` with one message after the other until it fails, and returns that message and all after it, so that the order
    /// of the messages is kept.
    ///
    /// Source: "FIFO queues" in <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>.
    pub async fn process_in_order<E>(
        &self,
        mut process: impl AsyncFnMut(&SqsRecord) -> Result<(), E>,
    ) -> BatchFailures {
        let mut failures = BatchFailures::new();
        for record in self.records() {
            if !failures.is_empty() || process(record).await.is_err() {
                failures.add(record);
            }
        }
        failures
    }
}

/// The messages that a function did not process: the answer to Lambda, which makes the queue deliver only these again.
///
/// The event source mapping needs `ReportBatchItemFailures`, or Lambda ignores the answer and deletes all messages.
///
/// ```
/// use upsign_events::BatchFailures;
/// assert_eq!(serde_json::to_string(&BatchFailures::new())?, r#"{"batchItemFailures":[]}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BatchFailures {
    #[serde(rename = "batchItemFailures")]
    items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Item {
    #[serde(rename = "itemIdentifier")]
    id: Box<str>,
}

impl BatchFailures {
    /// Creates the answer for a batch of which every message was processed.
    #[must_use]
    pub const fn new() -> Self {
        Self { items: Vec::new() }
    }

    /// Adds a message that was not processed.
    pub fn add(&mut self, record: &SqsRecord) {
        self.items.push(Item { id: record.message_id.clone() });
    }

    /// Returns whether every message was processed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Returns the ids of the messages.
    #[must_use]
    pub fn message_ids(&self) -> impl ExactSizeIterator<Item = &str> {
        self.items.iter().map(|item| &*item.id)
    }
}

impl<'a> FromIterator<&'a SqsRecord> for BatchFailures {
    fn from_iter<I: IntoIterator<Item = &'a SqsRecord>>(records: I) -> Self {
        let mut failures = Self::new();
        records.into_iter().for_each(|record| failures.add(record));
        failures
    }
}
