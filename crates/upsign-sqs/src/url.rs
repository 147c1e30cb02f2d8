//! URLs of queues.

use upsign_core::{Endpoint, Scheme};

use crate::error::InvalidQueueUrl;

/// The URL of a queue, and what follows from it.
#[derive(Clone, Debug)]
pub(crate) struct QueueUrl {
    /// The URL as it is configured, which names the queue in every call.
    pub(crate) url: Box<str>,
    /// Where calls are sent: the URL without its path.
    pub(crate) origin: Box<str>,
    /// The host, with the port if it is not the default.
    pub(crate) host: Box<str>,
    /// The name of the queue.
    pub(crate) name: Box<str>,
    pub(crate) is_http: bool,
    pub(crate) is_local: bool,
}

impl QueueUrl {
    /// Reads a URL of the form `https://HOST/ACCOUNT/NAME`. Without TLS, the host must be this machine.
    pub(crate) fn read(url: &str) -> Result<Self, InvalidQueueUrl> {
        let endpoint: Endpoint = url.parse().map_err(|_| InvalidQueueUrl::Form)?;
        let mut segments = endpoint.base_path().split('/').filter(|it| !it.is_empty());
        let (Some(_account), Some(name), None) = (segments.next(), segments.next(), segments.next()) else {
            return Err(InvalidQueueUrl::Form);
        };
        let (is_http, is_local) = (endpoint.scheme() == Scheme::Http, endpoint.is_loopback());
        if is_http && !is_local {
            return Err(InvalidQueueUrl::Form);
        }
        let port = endpoint.port().map(|port| format!(":{port}")).unwrap_or_default();
        let host = format!("{}{port}", endpoint.host());
        let origin = format!("{}://{host}/", endpoint.scheme().as_str()).into();
        Ok(Self { url: url.into(), origin, host: host.into(), name: name.into(), is_http, is_local })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_queues_are_read() {
        for (url, origin, host, name) in [
            (
                "https://sqs.eu-central-1.amazonaws.com/123456789012/uploads",
                "https://sqs.eu-central-1.amazonaws.com/",
                "sqs.eu-central-1.amazonaws.com",
                "uploads",
            ),
            (
                "https://sqs.cn-north-1.amazonaws.com.cn/1/a.fifo",
                "https://sqs.cn-north-1.amazonaws.com.cn/",
                "sqs.cn-north-1.amazonaws.com.cn",
                "a.fifo",
            ),
            ("http://127.0.0.1:4566/000000000000/q", "http://127.0.0.1:4566/", "127.0.0.1:4566", "q"),
            ("http://localhost:4566/0/q_-1", "http://localhost:4566/", "localhost:4566", "q_-1"),
        ] {
            let read = QueueUrl::read(url).unwrap();
            assert_eq!((&*read.url, &*read.origin, &*read.host, &*read.name), (url, origin, host, name));
        }
    }

    #[test]
    fn other_urls_are_refused() {
        for url in [
            "",
            "uploads",
            "arn:aws:sqs:eu-central-1:123456789012:uploads",
            "https://sqs.eu-central-1.amazonaws.com/",
            "https://sqs.eu-central-1.amazonaws.com/uploads",
            "https://sqs.eu-central-1.amazonaws.com/1/2/uploads",
            "http://sqs.example.org/1/a",
            "http://127.0.0.1.example.org/1/a",
            "https://a.b/1/2?x=y",
            "https://a.b/1/2#x",
            "https://user@a.b/1/2",
            "ftp://a.b/1/2",
        ] {
            assert!(matches!(QueueUrl::read(url), Err(InvalidQueueUrl::Form)), "{url}");
        }
    }
}
