//! The HTTP client of a target.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, retry};
use upsign_core::{Endpoint, Scheme, Target};

use crate::error::CallFailure;

/// The client of a target, which the first call builds, and its settings.
///
/// Creating it later means that a service can be created on a machine without CA certificates; the first call fails then.
pub(super) struct Clients {
    client: OnceLock<Client>,
    is_http: bool,
    is_local: bool,
    connect_timeout: Duration,
    uses_environment_proxy: bool,
}

/// The time after which an unused connection is closed. A connection that the store has closed in the meantime costs an attempt.
const MAX_IDLE: Duration = Duration::from_secs(15);

impl Clients {
    pub(super) fn new(target: &Target, connect_timeout: Duration) -> Self {
        let origin = format!("{}://{}", target.scheme().as_str(), target.host());
        Self {
            client: OnceLock::new(),
            is_http: target.scheme() == Scheme::Http,
            is_local: origin.parse::<Endpoint>().is_ok_and(|endpoint| endpoint.is_loopback()),
            connect_timeout,
            uses_environment_proxy: false,
        }
    }

    pub(super) fn with_connect_timeout(self, connect_timeout: Duration) -> Self {
        // The client is built anew, because it contains the limit.
        Self { client: OnceLock::new(), connect_timeout, ..self }
    }

    pub(super) fn with_environment_proxy(self) -> Self {
        Self { client: OnceLock::new(), uses_environment_proxy: true, ..self }
    }

    pub(super) fn client(&self) -> Result<&Client, CallFailure> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self.builder().build().map_err(|error| CallFailure::Client(error.into()))?;
        Ok(self.client.get_or_init(|| client))
    }

    fn builder(&self) -> ClientBuilder {
        let builder = Client::builder()
            .redirect(Policy::none())
            // Each attempt is signed anew and counted.
            .retry(retry::never())
            .referer(false)
            // Another crate of the host application can enable the features that turn these on.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(MAX_IDLE)
            .user_agent(concat!("upsign-objects/", env!("CARGO_PKG_VERSION")));
        let uses_proxy = self.uses_environment_proxy && !self.is_http && !self.is_local;
        // By default, reqwest reads the variables of proxies.
        let builder = if uses_proxy { builder } else { builder.no_proxy() };
        // Without TLS no CA certificates are needed, so a machine that has none can still use a local emulator.
        if self.is_http { builder.tls_certs_only([]) } else { builder.https_only(true) }
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients")
            .field("uses_environment_proxy", &self.uses_environment_proxy)
            .finish_non_exhaustive()
    }
}
