//! Limits on the resources that clients can use.

use std::time::Duration;

use tokio::sync::Semaphore;

/// Limits that keep one client from using the resources of all. The defaults suit a small machine.
///
/// The last four apply to [`Server`](crate::Server) only, because a router does not see connections.
///
/// ```
/// use std::time::Duration;
///
/// use upsign_axum::Limits;
///
/// let mut limits = Limits::default().with_connections(2_000).with_request_time(Duration::from_secs(5));
/// limits.connection_time = Duration::from_secs(60);
/// assert_eq!((limits.requests, limits.body_time), (512, Duration::from_secs(5)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Maximum number of concurrent requests, counted once their body has arrived; further requests are answered with 503
    /// and `Retry-After`. Default: 512.
    pub requests: usize,
    /// Maximum time to answer a request before it is answered with 503. Default: 10 s.
    pub request_time: Duration,
    /// Maximum time to answer a request that may call the store, before it is answered with 503: one that continues, confirms,
    /// reads or deletes an upload, or `POST /upload-url` if a route has uploads in parts. Default: 30 s, because a store can take long to assemble an object
    /// of thousands of parts. It should be longer than the time that all calls to the store of one request have
    /// (`ObjectCalls::time_per_request`, by default 24 s), so that the service answers what it knows of the upload.
    pub call_time: Duration,
    /// Maximum size in bytes of all bodies that are held at a time, except those of completions; a body that would exceed it is
    /// answered with 503. The first 16 KiB of each body do not count, so it concerns only requests for the URLs of hundreds of parts,
    /// which have up to 96 KiB. Default: 32 MiB.
    pub body_bytes: usize,
    /// Maximum size in bytes of all bodies of requests that complete an upload, above the first 16 KiB of each; a body that would
    /// exceed it is answered with 503. Default: 64 MiB, which is enough for 32 uploads of 10,000 parts, with 2 MB each.
    ///
    /// Bodies are read before their caller is authenticated. The limits are separate so that clients without credentials, who fill
    /// this one, cause no other requests to be refused, and no completions of up to 16 KiB, which is enough for about 50 parts.
    pub completion_bytes: usize,
    /// Maximum time for a body to arrive before the request is answered with 408. Default: 10 s.
    pub body_time: Duration,
    /// Maximum time for a TLS handshake, for the head of a request to arrive from its first byte on, and for a connection to
    /// be idle, before the connection is closed. Default: 10 s.
    pub head_time: Duration,
    /// Maximum size of the request line and headers in bytes; larger heads are answered with 431. Default: 16 KiB, which is
    /// enough for tokens of 8 KiB.
    pub head_bytes: usize,
    /// Maximum number of open connections; further connections are answered with 503 and closed. Default: 10,000.
    pub connections: usize,
    /// Maximum age of a connection. An older one is closed after the answer in progress, or after the next one: that answer
    /// carries `Connection: close`, so that no request is lost. Default: 5 minutes, so that a load balancer spreads clients
    /// over new servers.
    pub connection_time: Duration,
}

/// When the head of a request had arrived. [`Server`](crate::Server) adds it to the extensions of a request, because the time
/// for the body runs from then on, also while the server waits for the body itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeadReceived(pub(crate) tokio::time::Instant);

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: 512,
            request_time: Duration::from_secs(10),
            call_time: Duration::from_secs(30),
            body_bytes: 32 << 20,
            completion_bytes: 64 << 20,
            body_time: Duration::from_secs(10),
            head_time: Duration::from_secs(10),
            head_bytes: 16 << 10,
            connections: 10_000,
            connection_time: Duration::from_secs(300),
        }
    }
}

impl Limits {
    /// Sets the maximum number of concurrent requests, at least 1.
    #[must_use]
    pub fn with_requests(self, requests: usize) -> Self {
        Self { requests: requests.clamp(1, Semaphore::MAX_PERMITS), ..self }
    }

    /// Sets the maximum number of open connections, at least 1.
    #[must_use]
    pub fn with_connections(self, connections: usize) -> Self {
        Self { connections: connections.clamp(1, Semaphore::MAX_PERMITS), ..self }
    }

    /// Sets the maximum time to answer a request, and the maximum time for its body to arrive. [`call_time`](Self::call_time) is
    /// raised to it if it is lower.
    #[must_use]
    pub fn with_request_time(self, time: Duration) -> Self {
        Self { request_time: time, body_time: time, call_time: self.call_time.max(time), ..self }
    }

    /// Sets the maximum time to answer a request that may call the store.
    #[must_use]
    pub fn with_call_time(self, time: Duration) -> Self {
        Self { call_time: time, ..self }
    }

    /// Sets the maximum size in bytes of all bodies that are held at a time, except those of completions.
    #[must_use]
    pub fn with_body_bytes(self, bytes: usize) -> Self {
        Self { body_bytes: bytes, ..self }
    }

    /// Sets the maximum size in bytes of all bodies of completions that are held at a time.
    #[must_use]
    pub fn with_completion_bytes(self, bytes: usize) -> Self {
        Self { completion_bytes: bytes, ..self }
    }

    /// Sets the maximum time for a TLS handshake and for the head of a request.
    #[must_use]
    pub fn with_head_time(self, time: Duration) -> Self {
        Self { head_time: time, ..self }
    }

    /// Sets the maximum size of the request line and headers in bytes. Up to twice as many are kept in memory for each connection
    /// whose request is arriving.
    ///
    /// For tokens that are longer than 8 KiB, add 8 KiB for the other headers to the maximum length of a token.
    #[must_use]
    pub fn with_head_bytes(self, bytes: usize) -> Self {
        Self { head_bytes: bytes, ..self }
    }
}
