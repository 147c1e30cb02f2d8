//! What the page says about an upload: its URL taken apart, who enforces each limit, which line of the
//! configuration is responsible, what an inspection would say, the same request in other languages, and the documents of the bucket.
//!
//! Every answer is for the page of its user. Nothing is stored or logged, and no answer repeats a signature or a token.

mod documents;
mod expired;
mod explain;
mod inspection;
mod limits;
pub(super) mod setting;
mod url_words;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::Uri;
use serde::Deserialize;
use upsign_config::RouteConfig;
use upsign_http::Problem;

use super::{DevState, snippets};
use crate::embedded::EmbeddedServices;
use crate::summary;

pub(super) fn routes() -> Router<DevState> {
    Router::new()
        .route("/dev/explain", post(explain::of_grant))
        .route("/dev/inspect", post(inspection::of_object))
        .route("/dev/documents", get(documents::of_route))
        .route("/dev/snippets", get(snippets::of_route))
        .route("/dev/expired-grant", post(expired::grant))
}

/// Returns the route with this name in lists: `upload` is the default route. Without a name, it is the first one.
///
/// # Errors
/// The answer to a request that names no route.
pub(super) fn route<'a>(
    services: &'a EmbeddedServices,
    name: Option<&str>,
) -> Result<&'a RouteConfig, Rejected> {
    let mut routes = services.config.routes().iter();
    let found = match name {
        Some(name) => routes.find(|route| summary::route_name(route) == name),
        None => routes.next(),
    };
    found.ok_or_else(|| malformed("there is no route of this name: write upload for the default route"))
}

/// Reads the query of a request. Unknown and repeated parameters are refused rather than ignored.
///
/// # Errors
/// The answer to a request with another query.
pub(super) fn query<'a, T: Deserialize<'a>>(uri: &'a Uri) -> Result<T, Rejected> {
    serde_urlencoded::from_str(uri.query().unwrap_or_default())
        .map_err(|error| malformed(&format!("the query cannot be read: {error}")))
}

/// Returns the answer to a request that cannot be understood.
pub(super) fn malformed(reason: &str) -> Rejected {
    Rejected::from(Problem::request_malformed(reason).response().map(Into::into))
}

/// The answer to a request that is refused. It is boxed, because results with responses are large.
pub(super) struct Rejected(Box<Response>);

impl From<Response> for Rejected {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl From<Rejected> for Response {
    fn from(Rejected(response): Rejected) -> Self {
        *response
    }
}

impl IntoResponse for Rejected {
    fn into_response(self) -> Response {
        self.into()
    }
}
