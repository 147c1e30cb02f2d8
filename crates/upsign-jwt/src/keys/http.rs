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
/// Limits: 1 s to connect, 3 s in total, 256 KiB of body. Redirects, proxies, cookies and compression are disabled, and TLS
/// is rustls. Plain `http` is accepted only for this machine.
///
/// Each client is built by the first fetch that needs it. On a machine without CA certificates, that fetch fails with
/// [`FetchError::Client`]; creating the fetcher never fails.
#[derive(Debug, Default)]
pub struct HttpFetch {
    https: OnceLock<Client>,
    http: OnceLock<Client>,
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(3);

impl HttpFetch {
    /// Creates a fetcher. It does not connect to anything yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn client(&self, uri: &str) -> Result<&Client, FetchError> {
        let is_http = !uri.starts_with("https://");
        if is_http && !uri.parse::<Endpoint>().is_ok_and(|endpoint| endpoint.is_loopback()) {
            return Err(FetchError::Http);
        }
        let cell = if is_http { &self.http } else { &self.https };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let builder = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            // Another crate of the host application can enable the features that turn these on.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            // Fetches are at least 10 s apart and usually an hour. By then the server has closed an idle connection.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("upsign-jwt/", env!("CARGO_PKG_VERSION")));
        // Without TLS no CA certificates are needed, so a machine that has none can still use a local emulator.
        let builder = if is_http { without_certificates(builder) } else { builder.https_only(true) };
        let client = builder.build().map_err(|error| FetchError::Client(error.into()))?;
        Ok(cell.get_or_init(|| client))
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
