//! `GET /dev/token`: a token of the embedded user, for the command line.
//!
//! No page of another origin may read it. [`guard`](super::guard) rejects foreign hosts and origins, but a browser sends no
//! `Origin` with some requests, such as those of `<script src>`. So `Sec-Fetch-Site` is checked as well, which browsers send with
//! every request to this machine, the response forbids to be embedded or to be read as another type, and it never has CORS headers.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};

use super::{DevState, internal_error};
use crate::embedded::USERNAME;

pub(super) const PATH: &str = "/dev/token";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Returns the token as text, without a line break.
///
/// There are no parameters. One is refused rather than ignored: `?user=bob` would otherwise seem to return the token of bob.
pub(super) async fn token(State(dev): State<DevState>, uri: Uri, headers: HeaderMap) -> Response {
    let site = headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
    if site.is_some_and(|site| site != b"same-origin" && site != b"none") {
        return (StatusCode::FORBIDDEN, "pages of other origins do not receive the token\n").into_response();
    }
    if uri.query().is_some_and(|query| !query.is_empty()) {
        let reason =
            format!("{PATH} has no query parameters: the token is that of the only user, {USERNAME}\n");
        return (StatusCode::BAD_REQUEST, reason).into_response();
    }
    let Ok(token) = dev.services.token() else { return internal_error() };
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, token).into_response()
}
