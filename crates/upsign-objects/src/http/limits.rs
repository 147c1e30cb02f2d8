//! Time limits of the calls.

use std::time::Duration;

/// The time that a call may take.
///
/// By default a call with all its retries, and all calls of one request to the service, end within 24 s. API Gateway gives an
/// integration 29 s (<https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>), of which the service needs the
/// rest: to fetch the keys of the token's issuer, to ask the application, and to answer.
///
/// ```
/// use std::time::Duration;
/// use upsign_objects::TimeLimits;
///
/// // A server without a gateway can wait for the store to assemble a large object.
/// let limits = TimeLimits::default().with_long_attempt(Duration::from_secs(240)).with_total(Duration::from_secs(300));
/// assert_eq!(limits.connect(), Duration::from_secs(2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLimits {
    pub(super) connect: Duration,
    pub(super) attempt: Duration,
    pub(super) long_attempt: Duration,
    pub(super) total: Duration,
    pub(super) second_look: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            attempt: Duration::from_secs(5),
            long_attempt: Duration::from_secs(18),
            total: Duration::from_secs(24),
            second_look: Duration::from_secs(1),
        }
    }
}

impl TimeLimits {
    /// Limits connecting, with the TLS handshake. Default: 2 s.
    #[must_use]
    pub const fn with_connect(self, connect: Duration) -> Self {
        Self { connect, ..self }
    }

    /// Limits an attempt: signing, connecting, sending and reading the answer. Default: 5 s.
    #[must_use]
    pub const fn with_attempt(self, attempt: Duration) -> Self {
        Self { attempt, ..self }
    }

    /// Limits an attempt of `CompleteMultipartUpload` and `CopyObject`. Default: 18 s.
    ///
    /// S3 may take several minutes for a large object, and the answer says whether it succeeded
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>).
    #[must_use]
    pub const fn with_long_attempt(self, attempt: Duration) -> Self {
        Self { long_attempt: attempt, ..self }
    }

    /// Limits a call with all its attempts and pauses, and for `ListParts` with all pages. Default: 24 s.
    ///
    /// A service gives this time to all calls of one request together
    /// ([`ObjectCalls::time_per_request`](crate::ObjectCalls::time_per_request)): completing an upload lists its parts, completes it
    /// and may look at the object.
    #[must_use]
    pub const fn with_total(self, total: Duration) -> Self {
        Self { total, ..self }
    }

    /// Sets the pause before a second look at an object that does not exist, for calls that want one
    /// ([`HeadObject::with_second_look`](crate::HeadObject::with_second_look)). Default: 1 s. A client waits for the answer
    /// meanwhile.
    #[must_use]
    pub const fn with_second_look(self, pause: Duration) -> Self {
        Self { second_look: pause, ..self }
    }

    /// Returns the limit for connecting.
    #[must_use]
    pub const fn connect(&self) -> Duration {
        self.connect
    }

    /// Returns the limit of an attempt.
    #[must_use]
    pub const fn attempt(&self) -> Duration {
        self.attempt
    }

    /// Returns the limit of an attempt of `CompleteMultipartUpload` and `CopyObject`.
    #[must_use]
    pub const fn long_attempt(&self) -> Duration {
        self.long_attempt
    }

    /// Returns the pause before a second look at an object that does not exist.
    #[must_use]
    pub const fn second_look(&self) -> Duration {
        self.second_look
    }

    /// Returns the limit of a call.
    #[must_use]
    pub const fn total(&self) -> Duration {
        self.total
    }
}
