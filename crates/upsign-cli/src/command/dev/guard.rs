//! Restricts the development server to pages of this machine.
//!
//! A page of any site can make a browser send requests to 127.0.0.1; the `Origin` header reveals such a request. A site can
//! also resolve its own name to 127.0.0.1 (DNS rebinding); the `Host` header reveals that.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, StatusCode};

use crate::embedded::origins;

/// The origins from which the server accepts requests. Their hosts are the values of `Host` that it accepts.
#[derive(Clone)]
pub(crate) struct Guard {
    origins: Arc<[String; 2]>,
}

impl Guard {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { origins: Arc::new(origins(address)) }
    }

    fn rejection(&self, headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let host = text(HOST).unwrap_or_default();
        // The default port may be left out.
        let host = host.strip_suffix(":80").unwrap_or(host);
        if !self.origins.iter().any(|origin| origin.strip_prefix("http://") == Some(host)) {
            let reason =
                "this server accepts only the address that it listens on and localhost, with its port\n";
            return Some((StatusCode::MISDIRECTED_REQUEST, reason));
        }
        let foreign = text(ORIGIN).is_some_and(|origin| !self.origins.iter().any(|known| known == origin));
        foreign.then_some((StatusCode::FORBIDDEN, "this server accepts requests from its own page only\n"))
    }
}

/// Rejects any other `Host` with 421 and any other `Origin` with 403.
pub(crate) async fn only_this_machine(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.rejection(request.headers()) {
        Some(rejection) => rejection.into_response(),
        None => next.run(request).await,
    }
}
