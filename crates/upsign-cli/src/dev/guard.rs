//! Who may talk to a server for development: this machine's own pages.
//!
//! A page of any site can make a browser send requests to 127.0.0.1, and can point a name of its own there (DNS
//! rebinding). The `Host` header tells the second, `Origin` the first.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, StatusCode};

use crate::stack::origins;

/// The names under which the server answers.
#[derive(Clone)]
pub(crate) struct Guard {
    origins: Arc<[String; 2]>,
}

impl Guard {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { origins: Arc::new(origins(address)) }
    }

    fn objection(&self, headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let host = text(HOST).unwrap_or_default();
        if !self.origins.iter().any(|origin| origin.strip_prefix("http://") == Some(host)) {
            let why = "this server answers as 127.0.0.1 and localhost only\n";
            return Some((StatusCode::MISDIRECTED_REQUEST, why));
        }
        let foreign = text(ORIGIN).is_some_and(|origin| !self.origins.iter().any(|known| known == origin));
        foreign.then_some((StatusCode::FORBIDDEN, "this server serves its own page only\n"))
    }
}

/// Refuses a foreign `Host` (421) and a foreign `Origin` (403).
pub(crate) async fn only_this_machine(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.objection(request.headers()) {
        Some(objection) => objection.into_response(),
        None => next.run(request).await,
    }
}
