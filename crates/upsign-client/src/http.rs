//! The HTTP client, and the bounded reading of answers.

use std::time::Duration;

use bytes::BytesMut;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url, retry};

/// How long a connection may take to be established.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// The time after which an unused connection is closed.
const MAX_IDLE: Duration = Duration::from_secs(15);

/// Returns a client that follows no redirects, repeats nothing by itself, and by default uses no proxy.
pub(crate) fn client(api: &Url, uses_environment_proxy: bool) -> reqwest::Result<Client> {
    let builder = Client::builder()
        .redirect(Policy::none())
        .retry(retry::never())
        .referer(false)
        // Another crate of the host application can enable the features that turn these on.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .connect_timeout(CONNECT_LIMIT)
        .pool_idle_timeout(MAX_IDLE)
        .tcp_nodelay(true)
        .user_agent(concat!("upsign-client/", env!("CARGO_PKG_VERSION")));
    // By default, reqwest reads the variables of proxies.
    let builder = if uses_environment_proxy { builder } else { builder.no_proxy() };
    // A token must not travel unencrypted, unless the API is addressed that way on purpose, such as on this machine.
    if api.scheme() == "https" { builder.https_only(true) } else { builder }.build()
}

/// Reads a body of at most `limit` bytes. A longer one is refused.
pub(crate) async fn read_body(mut response: Response, limit: usize) -> Result<Vec<u8>, String> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(describe)? {
        if body.len() + chunk.len() > limit {
            return Err(format!("it has more than {limit} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// Describes a failed request. The URL is left out, because it may be presigned.
pub(crate) fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Returns the pause that a response demands with `Retry-After` in seconds.
pub(crate) fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(reqwest::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
