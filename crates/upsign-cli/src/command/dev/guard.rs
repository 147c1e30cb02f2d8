//! Restricts the development server to pages of this machine.
//!
//! A page of any site can make a browser send requests to 127.0.0.1; the `Origin` header reveals such a request. A site can
//! also resolve its own name to 127.0.0.1 (DNS rebinding); the `Host` header reveals that.
//!
//! Pages on this machine that `[cors]` lists may call the API, as they may on `upsign serve`. Those that `--origin` admits may
//! also get tokens of the users. Everything else, such as the password of the users, is for the server's own page.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, StatusCode};
use upsign_core::{Origin, Presigner};
use upsign_http::Api;

use super::token;
use crate::embedded::Origins;

/// The origins from which the server accepts requests.
#[derive(Clone)]
pub(crate) struct Guard(Arc<Access>);

struct Access {
    origins: Origins,
    /// The paths of the API, and those below which it answers.
    api: Vec<String>,
    prefixes: Vec<String>,
    /// The path in front of the API, which can be empty.
    base_path: String,
}

impl Guard {
    pub(crate) fn new<P: Presigner>(origins: Origins, api: &Api<P>, base_path: &str) -> Self {
        let (prefixes, api) = (api.prefixes(), api.paths());
        Self(Arc::new(Access { origins, api, prefixes, base_path: base_path.to_owned() }))
    }

    fn rejection(&self, path: &str, headers: &HeaderMap) -> Option<(StatusCode, String)> {
        let Access { origins, api, prefixes, base_path } = &*self.0;
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let host = text(HOST).unwrap_or_default();
        // The default port may be left out.
        let host = host.strip_suffix(":80").unwrap_or(host);
        if !origins.own.iter().any(|origin| origin.as_str().strip_prefix("http://") == Some(host)) {
            let reason =
                "this server accepts only the address that it listens on and localhost, with its port\n";
            return Some((StatusCode::MISDIRECTED_REQUEST, reason.to_owned()));
        }
        let is_repeated = headers.get_all(ORIGIN).iter().count() > 1;
        let origin = text(ORIGIN)?;
        // The modules of the browser client are for pages that may use the API.
        let is_module = path.strip_prefix(&**base_path).unwrap_or(path).starts_with(upsign_browser::PREFIX);
        let is_below = |prefix: &String| path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
        let is_api = is_module || api.iter().any(|known| known == path) || prefixes.iter().any(is_below);
        let is_in = |list: &[Origin]| list.iter().any(|known| known.as_str() == origin);
        let is_accepted = is_in(&origins.own)
            || is_api
                && (origins.listed.iter().any(|known| known.matches(origin)) || is_in(&origins.admitted))
            || path == token::PATH && origins.may_read_tokens(origin);
        (is_repeated || !is_accepted)
            .then(|| (StatusCode::FORBIDDEN, reason(origin, is_api || path == token::PATH)))
    }
}

/// Returns why a page of another origin is rejected, and how to admit it if it is on this machine.
fn reason(origin: &str, can_be_admitted: bool) -> String {
    match origin.parse::<Origin>() {
        Ok(origin) if can_be_admitted && origin.is_loopback() => format!(
            "this server does not accept this request from pages of {origin}: start it with --origin {origin}\n"
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
