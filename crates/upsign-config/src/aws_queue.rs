//! What the URL of a queue of SQS says.

use upsign_core::{Partition, Region};

/// A queue of SQS in AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AwsQueue<'a> {
    pub(crate) region: Region,
    account: &'a str,
    name: &'a str,
}

impl<'a> AwsQueue<'a> {
    /// Reads a URL of the form `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`; the host can be one with FIPS 140 or for IPv6. Returns
    /// `None` for other URLs, for example those of emulators and of interface endpoints.
    ///
    /// Source: <https://docs.aws.amazon.com/general/latest/gr/sqs-service.html>.
    pub(crate) fn read(url: &'a str) -> Option<Self> {
        let (host, path) = url.strip_prefix("https://")?.split_once('/')?;
        let (service, rest) = host.split_once('.')?;
        let (region, suffix) = rest.split_once('.')?;
        let region: Region = region.parse().ok()?;
        let is_aws = suffix == Partition::of(&region).dns_suffix() || suffix == "api.aws";
        let (account, name) = path.split_once('/')?;
        let is_queue = !account.is_empty() && !name.is_empty() && !name.contains('/');
        (matches!(service, "sqs" | "sqs-fips") && is_aws && is_queue).then_some(Self {
            region,
            account,
            name,
        })
    }

    /// Returns the ARN.
    pub(crate) fn arn(&self) -> String {
        let Self { region, account, name } = self;
        format!("arn:{}:sqs:{region}:{account}:{name}", Partition::of(region).name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_of_aws_have_an_arn() {
        for (url, arn) in [
            (
                "https://sqs.eu-central-1.amazonaws.com/123456789012/a",
                "arn:aws:sqs:eu-central-1:123456789012:a",
            ),
            (
                "https://sqs-fips.us-east-1.amazonaws.com/123456789012/a",
                "arn:aws:sqs:us-east-1:123456789012:a",
            ),
            (
                "https://sqs.us-east-1.api.aws/123456789012/a.fifo",
                "arn:aws:sqs:us-east-1:123456789012:a.fifo",
            ),
            ("https://sqs.cn-north-1.amazonaws.com.cn/1/q", "arn:aws-cn:sqs:cn-north-1:1:q"),
        ] {
            assert_eq!(AwsQueue::read(url).map(|queue| queue.arn()).as_deref(), Some(arn), "{url}");
        }
    }

    #[test]
    fn other_urls_are_not_queues_of_aws() {
        for url in [
            "http://127.0.0.1:4566/000000000000/q",
            "http://sqs.eu-central-1.amazonaws.com/123456789012/a",
            "https://queue.example.com/1/q",
            "https://sqs.eu-central-1.amazonaws.com.example.com/123456789012/a",
            "https://sqs.cn-north-1.amazonaws.com/1/q",
            "https://sns.eu-central-1.amazonaws.com/123456789012/a",
            "https://sqs.eu-central-1.amazonaws.com/123456789012",
            "https://sqs.eu-central-1.amazonaws.com/123456789012/a/b",
            "sqs",
        ] {
            assert_eq!(AwsQueue::read(url), None, "{url}");
        }
    }
}
