//! The bucket's CORS rules, which s3s knows nothing of.

use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use upsign_documents::{CorsAnswer, CorsDocument, CorsRequest};

use super::refusal::Refusal;

/// The rules in force, which may change between two requests.
#[derive(Debug)]
pub(super) struct Cors(RwLock<Arc<CorsDocument>>);

impl Cors {
    pub(super) fn of(document: CorsDocument) -> Self {
        Self(RwLock::new(Arc::new(document)))
    }

    pub(super) fn set(&self, document: CorsDocument) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(document);
    }

    fn document(&self) -> Arc<CorsDocument> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The answer to an `OPTIONS` request, which needs no signature.
    pub(super) fn preflight(&self, request: &Parts) -> Result<Response<Body>, Refusal> {
        let origin = only(&request.headers, header::ORIGIN);
        let method = only(&request.headers, header::ACCESS_CONTROL_REQUEST_METHOD);
        let names = request.headers.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS).iter();
        let names = names.filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
        let asked = CorsRequest::preflight(origin, method, Some(&names));
        match self.document().evaluate(&asked) {
            CorsAnswer::Allowed { headers, .. } => {
                let mut response = Response::new(Body::empty());
                insert(response.headers_mut(), headers);
                Ok(response)
            }
            CorsAnswer::Refused(refusal) => {
                let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::FORBIDDEN);
                let answer = Refusal::new(status, refusal.code(), refusal.message());
                let answer = method.into_iter().fold(answer, |answer, method| answer.with("Method", method));
                Err(answer.with("ResourceType", refusal.resource_type()))
            }
            _ => Err(Refusal::bad_request(
                "BadRequest",
                "Insufficient information. Origin request header needed.",
            )),
        }
    }

    /// The headers for the answer to any other request, of whatever status.
    pub(super) fn headers(&self, request: &Parts) -> Vec<(&'static str, String)> {
        let origin = only(&request.headers, header::ORIGIN);
        match self.document().evaluate(&CorsRequest::actual(origin, request.method.as_str())) {
            CorsAnswer::Allowed { headers, .. } => headers,
            _ => Vec::new(),
        }
    }
}

pub(super) fn insert(headers: &mut HeaderMap, pairs: Vec<(&'static str, String)>) {
    for (name, value) in pairs {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().and_then(|value| value.to_str().ok());
    if values.next().is_some() { None } else { first }
}
