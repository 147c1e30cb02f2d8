//! Key sets over HTTPS.

use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response};
use tokio::runtime::Handle;
use upsign_core::Endpoint;

use crate::{FetchError, FetchKeys, FetchedKeys, KeySet, Refresh};

/// Fetches key sets with `reqwest`, TLS by rustls: 1 s to connect, 3 s for everything, 256 KiB counted while they are
/// read, no redirect, no proxy, no cookie, no decompression. Needs a tokio runtime.
///
/// The clients are built at the first fetch: on a machine without CA certificates building one fails, which is a
/// [`FetchError::Client`] then and no failure at start.
#[derive(Debug, Default)]
pub struct HttpFetch {
    https: OnceLock<Client>,
    http: OnceLock<Client>,
}

const CONNECT: Duration = Duration::from_secs(1);
const TOTAL: Duration = Duration::from_secs(3);

impl HttpFetch {
    /// A fetcher that has not connected to anything yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn client(&self, uri: &str) -> Result<&Client, FetchError> {
        let is_http = !uri.starts_with("https://");
        if is_http && !uri.parse::<Endpoint>().is_ok_and(|endpoint| endpoint.is_loopback()) {
            return Err(FetchError::Http);
        }
        let place = if is_http { &self.http } else { &self.https };
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let builder = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            // Another crate of the host application may have switched these on.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            // A connection kept over a frozen hour is a dead one.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("upsign-cognito/", env!("CARGO_PKG_VERSION")));
        // Plain http is for this machine, which may have no CA certificates at all.
        let builder = if is_http { without_certificates(builder) } else { builder.https_only(true) };
        let client = builder.build().map_err(|why| FetchError::Client(why.into()))?;
        Ok(place.get_or_init(|| client))
    }
}

fn without_certificates(builder: ClientBuilder) -> ClientBuilder {
    builder.tls_certs_only([])
}

#[async_trait]
impl FetchKeys for HttpFetch {
    async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError> {
        let response = self.client(uri)?.get(uri).send().await.map_err(failed)?;
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

async fn read(mut response: Response) -> Result<Vec<u8>, FetchError> {
    let most = KeySet::MAX_BYTES;
    if response.content_length().is_some_and(|declared| declared > most as u64) {
        return Err(FetchError::TooLong);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > most {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn failed(why: reqwest::Error) -> FetchError {
    if why.is_timeout() { FetchError::Timeout } else { FetchError::Transport(why.into()) }
}
