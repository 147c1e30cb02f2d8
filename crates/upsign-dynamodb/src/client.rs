//! Calls over HTTP.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, retry};
use serde_json::Value;
use tokio::time::timeout;
use upsign::CredentialsSource;
use upsign::types::{Endpoint, Partition, Region, Scheme, Timestamp};

use crate::error::CallError;
use crate::signature::call;

/// The largest answer: a page of a query has 1 MB before it is written as JSON.
const MAX_BODY: usize = 8 << 20;
/// The time after which an unused connection is closed.
const MAX_IDLE: Duration = Duration::from_secs(15);

/// The client of one region or endpoint.
pub(crate) struct Calls {
    region: Region,
    origin: String,
    is_http: bool,
    is_local: bool,
    uses_environment_proxy: bool,
    credentials: Arc<dyn CredentialsSource>,
    /// Built by the first call, because it reads the certificates of the system.
    client: OnceLock<Client>,
}

impl Calls {
    pub(crate) fn new(region: Region, credentials: Arc<dyn CredentialsSource>) -> Self {
        let origin = format!("https://dynamodb.{region}.{}", Partition::of(&region).dns_suffix());
        let (is_http, is_local, uses_environment_proxy) = (false, false, false);
        Self {
            region,
            origin,
            is_http,
            is_local,
            uses_environment_proxy,
            credentials,
            client: OnceLock::new(),
        }
    }

    pub(crate) fn with_endpoint(self, endpoint: &Endpoint) -> Self {
        let port = endpoint.port().map(|port| format!(":{port}")).unwrap_or_default();
        Self {
            origin: format!("{}://{}{port}", endpoint.scheme().as_str(), endpoint.host()),
            is_http: endpoint.scheme() == Scheme::Http,
            is_local: endpoint.is_loopback(),
            client: OnceLock::new(),
            ..self
        }
    }

    pub(crate) fn with_environment_proxy(self) -> Self {
        Self { uses_environment_proxy: true, client: OnceLock::new(), ..self }
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Calls an operation once.
    pub(crate) async fn call(
        &self,
        operation: &str,
        body: &Value,
        limit: Duration,
        at: Timestamp,
    ) -> Result<Value, CallError> {
        timeout(limit, self.send(operation, body, at)).await.unwrap_or(Err(CallError::Timeout(limit)))
    }

    async fn send(&self, operation: &str, body: &Value, at: Timestamp) -> Result<Value, CallError> {
        let credentials = self.credentials.credentials(at).await?;
        let (body, target) = (body.to_string(), format!("DynamoDB_20120810.{operation}"));
        let host = self.origin.split_once("://").map_or("", |(_, host)| host);
        let call = call(host, self.region.as_str(), &target, body.as_bytes());
        let mut request = self.client()?.post(format!("{}/", self.origin));
        for (name, value) in call.sign(&credentials, at) {
            request = request.header(name, value.as_str());
        }
        let response = request.body(body).send().await.map_err(no_answer)?;
        let status = response.status().as_u16();
        let content = bounded_body(response).await?;
        match status {
            200 => serde_json::from_slice(&content).map_err(|_| CallError::Malformed),
            status => Err(CallError::of_answer(status, &content)),
        }
    }

    fn client(&self) -> Result<&Client, CallError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let builder = Client::builder()
            .redirect(Policy::none())
            // Each attempt is signed anew.
            .retry(retry::never())
            .referer(false)
            .pool_idle_timeout(MAX_IDLE)
            .user_agent(concat!("upsign-dynamodb/", env!("CARGO_PKG_VERSION")));
        let uses_proxy = self.uses_environment_proxy && !self.is_http && !self.is_local;
        // By default, reqwest reads the variables of proxies.
        let builder = if uses_proxy { builder } else { builder.no_proxy() };
        // Without TLS no CA certificates are needed, so a machine that has none can still use a local emulator.
        let builder = if self.is_http { builder.tls_certs_only([]) } else { builder.https_only(true) };
        let client = builder.build().map_err(no_answer)?;
        Ok(self.client.get_or_init(|| client))
    }
}

fn no_answer(error: reqwest::Error) -> CallError {
    CallError::NoAnswer(error.without_url())
}

async fn bounded_body(mut response: Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(CallError::Malformed);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
