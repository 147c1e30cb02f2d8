//! The implementation of the calls over HTTP.

mod attempt;
mod body;
mod calls;
mod client;
mod limits;
mod retry;
mod wire;

use std::fmt;

use upsign_core::{ExpiresIn, ObjectKey, PresignRequest, Presigner, Target, Unsupported};

use crate::http::client::Clients;
pub use crate::http::limits::TimeLimits;

/// Calls a store over HTTP, with requests that a [`Presigner`] signs. Requires a tokio runtime.
///
/// | limit | default | change |
/// | --- | --- | --- |
/// | time | 24 s for a call with its retries, 5 s for an attempt | [`with_time_limits`](Self::with_time_limits) |
/// | attempts | 4 | [`with_max_attempts`](Self::with_max_attempts) |
/// | body | 64 KiB; 2 MiB for a page of parts; the range of `GetObject` | |
/// | proxy | none | [`with_environment_proxy`](Self::with_environment_proxy) |
///
/// Every attempt is signed anew, as a presigned URL that is valid for 5 minutes, so that clocks may differ by almost as much.
/// It is sent to the target and to no other address: redirects are not followed, and a URL of another origin is refused
/// before it is sent. Cookies and compression are disabled, and TLS is rustls.
///
/// # Retries
///
/// After `SlowDown`, other errors of the server (429, 500, 502, 503, 504) and failures of the connection, a call is repeated
/// where that is safe. The pause is random, from zero to 100 ms, 200 ms, 400 ms and so on, up to 5 s ("full jitter",
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>), and at least as long as `Retry-After` demands.
/// If the pause would leave less than half of the time of an attempt, the call fails at once.
///
/// | call | repeated after an attempt of unknown outcome |
/// | --- | --- |
/// | `HeadObject`, `GetObject`, `ListParts` | yes: they only read |
/// | `CreateMultipartUpload` | yes: an upload without parts may remain |
/// | `CompleteMultipartUpload` | yes: an upload is completed once; the error of a repeated call says that it [may have happened](crate::ObjectError::may_have_happened) |
/// | `AbortMultipartUpload` | yes: `NoSuchUpload` is success then |
/// | `PutObjectTagging` | yes: it sets all tags |
/// | `DeleteObject` of a version | yes: a version is deleted once |
/// | `DeleteObject` without a version | no: it would delete an object that was stored in the meantime |
/// | `CopyObject` | if source and destination are conditional |
///
/// Every call is repeated if the store certainly did nothing: there was no connection, or it answered 503 `SlowDown` or
/// `ServiceUnavailable`.
///
/// ```
/// use upsign_core::{Credentials, Target, WithCredentials};
/// use upsign_objects::{HeadObject, HttpObjects, ObjectCalls};
/// use upsign_sigv4::SigV4;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let store = HttpObjects::new(target, SigV4::new().with_credentials(credentials));
///
/// let now = "2026-01-31T12:00:00Z".parse()?; // the time of the request
/// let head = store.head_object(&HeadObject::new("raw/a.jpg".parse()?), now).await?;
/// println!("{} bytes, entity tag {}", head.size, head.etag);
/// # Ok(())
/// # }
/// ```
pub struct HttpObjects<P> {
    target: Target,
    presigner: P,
    limits: TimeLimits,
    max_attempts: u32,
    clients: Clients,
}

/// The lifetime of each request.
const LIFETIME: u64 = 300;

impl<P: Presigner> HttpObjects<P> {
    /// Creates the calls to the bucket at `target`, signed by `presigner`. It does not connect to anything yet.
    ///
    /// A target with `http` is called without encryption, as its endpoint says.
    #[must_use]
    pub fn new(target: Target, presigner: P) -> Self {
        let limits = TimeLimits::default();
        let clients = Clients::new(&target, limits.connect);
        Self { target, presigner, limits, max_attempts: 4, clients }
    }

    /// Sets the time limits.
    #[must_use]
    pub fn with_time_limits(self, limits: TimeLimits) -> Self {
        Self { clients: self.clients.with_connect_timeout(limits.connect), limits, ..self }
    }

    /// Sets the maximum number of attempts per request; 0 counts as 1. Default: 4.
    #[must_use]
    pub fn with_max_attempts(self, attempts: u32) -> Self {
        Self { max_attempts: attempts.max(1), ..self }
    }

    /// Connects over the proxy that the environment variables name, as `reqwest` reads them at the first call: `HTTPS_PROXY`,
    /// or `ALL_PROXY`, and `NO_PROXY`, each also in lower case. Default: no proxy.
    ///
    /// The proxy receives `CONNECT` with host and port of the store, and tunnels TLS, whose certificate is verified as without a
    /// proxy. So it sees no request. A target on this machine, and one with `http`, is never called over a proxy. User name
    /// and password of the proxy appear neither in errors nor in the `Debug` output.
    ///
    /// Source: <https://docs.rs/reqwest/latest/reqwest/#proxies>.
    #[must_use]
    pub fn with_environment_proxy(self) -> Self {
        Self { clients: self.clients.with_environment_proxy(), ..self }
    }

    /// Returns the address of the bucket.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Returns the time limits.
    #[must_use]
    pub const fn time_limits(&self) -> &TimeLimits {
        &self.limits
    }

    /// Checks whether the presigner supports all calls, without signing anything. A service calls this when it starts.
    ///
    /// # Errors
    /// Returns the first operation or header that the presigner does not support. `SdkPresigner` of `upsign-aws` supports
    /// neither multipart uploads nor copies.
    pub fn check(&self) -> Result<(), Unsupported> {
        calls::samples().into_iter().try_for_each(|prepared| {
            let key = prepared.key.clone();
            self.presigner.check(&self.request(prepared.operation, key).with_headers(prepared.headers))
        })
    }

    fn request(&self, operation: upsign_core::Operation, key: ObjectKey) -> PresignRequest {
        let lifetime = ExpiresIn::from_secs(LIFETIME).unwrap_or(ExpiresIn::MAX);
        PresignRequest::new(self.target.clone(), operation, key, lifetime)
    }
}

impl<P: fmt::Debug> fmt::Debug for HttpObjects<P> {
    /// Omits the clients, which know the proxy and its password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpObjects")
            .field("target", &self.target)
            .field("presigner", &self.presigner)
            .field("limits", &self.limits)
            .field("max_attempts", &self.max_attempts)
            .field("clients", &self.clients)
            .finish()
    }
}
