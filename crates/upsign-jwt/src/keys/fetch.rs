//! Fetching a key set: the trait to implement, and what an implementation returns.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;

use crate::crypto::algorithm::{Algorithm, Backend};
use crate::keys::discovery::InvalidDiscovery;
use crate::keys::key_set::{InvalidKeySet, KeySet};

/// The refresh of a key set, to be polled to its end. See [`FetchKeys::spawn`].
pub type Refresh = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Fetches key sets over the network.
///
/// ```
/// use upsign_jwt::{FetchError, FetchKeys, FetchedKeys, Refresh, TokenUse, TrustedIssuer, Verifier, VerifierConfig, async_trait};
///
/// #[derive(Debug)]
/// struct MyClient;
/// # impl MyClient {
/// #     async fn get(&self, _: &str) -> Result<MyResponse, std::io::Error> {
/// #         Ok(MyResponse { status: 200, body: std::fs::read("tests/jwks.json")? })
/// #     }
/// # }
/// # struct MyResponse { status: u16, body: Vec<u8> }
/// # impl MyResponse { fn header(&self, _: &str) -> Option<&str> { Some("max-age=3600") } }
///
/// #[async_trait]
/// impl FetchKeys for MyClient {
///     async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError> {
///         let response = self.get(uri).await.map_err(FetchError::transport)?;
///         let cache_control = response.header("cache-control").unwrap_or_default().to_owned();
///         Ok(FetchedKeys::new(response.status, response.body).with_cache_control(cache_control))
///     }
///
///     /// Without this method, a caller waits for a refresh about once per hour.
///     fn spawn(&self, refresh: Refresh) -> Result<(), Refresh> {
///         tokio::spawn(refresh);
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let issuer = TrustedIssuer::custom("https://id.example.com", "https://id.example.com/keys")?;
/// let config = VerifierConfig::oidc(issuer, ["upload-api"], TokenUse::Access)?;
/// let verifier = Verifier::new(config, MyClient);
/// verifier.jwks().warm("2026-01-31T12:00:00Z".parse()?).await?;
/// # Ok(())
/// # }
/// ```
///
/// `HttpFetch`, behind the feature `fetch`, uses `reqwest`. To use another HTTP client, implement this trait or write a closure
/// and pass it to [`fetch_keys_fn`](crate::fetch_keys_fn). [`StaticKeys`](crate::StaticKeys) needs no network.
///
/// The trait is also implemented for `Arc<T>`, `Box<T>` and `&'static T`, so that several verifiers can share a client. A
/// shorter borrow is not enough, because a fetch can outlive the call that started it.
#[async_trait]
pub trait FetchKeys: fmt::Debug + Send + Sync + 'static {
    /// Fetches `uri` and returns the response with any status, also that of an error.
    ///
    /// Implementations write `async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError>`.
    ///
    /// An implementation should return within its [`time_limit`](Self::time_limit), must not follow a redirect to another host or
    /// from https to http, and must not read more than [`KeySet::MAX_BYTES`] of the body. Callers may drop the future at any
    /// time.
    ///
    /// In a tokio runtime, which must have its timer enabled, callers stop waiting at the time limit: that counts as
    /// [`FetchError::Timeout`]. A panic counts as [`FetchError::Panicked`].
    ///
    /// # Errors
    /// Returns [`FetchError`] if there is no response: the connection failed, it took too long, or the body is too long.
    async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError>;

    /// Returns whether the URL of the key set has to be looked up in the discovery document of an issuer that
    /// [has one](crate::TrustedIssuer::discover). Default: `true`. [`StaticKeys`](crate::StaticKeys), which returns the same key set
    /// for every URL, returns `false`.
    fn needs_discovery(&self) -> bool {
        true
    }

    /// Returns how long a fetch may take, including that of the discovery document if there is one. Default: 5 s.
    ///
    /// A caller whose key is not cached waits this long at most. `HttpFetch` returns the limit of one request plus 2 s.
    fn time_limit(&self) -> Duration {
        Duration::from_secs(5)
    }

    /// Starts `refresh` in the background, so that the caller is served with the current keys without waiting.
    ///
    /// The default implementation has no runtime to spawn on and returns the future.
    ///
    /// # Errors
    /// Returns `refresh` itself, not started, if it cannot be spawned. The caller then awaits it.
    fn spawn(&self, refresh: Refresh) -> Result<(), Refresh> {
        Err(refresh)
    }
}

/// The HTTP response to the fetch of a key set.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchedKeys {
    status: u16,
    cache_control: Option<Box<str>>,
    body: Vec<u8>,
}

/// The reason a key set is not available.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// No fetch has completed yet.
    #[error("no key set has been fetched yet")]
    NotFetched,
    /// The issuer has no address of keys, because its keys are [in memory](crate::TrustedIssuer::offline), but the fetcher is
    /// not [`StaticKeys`](crate::StaticKeys).
    #[error("the issuer's keys have no address to fetch them from")]
    NoAddress,
    /// The URL is `http`, its host is not this machine, and `HttpFetch::danger_accept_http` was not called.
    #[error("the URL is http, which is allowed only for this machine")]
    Http,
    /// The HTTP client could not be built. Usually the machine has no CA certificates.
    #[error("the HTTP client could not be built; check that CA certificates are installed")]
    Client(#[source] Box<dyn Error + Send + Sync>),
    /// The connection failed or ended early.
    #[error("the request failed")]
    Transport(#[source] Box<dyn Error + Send + Sync>),
    /// There was no complete response within the [time limit](FetchKeys::time_limit).
    #[error("the request timed out")]
    Timeout,
    /// The fetcher panicked. That is a bug of the fetcher.
    #[error("the fetcher panicked")]
    Panicked,
    /// The body is longer than [`KeySet::MAX_BYTES`].
    #[error("the response is longer than 256 KiB")]
    TooLong,
    /// The status is not 200. Redirects are not followed.
    #[error("the server returned status {0}, expected 200")]
    Status(u16),
    /// The body is not a key set.
    #[error("the response is not a key set")]
    Document(#[source] InvalidKeySet),
    /// The key set has no usable key. See [`KeySet`].
    #[error("the key set has no usable key")]
    NoUsableKey,
    /// The discovery document does not say where the key set is.
    #[error("the discovery document is not usable")]
    Discovery(#[source] InvalidDiscovery),
    /// The key set, whose URL the discovery document names, could not be fetched.
    #[error("cannot fetch {uri}, which the discovery document names")]
    Discovered {
        /// The URL of the key set.
        uri: Box<str>,
        /// The reason.
        source: Box<FetchError>,
    },
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl FetchedKeys {
    /// Creates a response with this HTTP status and body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, cache_control: None, body: body.into() }
    }

    /// Sets the value of the response header `Cache-Control`. Join several with `, `.
    #[must_use]
    pub fn with_cache_control(mut self, value: impl Into<Box<str>>) -> Self {
        self.cache_control = Some(value.into());
        self
    }

    /// Returns for how many seconds the response is fresh: the `max-age` of `Cache-Control`, but at least 5 minutes, so that
    /// an issuer cannot cause a fetch per request, and at most 24 hours, so that a withdrawn key is noticed. Default: 1 hour.
    #[must_use]
    pub fn fresh_for(&self) -> u64 {
        let directives = self.cache_control.as_deref().unwrap_or_default().split(',');
        let max_age = directives.map(str::trim).find_map(|directive| {
            let (name, value) = directive.split_once('=').unwrap_or((directive, "0"));
            match name.trim().to_ascii_lowercase().as_str() {
                "max-age" => seconds(value.trim().trim_matches('"')),
                "no-store" | "no-cache" => Some(0),
                _ => None,
            }
        });
        max_age.unwrap_or(HOUR).clamp(5 * MINUTE, DAY)
    }

    /// Returns the HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns the body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Parses the body and keeps the keys that are usable for any of `algorithms`.
    ///
    /// # Errors
    /// Returns [`FetchError::Status`] if the status is not 200 and [`FetchError::Document`] if the body is not a key set.
    /// Such a response never replaces a cached key set.
    pub fn key_set(&self, algorithms: &[Algorithm], backend: Backend) -> Result<KeySet, FetchError> {
        if self.status != 200 {
            return Err(FetchError::Status(self.status));
        }
        KeySet::parse_for(&self.body, algorithms, backend).map_err(FetchError::Document)
    }
}

impl fmt::Debug for FetchedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchedKeys")
            .field("status", &self.status)
            .field("cache_control", &self.cache_control)
            .field("bytes", &self.body.len())
            .finish()
    }
}

impl FetchError {
    /// Wraps the error of an HTTP client whose request failed without a response.
    pub fn transport(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Transport(error.into())
    }

    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFetched => "key-set-never-fetched",
            Self::NoAddress => "key-set-no-address",
            Self::Http => "key-set-http",
            Self::Client(_) => "key-set-client",
            Self::Transport(_) => "key-set-transport",
            Self::Timeout => "key-set-timeout",
            Self::Panicked => "key-set-panicked",
            Self::TooLong => "key-set-too-long",
            Self::Status(_) => "key-set-status",
            Self::Document(error) => error.code(),
            Self::NoUsableKey => "key-set-no-usable-key",
            Self::Discovery(error) => error.code(),
            Self::Discovered { source, .. } => source.code(),
        }
    }
}

/// Parses a number of seconds. RFC 9111, section 1.2.2: a number that is too large to represent counts as very large.
fn seconds(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cache_control: &str, fresh_for: u64) {
        let answer = FetchedKeys::new(200, "").with_cache_control(cache_control);
        assert_eq!(answer.fresh_for(), fresh_for, "{cache_control}");
    }

    #[test]
    fn freshness_is_clamped() {
        assert_eq!(FetchedKeys::new(200, "").fresh_for(), HOUR);
        check("", HOUR);
        check("public", HOUR);
        check("max-age=abc", HOUR);
        check("max-age=-1", HOUR);
        check("max-age", 5 * MINUTE);
        check("max-age=0", 5 * MINUTE);
        check("no-store", 5 * MINUTE);
        check("public, max-age=7200, must-revalidate", 2 * HOUR);
        check("Max-Age = \"600\"", 600);
        check("s-maxage=60, max-age=86400", DAY);
        check("max-age=86401", DAY);
        check("max-age=99999999999999999999999999", DAY);
    }
}
