//! Errors of the store.

use std::time::Duration;

use redis::{RedisError, RetryMethod};

/// A text is not the URL of a Redis server. No message contains the URL, which may have a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRedisUrl {
    /// Another scheme.
    #[error("the URL of Redis must begin with redis://, rediss://, redis-cluster:// or rediss-cluster://")]
    Scheme,
    /// A scheme with TLS, for which the feature `tls` is missing.
    #[error("a rediss URL needs the feature `tls` of upsign-redis")]
    Tls,
    /// The rest of the URL.
    #[error("the URL of Redis is not valid: expected redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]")]
    Url(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The reason why a step failed: the source of a `QuotaStoreError`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StepError {
    #[error("Redis refused the step, or the connection failed")]
    Redis(#[from] RedisError),
    #[error("Redis did not answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    #[error("the script answered {0:?}")]
    Answer(Vec<String>),
}

impl StepError {
    /// Whether a second attempt can succeed. Its outcome is right even if the first one had an effect.
    pub(crate) fn retry_may_help(&self) -> bool {
        match self {
            Self::Redis(error) => !matches!(error.retry_method(), RetryMethod::NoRetry),
            Self::Timeout(_) | Self::Answer(_) => false,
        }
    }
}
