//! Delivery over HTTP, the two outboxes, and what delivers the messages of a queue.

mod in_process;
mod queue_deliverer;
mod sender;
mod sqs;

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Url, retry};

pub use in_process::{DeliveryCounts, Drained, InProcessOutbox};
pub use queue_deliverer::QueueDeliverer;
pub use sender::{DeliveryError, InvalidWebhookUrl, WebhookSender};
pub use sqs::SqsOutbox;

/// Time for one request with its answer. Receivers should store the message and answer at once.
const TIMEOUT: Duration = Duration::from_secs(15);

/// A client that follows no redirects, repeats nothing, and uses no proxy.
fn client(url: &Url) -> ClientBuilder {
    let builder = Client::builder()
        .redirect(Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .connect_timeout(Duration::from_secs(5))
        .timeout(TIMEOUT)
        .user_agent(concat!("upsign-webhooks/", env!("CARGO_PKG_VERSION")));
    // Without TLS no CA certificates are needed, so a machine that has none can still use a local receiver.
    if url.scheme() == "http" { builder.tls_certs_only([]) } else { builder.https_only(true) }
}

/// Returns whether a URL is `https`, or `http` on this machine, and has neither a password nor a fragment.
fn is_allowed(url: &Url) -> bool {
    let is_local = match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.parse::<std::net::Ipv4Addr>().is_ok_and(|it| it.is_loopback()),
        None => false,
    };
    let has_scheme = url.scheme() == "https" || (url.scheme() == "http" && is_local);
    has_scheme && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
}
