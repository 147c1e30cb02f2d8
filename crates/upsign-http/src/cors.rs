//! The API's own CORS: which pages may call it from a browser.
//!
//! Source: <https://fetch.spec.whatwg.org/#http-cors-protocol>. Credentials mode is never allowed: the caller is known
//! by its bearer token, not by a cookie.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue};
use upsign_documents::CorsOrigins;

/// Adds what a browser needs to let the page read an answer, if the page's origin is one of `origins`.
pub(crate) fn allow(origins: &CorsOrigins, request: &HeaderMap, answer: &mut HeaderMap) -> bool {
    answer.append(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = request.get(ORIGIN) else { return false };
    let known = origin.to_str().is_ok_and(|origin| origins.allows(origin));
    if known {
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer
            .insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after, www-authenticate"));
    }
    known
}

/// What a preflight's answer adds.
pub(crate) fn preflight(answer: &mut HeaderMap) {
    answer.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
    answer.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    answer.append(
        VARY,
        HeaderValue::from_static("Access-Control-Request-Method, Access-Control-Request-Headers"),
    );
    answer.remove(ACCESS_CONTROL_EXPOSE_HEADERS);
}
