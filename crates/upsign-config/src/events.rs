//! The section `[events]`: the queue in which the bucket's notifications arrive.

use upsign_core::Region;

use crate::aws_queue::AwsQueue;
use crate::config::Config;

/// The values of `[events]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventsConfig {
    /// The URL of the queue that receives the notifications of the bucket.
    pub queue_url: Box<str>,
    /// The region of the queue.
    pub region: Region,
}

impl EventsConfig {
    /// Returns the ARN of the queue, if its URL is one of SQS.
    pub(crate) fn queue_arn(&self) -> Option<String> {
        AwsQueue::read(&self.queue_url).map(|queue| queue.arn())
    }
}

impl Config {
    /// Returns the values of `[events]`, if the file has it. `upsign serve` confirms uploads by the messages of this queue.
    #[must_use]
    pub const fn events(&self) -> Option<&EventsConfig> {
        self.events.as_ref()
    }
}
