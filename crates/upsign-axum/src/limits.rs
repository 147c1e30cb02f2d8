//! What a server bears.

use std::time::Duration;

use tokio::sync::Semaphore;

/// Limits that keep one caller from taking what is everybody's. Each has a default that suits a small machine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Requests worked on at one time, counted once their body has arrived; one more is answered 503 with
    /// `Retry-After`. 512.
    pub requests: usize,
    /// How long a request may be worked on before it is answered 503. 10 s.
    pub request_time: Duration,
    /// How long a body may take to arrive before it is answered 408. 10 s.
    pub body_time: Duration,
    /// How long a TLS handshake, or the head of a request on a kept connection, may take before the connection is
    /// closed. 10 s. [`Server`](crate::Server) only.
    pub head_time: Duration,
    /// The bytes of a request's line and headers; more are answered 431. 16 KiB. [`Server`](crate::Server) only.
    pub head_bytes: usize,
    /// Open connections; one more is answered 503 and closed. 10,000. [`Server`](crate::Server) only.
    pub connections: usize,
    /// How long a connection is kept at all. 5 minutes. [`Server`](crate::Server) only.
    pub connection_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: 512,
            request_time: Duration::from_secs(10),
            body_time: Duration::from_secs(10),
            head_time: Duration::from_secs(10),
            head_bytes: 16 << 10,
            connections: 10_000,
            connection_time: Duration::from_secs(300),
        }
    }
}

impl Limits {
    /// The same with so many requests at one time, 1 at least.
    #[must_use]
    pub fn with_requests(self, requests: usize) -> Self {
        Self { requests: requests.clamp(1, Semaphore::MAX_PERMITS), ..self }
    }

    /// The same with so many connections, 1 at least.
    #[must_use]
    pub fn with_connections(self, connections: usize) -> Self {
        Self { connections: connections.clamp(1, Semaphore::MAX_PERMITS), ..self }
    }

    /// The same with so much time for a request, and as much for its body.
    #[must_use]
    pub fn with_request_time(self, time: Duration) -> Self {
        Self { request_time: time, body_time: time, ..self }
    }

    /// The same with so much time for a handshake or a request's head.
    #[must_use]
    pub fn with_head_time(self, time: Duration) -> Self {
        Self { head_time: time, ..self }
    }
}
