//! Fetching key sets over HTTPS.

use std::error::Error;
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response};
use tokio::runtime::Handle;
use upsign_core::Endpoint;

use crate::keys::fetch::{FetchError, FetchKeys, FetchedKeys, Refresh};
use crate::keys::key_set::KeySet;

/// Fetches key sets with `reqwest`. Requires a tokio runtime.
///
/// | limit | default | change |
/// | --- | --- | --- |
/// | time | 3 s in total, of which a third to connect | [`with_timeout`](Self::with_timeout) |
/// | body | 256 KiB | |
/// | proxy | none | [`with_environment_proxy`](Self::with_environment_proxy) |
/// | plain `http` | from this machine only | [`danger_accept_http`](Self::danger_accept_http) |
///
/// Redirects, cookies and compression are disabled, and TLS is rustls.
///
/// Each client is built by the first fetch that needs it. On a machine without CA certificates, that fetch fails with
/// [`FetchError::Client`]; creating the fetcher never fails.
///
/// ```
/// use std::time::Duration;
/// use upsign_jwt::{HttpFetch, TokenUse, TrustedIssuer, Verifier, VerifierConfig};
///
/// // The issuer is outside a network that only a proxy leaves, and slow.
/// let fetcher = HttpFetch::new().with_environment_proxy().with_timeout(Duration::from_secs(10));
/// let issuer = TrustedIssuer::discover("https://id.example.com")?;
/// let verifier = Verifier::new(VerifierConfig::oidc(issuer, ["upload-api"], TokenUse::Access)?, fetcher);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct HttpFetch {
    timeout: Timeout,
    uses_environment_proxy: bool,
    accepts_http: bool,
    https: OnceLock<Client>,
    /// The client for `https` on this machine, which never uses a proxy.
    local_https: OnceLock<Client>,
    http: OnceLock<Client>,
}

/// The time limit of one request.
struct Timeout(Duration);

impl Default for Timeout {
    fn default() -> Self {
        Self(Duration::from_secs(3))
    }
}

impl HttpFetch {
    /// Creates a fetcher. It does not connect to anything yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Limits each request to `timeout`, a third of which is for connecting. Default: 3 s.
    ///
    /// A caller whose key is not cached waits for the request. The discovery document and the key set are two requests, which
    /// together may take `timeout` plus 2 s. Raise the limit for a slow issuer or proxy, but keep it below the time after which
    /// the clients of the service give up.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        // The clients are built anew, because they contain the limit.
        Self { timeout: Timeout(timeout), ..self.without_clients() }
    }

    /// Fetches over the proxy that the environment variables name, as `reqwest` reads them when the first key set is fetched:
    /// `HTTPS_PROXY`, or `ALL_PROXY`, and `NO_PROXY`, each also in lower case. Default: no proxy.
    ///
    /// The proxy receives `CONNECT` with host and port of the issuer, and tunnels TLS, whose certificate is verified as without
    /// a proxy. So it cannot replace keys. An address on this machine, and one with `http`, is never fetched over a proxy. User
    /// name and password of the proxy appear neither in errors nor in the `Debug` output.
    ///
    /// `NO_PROXY` is a list with commas: domains, each with its subdomains, IP addresses, networks (`10.0.0.0/8`), or `*`. The
    /// scheme of the proxy is `http`, which can be omitted, or `https`. With a SOCKS proxy fetches fail, unless another crate of
    /// the application enables the feature `socks` of `reqwest`. In a CGI process, where `REQUEST_METHOD` is set, no proxy is
    /// used.
    ///
    /// Source: <https://docs.rs/reqwest/latest/reqwest/#proxies>.
    #[must_use]
    pub fn with_environment_proxy(self) -> Self {
        Self { uses_environment_proxy: true, ..self.without_clients() }
    }

    /// Accepts `http` from every host, for an emulator in a container network or on the host of a container. By default only
    /// this machine is accepted.
    ///
    /// **Dangerous**: anyone on the network between this host and that of the keys can replace them, and so impersonate every
    /// user. An issuer needs [`TrustedIssuer::danger_http_keys`](crate::TrustedIssuer::danger_http_keys) in addition.
    ///
    /// ```
    /// use upsign_jwt::{HttpFetch, TokenUse, TrustedIssuer, Verifier, VerifierConfig};
    ///
    /// let pool = "http://cognito:9229/local_x";
    /// let issuer = TrustedIssuer::danger_http_keys(pool, &format!("{pool}/.well-known/jwks.json"))?;
    /// let config = VerifierConfig::new(issuer, ["web"], TokenUse::Access)?;
    /// let verifier = Verifier::new(config, HttpFetch::new().danger_accept_http());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn danger_accept_http(self) -> Self {
        Self { accepts_http: true, ..self }
    }

    fn without_clients(self) -> Self {
        let Self { timeout, uses_environment_proxy, accepts_http, .. } = self;
        Self { timeout, uses_environment_proxy, accepts_http, ..Self::default() }
    }

    fn client(&self, uri: &str) -> Result<&Client, FetchError> {
        let scheme = uri.split_once("://").map_or("", |(scheme, _)| scheme);
        let is_http = !scheme.eq_ignore_ascii_case("https");
        let is_local = uri.parse::<Endpoint>().is_ok_and(|endpoint| endpoint.is_loopback());
        if is_http && !is_local && !(self.accepts_http && scheme.eq_ignore_ascii_case("http")) {
            return Err(FetchError::Http);
        }
        let cell = match (is_http, is_local) {
            (true, _) => &self.http,
            (false, true) => &self.local_https,
            (false, false) => &self.https,
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let builder = Client::builder()
            .redirect(Policy::none())
            .referer(false)
            // Another crate of the host application can enable the features that turn these on.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .connect_timeout(self.timeout.0 / 3)
            .timeout(self.timeout.0)
            // Fetches are at least 10 s apart and usually an hour. By then the server has closed an idle connection.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("upsign-jwt/", env!("CARGO_PKG_VERSION")));
        let uses_proxy = self.uses_environment_proxy && !is_http && !is_local;
        // By default, reqwest reads the variables of proxies.
        let builder = if uses_proxy { builder } else { builder.no_proxy() };
        // Without TLS no CA certificates are needed, so a machine that has none can still use a local emulator.
        let builder = if is_http { without_certificates(builder) } else { builder.https_only(true) };
        let client = builder.build().map_err(|error| FetchError::Client(error.into()))?;
        Ok(cell.get_or_init(|| client))
    }
}

impl fmt::Debug for HttpFetch {
    /// Omits the clients, which know the proxy and its password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpFetch")
            .field("timeout", &self.timeout.0)
            .field("uses_environment_proxy", &self.uses_environment_proxy)
            .field("accepts_http", &self.accepts_http)
            .finish_non_exhaustive()
    }
}

fn without_certificates(builder: ClientBuilder) -> ClientBuilder {
    builder.tls_certs_only([])
}

#[async_trait]
impl FetchKeys for HttpFetch {
    async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError> {
        let response = self.client(uri)?.get(uri).send().await.map_err(fetch_error)?;
        let status = response.status().as_u16();
        let cache_control: Vec<_> = response
            .headers()
            .get_all("cache-control")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        let cache_control = cache_control.join(", ");
        let body = if status == 200 { read(response).await? } else { Vec::new() };
        Ok(FetchedKeys::new(status, body).with_cache_control(cache_control))
    }

    fn time_limit(&self) -> Duration {
        self.timeout.0.saturating_add(Duration::from_secs(2))
    }

    fn spawn(&self, refresh: Refresh) -> Result<(), Refresh> {
        match Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(refresh);
                Ok(())
            }
            Err(_) => Err(refresh),
        }
    }
}

/// Reads the body and counts its bytes, because `Content-Length` can be absent or wrong.
async fn read(mut response: Response) -> Result<Vec<u8>, FetchError> {
    let max = KeySet::MAX_BYTES;
    if response.content_length().is_some_and(|declared| declared > max as u64) {
        return Err(FetchError::TooLong);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(fetch_error)? {
        if body.len() + chunk.len() > max {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn fetch_error(error: reqwest::Error) -> FetchError {
    if error.is_timeout() { FetchError::Timeout } else { FetchError::Transport(RequestError(error).into()) }
}

/// The error of a request, without the messages of the layers that only say that there is one: `error sending request for url`
/// of reqwest, and `client error (Connect)` of hyper.
#[derive(Debug)]
struct RequestError(reqwest::Error);

impl RequestError {
    fn cause(&self) -> &(dyn Error + 'static) {
        let layers = if self.0.is_connect() { 2 } else { 1 };
        let mut cause: &(dyn Error + 'static) = &self.0;
        for _ in 0..layers {
            cause = cause.source().unwrap_or(cause);
        }
        cause
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.cause(), f)
    }
}

impl Error for RequestError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause().source()
    }
}
