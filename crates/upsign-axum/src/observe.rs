//! Adds a request id, a span and observer calls to every request of a router.
//!
//! `tower-http` has layers for request ids and spans. They are not used here for three reasons. `SetRequestIdLayer` keeps an
//! id that any client sends, while here only trusted proxies may set one. `TraceLayer` does not record requests whose
//! client disconnects before the answer. And the id, the span and the client's address depend on each other, so the
//! layers would need the same middleware in front of them.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tracing::Instrument;
use upsign::NoEntropy;

use crate::client::{ClientAddress, Peer, TrustedProxies};

/// Receives the events of a server, for example to count them.
///
/// No method receives text that a client wrote, so every argument is safe as a metric label. The methods run within the
/// request and delay it: move slow work to another task.
pub trait ServeObserver: Debug + Send + Sync {
    /// Called when a request has arrived.
    fn request_started(&self) {}
    /// Called when a request has ended. `status` is `None` if the client disconnected before the answer was ready.
    fn request_finished(&self, status: Option<StatusCode>, took: Duration) {
        let _ = (status, took);
    }
    /// Called when a connection was accepted.
    fn connection_opened(&self) {}
    /// Called when an accepted connection has ended.
    fn connection_closed(&self) {}
    /// Called when a connection was rejected because the server is at its limit of connections.
    fn connection_rejected(&self) {}
}

/// An observer that ignores everything.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct")]
pub struct NoObserver;

impl ServeObserver for NoObserver {}

#[derive(Debug)]
struct Observation {
    proxies: TrustedProxies,
    observer: Arc<dyn ServeObserver>,
}

/// Adds request ids, `tracing` spans, [`ClientAddress`] and an observer to every request of `app`.
///
/// Each request runs in a span with its id, method, matched route and client address, and with nothing else that the
/// client wrote. The answer carries the id as `x-request-id`.
///
/// An `x-request-id` of the request is kept only if it comes from one of `proxies` and has at most 128 characters of a
/// plain alphabet. Otherwise the id is 128 random bits in hex. If the operating system provides no random bytes, the
/// request has no id and the answer no `x-request-id`.
pub fn observe(app: Router, proxies: TrustedProxies, observer: Arc<dyn ServeObserver>) -> Router {
    app.layer(from_fn_with_state(Arc::new(Observation { proxies, observer }), observe_request))
}

const REQUEST_ID: &str = "x-request-id";

async fn observe_request(
    State(observation): State<Arc<Observation>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    let client = peer.map(|peer| observation.proxies.client(peer, request.headers()));
    if let Some(client) = client {
        request.extensions_mut().insert(ClientAddress(client));
    }
    let from_proxy = peer.is_some_and(|peer| observation.proxies.trusts(peer.to_canonical()));
    let id = received_id(request.headers()).filter(|_| from_proxy).map(str::to_owned);
    let id = id.or_else(|| generate_id(upsign::fill_random));
    let path = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let client = client.map(tracing::field::display);
    let span = tracing::info_span!("request", id, method = method_name(request.method()), path, client);
    let mut guard = RequestGuard::start(&*observation.observer);
    let mut response = next.run(request).instrument(span.clone()).await;
    guard.status = Some(response.status());
    let micros = u64::try_from(guard.started.elapsed().as_micros()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), micros, "request answered"));
    if let Some(id) = id.and_then(|id| HeaderValue::from_str(&id).ok()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Records the end of a request even if the client disconnects.
///
/// A disconnect cancels the request: hyper drops the future of the middleware at its `await`, and with it this guard, whose
/// status is then still `None`.
struct RequestGuard<'a> {
    observer: &'a dyn ServeObserver,
    started: Instant,
    status: Option<StatusCode>,
}

impl<'a> RequestGuard<'a> {
    fn start(observer: &'a dyn ServeObserver) -> Self {
        observer.request_started();
        Self { observer, started: Instant::now(), status: None }
    }
}

impl Drop for RequestGuard<'_> {
    fn drop(&mut self) {
        self.observer.request_finished(self.status, self.started.elapsed());
    }
}

/// Returns the id in the request's header, if it is short and consists of characters that are safe in logs and headers.
fn received_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:=".contains(&byte);
    (1..=128).contains(&id.len()).then_some(id).filter(|id| id.bytes().all(plain))
}

/// Returns 128 random bits in hex, or `None` if the operating system provides no random bytes: an id that many requests share
/// would be worse than no id.
fn generate_id(fill: impl FnOnce(&mut [u8]) -> Result<(), NoEntropy>) -> Option<String> {
    let mut bytes = [0; 16];
    fill(&mut bytes).ok()?;
    Some(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// Returns the name of a common method, or `other`: an unknown method is text of the client, which must not reach the log.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_without_entropy_has_no_id() {
        assert_eq!(generate_id(|_| Err(NoEntropy::new())), None);
        let id = generate_id(|bytes| {
            bytes.fill(0xab);
            Ok(())
        });
        assert_eq!(id.as_deref(), Some("ab".repeat(16).as_str()));
    }

    #[test]
    fn received_ids_are_short_and_plain() {
        let check = |id: &str| {
            let headers = HeaderMap::from_iter([(REQUEST_ID.parse().unwrap(), id.parse().unwrap())]);
            received_id(&headers).is_some()
        };
        assert!(check("Root=1-67891233-abcdef012345678912345678") && check(&"a".repeat(128)));
        assert!(!check("") && !check("a b") && !check("<b>") && !check(&"a".repeat(129)));
    }
}
