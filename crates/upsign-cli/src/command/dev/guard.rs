//! Restricts the development server to pages of this machine.
//!
//! A page of any site can make a browser send requests to 127.0.0.1; the `Origin` header reveals such a request. A site can
//! also resolve its own name to 127.0.0.1 (DNS rebinding); the `Host` header reveals that.
//!
//! Pages on this machine that `[cors]` lists may call the API, as they may on `upsign serve`. Everything else, such as the token
//! and the password of the embedded user, is for the server's own page.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, StatusCode};
use upsign_core::Origin;

use crate::embedded::{is_loopback, origins};

/// The origins from which the server accepts requests.
#[derive(Clone)]
pub(crate) struct Guard(Arc<Origins>);

struct Origins {
    /// The origins of the page. Their hosts are the values of `Host` that the server accepts.
    own: [String; 2],
    /// Other origins on this machine, for the API only.
    listed: Vec<Origin>,
    /// The path of the API.
    api: String,
}

impl Guard {
    pub(crate) fn new(address: SocketAddr, listed: Vec<Origin>, api: &str) -> Self {
        Self(Arc::new(Origins { own: origins(address), listed, api: api.to_owned() }))
    }

    fn rejection(&self, path: &str, headers: &HeaderMap) -> Option<(StatusCode, String)> {
        let Origins { own, listed, api } = &*self.0;
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let host = text(HOST).unwrap_or_default();
        // The default port may be left out.
        let host = host.strip_suffix(":80").unwrap_or(host);
        if !own.iter().any(|origin| origin.strip_prefix("http://") == Some(host)) {
            let reason =
                "this server accepts only the address that it listens on and localhost, with its port\n";
            return Some((StatusCode::MISDIRECTED_REQUEST, reason.to_owned()));
        }
        let is_repeated = headers.get_all(ORIGIN).iter().count() > 1;
        let origin = text(ORIGIN)?;
        let is_own = own.iter().any(|known| known == origin);
        let is_listed = path == api && listed.iter().any(|known| known.as_str() == origin);
        let is_accepted = !is_repeated && (is_own || is_listed);
        (!is_accepted).then(|| (StatusCode::FORBIDDEN, reason(origin, path == api)))
    }
}

/// Returns why a page of another origin is rejected, and how to admit it if it is on this machine.
fn reason(origin: &str, is_api: bool) -> String {
    match origin.parse::<Origin>() {
        Ok(origin) if is_api && is_loopback(&&origin) => format!(
            "this server does not accept requests from pages of {origin}: add \"{origin}\" to origins in [cors] of \
             upsign.toml, and start it with --config upsign.toml\n"
        ),
        _ => "this server accepts requests from its own page only\n".to_owned(),
    }
}

/// Rejects any other `Host` with 421 and any other `Origin` with 403.
pub(crate) async fn only_this_machine(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.rejection(request.uri().path(), request.headers()) {
        Some(rejection) => rejection.into_response(),
        None => next.run(request).await,
    }
}
