//! Sends messages to a queue of SQS, and receives and handles them, without the AWS SDK.
//!
//! [`Queue`] makes the calls of one queue, signed with Signature Version 4 by `upsign-sigv4`. [`Poller`] receives messages until it
//! is stopped, and passes each to a [`HandleMessage`]: `upsign serve` confirms uploads by the events of S3 in one queue, and delivers
//! the webhooks of another.
//!
//! ```no_run
//! use upsign_core::Credentials;
//! use upsign_sqs::{HandleMessage, Handled, Poller, Queue, QueueMessage, async_trait};
//!
//! struct Print;
//!
//! #[async_trait]
//! impl HandleMessage for Print {
//!     async fn handle(&self, message: &QueueMessage) -> Handled {
//!         println!("{}", message.body);
//!         Handled::Done
//!     }
//! }
//!
//! # async fn run(credentials: Credentials, now: fn() -> upsign_core::Timestamp) -> Result<(), Box<dyn std::error::Error>> {
//! let url = "https://sqs.eu-central-1.amazonaws.com/123456789012/uploads";
//! let queue = Queue::new(url, &"eu-central-1".parse()?, credentials)?;
//! // `now` reads the clock, as `upsign::SystemClock` does. This poller runs for ever.
//! Poller::new(queue, Print, now).run(std::future::pending()).await;
//! # Ok(()) }
//! ```
//!
//! # Delivery
//!
//! SQS delivers each message at least once, and standard queues in any order. A message that was handled is deleted. One whose handling
//! failed stays in the queue, and is delivered again after a pause; the redrive policy of the queue moves it to a dead-letter
//! queue after its number of receives. A process that dies loses nothing: what it was handling is delivered again when the
//! [lease](PollOptions::with_lease) is over.
//!
//! # What this is not
//!
//! It creates and configures no queues, and knows nothing about the content of messages. It depends on no crate of the AWS SDK.
//!
//! Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html>.

mod call;
mod error;
mod options;
mod poller;
mod queue;
mod status;
mod url;

pub use error::{InvalidQueueUrl, QueueError};
pub use options::PollOptions;
pub use poller::{HandleMessage, Handled, Poller};
pub use queue::{Queue, QueueMessage};
pub use status::PollStatus;
#[doc(no_inline)]
pub use upsign_core::{Backoff, CredentialsError, CredentialsSource, Region, Timestamp, async_trait};
