//! CORS, which `s3s` does not implement.

use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use upsign_documents::{CorsAnswer, CorsDocument, CorsRequest};

use super::error_response::ErrorResponse;

/// The CORS rules of all buckets. They can be replaced while the server runs.
#[derive(Debug)]
pub(super) struct CorsRules(RwLock<Arc<CorsDocument>>);

impl CorsRules {
    pub(super) fn new(document: CorsDocument) -> Self {
        Self(RwLock::new(Arc::new(document)))
    }

    pub(super) fn set(&self, document: CorsDocument) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(document);
    }

    fn document(&self) -> Arc<CorsDocument> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the response to a preflight. Browsers send it without a signature.
    pub(super) fn preflight(&self, request: &Parts) -> Result<Response<Body>, ErrorResponse> {
        let origin = single(&request.headers, header::ORIGIN);
        let method = single(&request.headers, header::ACCESS_CONTROL_REQUEST_METHOD);
        let names = request.headers.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS).iter();
        let names = names.filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
        let cors_request = CorsRequest::preflight(origin, method, Some(&names));
        match self.document().evaluate(&cors_request) {
            CorsAnswer::Allowed { headers, .. } => {
                let mut response = Response::new(Body::empty());
                insert(response.headers_mut(), headers);
                Ok(response)
            }
            CorsAnswer::Refused(refusal) => {
                let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::FORBIDDEN);
                let error = ErrorResponse::new(status, refusal.code(), refusal.message());
                let error = method.into_iter().fold(error, |error, method| error.with("Method", method));
                Err(error.with("ResourceType", refusal.resource_type()))
            }
            _ => Err(ErrorResponse::bad_request(
                "BadRequest",
                "Insufficient information. Origin request header needed.",
            )),
        }
    }

    /// Returns the CORS headers of the response to any other request.
    ///
    /// Errors need them as well, otherwise a page cannot read why an upload was rejected.
    pub(super) fn headers(&self, request: &Parts) -> Vec<(&'static str, String)> {
        let origin = single(&request.headers, header::ORIGIN);
        match self.document().evaluate(&CorsRequest::actual(origin, request.method.as_str())) {
            CorsAnswer::Allowed { headers, .. } => headers,
            _ => Vec::new(),
        }
    }
}

/// Adds the headers to a response.
pub(super) fn insert(headers: &mut HeaderMap, pairs: Vec<(&'static str, String)>) {
    for (name, value) in pairs {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

/// Returns the value of a header that occurs exactly once.
fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().and_then(|value| value.to_str().ok());
    if values.next().is_some() { None } else { first }
}
