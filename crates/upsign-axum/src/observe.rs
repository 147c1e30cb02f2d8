//! Adds a request id, a span and observer calls to every request of a router.
//!
//! `tower-http` has layers for request ids and spans. They are not used here for three reasons. `SetRequestIdLayer` keeps an
//! id that any client sends, while here only trusted proxies may set one. `TraceLayer` does not record requests whose
//! client disconnects before the answer. And the id, the span and the client's address depend on each other, so the
//! layers would need the same middleware in front of them.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::{HeaderValue, Method, StatusCode};
use tracing::Instrument;

use crate::client::{ClientAddress, TrustedProxies, UNKNOWN_PEER, peer};
use crate::request_id::{REQUEST_ID, RequestId};

/// Receives the events of a server, for example to count them.
///
/// Implement the methods that you need; the others do nothing:
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use std::time::Duration;
///
/// use axum::http::StatusCode;
/// use upsign_axum::ServeObserver;
///
/// /// Counts the answers that report a fault of the service.
/// #[derive(Debug, Default)]
/// struct Faults(AtomicU64);
///
/// impl ServeObserver for Faults {
///     fn request_finished(&self, status: Option<StatusCode>, _took: Duration) {
///         if status.is_some_and(|status| status.is_server_error()) {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
///
/// let faults = Faults::default();
/// faults.request_finished(Some(StatusCode::SERVICE_UNAVAILABLE), Duration::from_millis(2));
/// faults.connection_closed();
/// assert_eq!(faults.0.into_inner(), 1);
/// ```
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

/// Implements the trait for a pointer to `T` by forwarding to the value it points to.
macro_rules! forward_through {
    ($($pointer:ty),*) => {$(
        impl<T: ServeObserver + ?Sized> ServeObserver for $pointer {
            fn request_started(&self) {
                (**self).request_started();
            }

            fn request_finished(&self, status: Option<StatusCode>, took: Duration) {
                (**self).request_finished(status, took);
            }

            fn connection_opened(&self) {
                (**self).connection_opened();
            }

            fn connection_closed(&self) {
                (**self).connection_closed();
            }

            fn connection_rejected(&self) {
                (**self).connection_rejected();
            }
        }
    )*};
}

forward_through!(Arc<T>, Box<T>, &T);

#[derive(Debug)]
struct Observation<O> {
    proxies: TrustedProxies,
    observer: O,
    /// Whether a request without the address of its peer has been logged.
    reported_unknown_peer: AtomicBool,
}

/// Adds a [`RequestId`], a `tracing` span, a [`ClientAddress`] and an observer to every request of `app`.
///
/// Each request runs in a span with its id, method, matched route and client address, and with nothing else that the
/// client wrote. The span has the level ERROR, so that a log at any level shows the id next to a refusal. The answer carries the id as `x-request-id`, and so
/// does a problem document of the API.
///
/// An `x-request-id` of the request is kept only if it comes from one of `proxies` and has at most 128 characters of a
/// plain alphabet. Otherwise the id is 128 random bits in hex. If the operating system provides no random bytes, the
/// request has no id and the answer no `x-request-id`.
///
/// Proxies are recognized by the address of the peer, which [`ClientAddress`] describes how to provide. If `proxies` is
/// not empty and the server does not provide it, no proxy is trusted and the first such request is logged as a warning.
///
/// ```
/// use axum::Router;
/// use upsign_axum::{NoObserver, TrustedProxies, observe};
///
/// # fn app(app: Router) -> Result<Router, Box<dyn std::error::Error>> {
/// // A load balancer in this network adds `X-Forwarded-For`.
/// let proxies = TrustedProxies::new(["10.0.0.0/8".parse()?]);
/// # Ok(
/// observe(app, proxies, NoObserver)
/// # )
/// # }
/// ```
pub fn observe<S: Clone + Send + Sync + 'static>(
    app: Router<S>,
    proxies: TrustedProxies,
    observer: impl ServeObserver + 'static,
) -> Router<S> {
    let observation = Observation { proxies, observer, reported_unknown_peer: AtomicBool::new(false) };
    app.layer(from_fn_with_state(Arc::new(observation), observe_request))
}

async fn observe_request<O: ServeObserver>(
    State(observation): State<Arc<Observation<O>>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = peer(request.extensions());
    if peer.is_none() {
        observation.report_unknown_peer();
    }
    let client = peer.map(|peer| observation.proxies.client(peer, request.headers()));
    if let Some(client) = client {
        request.extensions_mut().insert(ClientAddress(client));
    }
    let from_proxy = peer.is_some_and(|peer| observation.proxies.trusts(peer));
    let id = RequestId::of(request.headers(), from_proxy);
    if let Some(id) = &id {
        request.extensions_mut().insert(id.0.clone());
        request.extensions_mut().insert(id.clone());
    }
    let path = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let (name, client) = (id.as_ref().map(RequestId::as_str), client.map(tracing::field::display));
    // The level is that of the span's most severe lines: a log at any level then has the id of each of them.
    let span =
        tracing::error_span!("request", id = name, method = method_name(request.method()), path, client);
    let mut guard = RequestGuard::start(&observation.observer);
    let mut response = next.run(request).instrument(span.clone()).await;
    guard.status = Some(response.status());
    let micros = u64::try_from(guard.started.elapsed().as_micros()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), micros, "request answered"));
    if let Some(id) = id.and_then(|id| HeaderValue::from_str(id.as_str()).ok()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

impl<O> Observation<O> {
    /// Logs once that trusted proxies have no effect. Without trusted proxies nothing is lost but the address in the span.
    fn report_unknown_peer(&self) {
        if !self.proxies.is_empty() && !self.reported_unknown_peer.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = UNKNOWN_PEER, "trusted proxies have no effect");
        }
    }
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

/// Returns the name of a common method, or `other`: an unknown method is text of the client, which must not reach the log.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Debug, Default)]
    struct Recorder(Mutex<Vec<&'static str>>);

    impl ServeObserver for Recorder {
        fn request_started(&self) {
            self.0.lock().unwrap().push("request started");
        }

        fn request_finished(&self, _: Option<StatusCode>, _: Duration) {
            self.0.lock().unwrap().push("request finished");
        }

        fn connection_opened(&self) {
            self.0.lock().unwrap().push("connection opened");
        }

        fn connection_closed(&self) {
            self.0.lock().unwrap().push("connection closed");
        }

        fn connection_rejected(&self) {
            self.0.lock().unwrap().push("connection rejected");
        }
    }

    /// A method that a pointer does not forward would do nothing, because every method has a default.
    #[test]
    fn pointers_forward_every_method() {
        let recorder = Recorder::default();
        let pointer: Box<dyn ServeObserver> = Box::new(Arc::new(NoObserver));
        pointer.request_started();
        let pointer: &dyn ServeObserver = &&recorder;
        pointer.request_started();
        pointer.request_finished(None, Duration::ZERO);
        pointer.connection_opened();
        pointer.connection_closed();
        pointer.connection_rejected();
        let expected = [
            "request started",
            "request finished",
            "connection opened",
            "connection closed",
            "connection rejected",
        ];
        assert_eq!(*recorder.0.lock().unwrap(), expected);
    }
}
