//! The section `[events]`: the queue in which the bucket's notifications arrive.

use upsign_core::{Partition, Region};

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
        queue_arn(&self.queue_url, &self.region)
    }
}

/// Returns the ARN of a queue, if its URL is one of SQS: `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`.
pub(crate) fn queue_arn(queue_url: &str, region: &Region) -> Option<String> {
    let (host, path) = queue_url.strip_prefix("https://")?.split_once('/')?;
    let (account, name) = path.split_once('/')?;
    let is_aws = host.starts_with("sqs.") && host.contains(".amazonaws.com");
    let partition = Partition::of(region).name();
    is_aws.then(|| format!("arn:{partition}:sqs:{region}:{account}:{name}"))
}

impl Config {
    /// Returns the values of `[events]`, if the file has it. `upsign serve` confirms uploads by the messages of this queue.
    #[must_use]
    pub const fn events(&self) -> Option<&EventsConfig> {
        self.events.as_ref()
    }
}
