//! Who is told of requests, and under which name.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tracing::Instrument;

use crate::client::{ClientAddress, Peer, TrustedProxies};

/// Is told what a server does. Nothing it is told holds a word of the caller's.
pub trait ServeObserver: Debug + Send + Sync {
    /// A request has arrived.
    fn request_began(&self) {}
    /// A request has been answered; without a status, the caller went away first.
    fn request_ended(&self, status: Option<StatusCode>, took: Duration) {
        let _ = (status, took);
    }
    /// A connection was taken.
    fn connection_opened(&self) {}
    /// A connection ended.
    fn connection_closed(&self) {}
    /// A connection was one too many.
    fn connection_turned_away(&self) {}
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no parts")]
pub struct Unobserved;

impl ServeObserver for Unobserved {}

#[derive(Debug)]
struct Observation {
    proxies: TrustedProxies,
    observer: Arc<dyn ServeObserver>,
}

/// The same application, each request within a `tracing` span of its own, under an id that its answer carries as
/// `x-request-id`, told to `observer`, with its [`ClientAddress`].
///
/// An id that a trusted proxy has given a request is kept; a stranger's is not. The span holds the id, the method, the
/// matched route and the client's address: nothing else that the caller has written.
pub fn observed(app: Router, proxies: TrustedProxies, observer: Arc<dyn ServeObserver>) -> Router {
    app.layer(from_fn_with_state(Arc::new(Observation { proxies, observer }), observe))
}

const REQUEST_ID: &str = "x-request-id";

async fn observe(State(observation): State<Arc<Observation>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    let client = peer.map(|peer| observation.proxies.client(peer, request.headers()));
    if let Some(client) = client {
        request.extensions_mut().insert(ClientAddress(client));
    }
    let known = peer.is_some_and(|peer| observation.proxies.trusts(peer.to_canonical()));
    let id = given(request.headers()).filter(|_| known).map_or_else(fresh, str::to_owned);
    let path = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let client = client.map(tracing::field::display);
    let span = tracing::info_span!("request", id, method = method(request.method()), path, client);
    let mut told = Told { observer: &*observation.observer, began: Instant::now(), status: None };
    told.observer.request_began();
    let mut answer = next.run(request).instrument(span.clone()).await;
    told.status = Some(answer.status());
    let micros = u64::try_from(told.began.elapsed().as_micros()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status = answer.status().as_u16(), micros, "answered"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        answer.headers_mut().insert(REQUEST_ID, id);
    }
    answer
}

/// Tells of a request's end also when its caller goes away.
struct Told<'a> {
    observer: &'a dyn ServeObserver,
    began: Instant,
    status: Option<StatusCode>,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.observer.request_ended(self.status, self.began.elapsed());
    }
}

/// The id a proxy has given, if it looks like one.
fn given(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:=".contains(&byte);
    (1..=128).contains(&id.len()).then_some(id).filter(|id| id.bytes().all(plain))
}

/// 128 random bits. Without entropy a request has no id, but its answer.
fn fresh() -> String {
    let mut bytes = [0; 16];
    let _ = upsign::fill_random(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// A method of ours by its name: any other is a word of the caller's.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
