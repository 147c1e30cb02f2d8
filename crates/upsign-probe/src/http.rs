//! Sends requests with reqwest.

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, retry};
use upsign_core::{Endpoint, Scheme, Target};

use crate::transport::{HttpAnswer, HttpRequest, MAX_ANSWER, NoAnswer, Transport};

/// Time to connect.
const CONNECT: Duration = Duration::from_secs(5);
/// Time for a request and its answer.
const TOTAL: Duration = Duration::from_secs(20);

/// Sends requests with reqwest, over rustls. It follows no redirects, repeats nothing, and has 20 seconds for each request.
#[derive(Clone, Debug)]
pub struct HttpTransport(Client);

impl HttpTransport {
    /// Creates the client for a target. `with_proxy` lets it use the proxy of the environment (`HTTPS_PROXY`), except for targets
    /// on this machine and those with `http`.
    ///
    /// # Errors
    /// Returns [`NoAnswer`] if the client cannot be created, for example because there are no CA certificates.
    pub fn new(target: &Target, with_proxy: bool) -> Result<Self, NoAnswer> {
        let is_http = target.scheme() == Scheme::Http;
        let origin = format!("{}://{}", target.scheme().as_str(), target.host());
        let is_local = origin.parse::<Endpoint>().is_ok_and(|endpoint| endpoint.is_loopback());
        let builder = Client::builder()
            .redirect(Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            .user_agent(concat!("upsign-probe/", env!("CARGO_PKG_VERSION")));
        // By default, reqwest reads the variables of proxies.
        let builder = if with_proxy && !is_http && !is_local { builder } else { builder.no_proxy() };
        // Without TLS no CA certificates are needed, so a machine that has none can still use a local emulator.
        let builder = if is_http { builder.tls_certs_only([]) } else { builder.https_only(true) };
        builder.build().map(Self).map_err(|error| no_answer(&error))
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: &HttpRequest) -> Result<HttpAnswer, NoAnswer> {
        let method = Method::from_bytes(request.method.as_bytes()).unwrap_or_default();
        let has_length = method == Method::PUT || method == Method::POST;
        let mut builder = self.0.request(method, &request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if !request.body.is_empty() {
            builder = builder.body(request.body.clone());
        } else if has_length {
            // reqwest sends no length for an empty body, and a server may demand one (RFC 9110, section 8.6).
            builder = builder.header("content-length", "0");
        }
        let mut response = builder.send().await.map_err(|error| no_answer(&error.without_url()))?;
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let (status, mut body) = (response.status().as_u16(), Vec::new());
        while let Some(chunk) = response.chunk().await.map_err(|error| no_answer(&error.without_url()))? {
            let rest = MAX_ANSWER - body.len();
            body.extend_from_slice(chunk.get(..rest).unwrap_or(&chunk));
            if body.len() == MAX_ANSWER {
                break;
            }
        }
        Ok(HttpAnswer { status, headers, body })
    }
}

/// Returns the innermost cause: the layers of reqwest and hyper only say that there is an error.
fn no_answer(error: &reqwest::Error) -> NoAnswer {
    let no_answer =
        |reason: String| if error.is_connect() { NoAnswer::unsent(reason) } else { NoAnswer::new(reason) };
    if error.is_timeout() {
        return no_answer("no answer in time".to_owned());
    }
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    no_answer(cause.to_string())
}
