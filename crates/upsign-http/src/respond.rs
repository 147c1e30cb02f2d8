//! Creates the responses.

use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use upsign_core::CorsOrigins;

use crate::cors;
use crate::problem::Problem;

impl Problem {
    /// Returns the complete response, without CORS headers.
    #[must_use]
    pub fn response(&self) -> Response<String> {
        problem(self)
    }

    /// Returns the complete response to a request with these headers, readable by pages of `origins`.
    ///
    /// Nothing is reported. Where there is an [`Api`](crate::Api), use [`Api::refuse`](crate::Api::refuse) instead.
    #[must_use]
    pub fn response_for(&self, origins: &CorsOrigins, request: &HeaderMap) -> Response<String> {
        let mut response = self.response();
        cors::allow(origins, request, response.headers_mut());
        response
    }
}

/// Creates the response with a problem document and the headers that belong to its status, without CORS headers.
pub(crate) fn problem(problem: &Problem) -> Response<String> {
    let body = serde_json::to_string(problem).unwrap_or_default();
    let mut response = response(problem.status(), "application/problem+json", body);
    let headers = response.headers_mut();
    if let Some(methods) = problem.allow() {
        // The methods are names of methods, so the value is valid.
        HeaderValue::from_str(methods).into_iter().for_each(|methods| drop(headers.insert(ALLOW, methods)));
    }
    if let Some(challenge) = problem.challenge() {
        headers.insert(WWW_AUTHENTICATE, challenge.clone());
    }
    if let Some(seconds) = problem.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

pub(crate) fn empty(status: StatusCode) -> Response<String> {
    let mut response = response(status, "", String::new());
    response.headers_mut().remove(CONTENT_TYPE);
    response
}

pub(crate) fn response(status: StatusCode, content_type: &'static str, body: String) -> Response<String> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    set(headers, CONTENT_TYPE, content_type);
    // A grant is a secret of one caller, and a refusal must not be replayed after its cause is gone.
    set(headers, CACHE_CONTROL, "no-store");
    set(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
