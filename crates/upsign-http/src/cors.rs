//! The API's own CORS headers: which web pages may call it from a browser.
//!
//! Source: <https://fetch.spec.whatwg.org/#http-cors-protocol>. `Access-Control-Allow-Credentials` is never sent, so pages
//! of other origins cannot use a user's cookies. An application that wants this puts a CORS layer of its own around the API, and
//! configures the API without origins.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue};
use upsign_core::{CorsOrigins, api_cors};

/// Adds the headers that let a page read the response, if the page's origin is one of `origins`.
///
/// Returns `true` if it is. `Vary: Origin` is added in any case, because a cache must not give one origin's answer to
/// another.
pub(crate) fn allow(origins: &CorsOrigins, request: &HeaderMap, response: &mut HeaderMap) -> bool {
    response.append(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = request.get(ORIGIN) else { return false };
    let allowed = origin.to_str().is_ok_and(|origin| origins.allows(origin));
    if allowed {
        let exposed = HeaderValue::from_static(api_cors::EXPOSE_HEADERS);
        response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        response.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    allowed
}

/// Adds the headers of a preflight response: `methods` is the value of `Access-Control-Allow-Methods`, and `allow_headers` that
/// of `Access-Control-Allow-Headers`.
pub(crate) fn preflight(methods: &'static str, allow_headers: &HeaderValue, response: &mut HeaderMap) {
    response.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
    response.insert(ACCESS_CONTROL_ALLOW_HEADERS, allow_headers.clone());
    response.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(api_cors::MAX_AGE));
    response.append(
        VARY,
        HeaderValue::from_static("Access-Control-Request-Method, Access-Control-Request-Headers"),
    );
    // Exposed headers only apply to the request that follows the preflight.
    response.remove(ACCESS_CONTROL_EXPOSE_HEADERS);
}
