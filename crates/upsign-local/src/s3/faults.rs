//! Faults that tests inject into the S3 server.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Method, Response, StatusCode};

use super::drainable_body::DrainableBody;
use super::error_response::ErrorResponse;
use super::error_translation;
use super::handler::RequestHandler;
use super::signature::parameters::QueryPairs;
use crate::http_server::CloseConnection;

/// The faults of a server, shared with the test that plans them.
///
/// ```
/// use upsign_local::{Fault, FaultPlan, FaultyCall};
///
/// let faults = FaultPlan::new();
/// // The server is built with `LocalS3Builder::with_faults(faults.clone())`.
/// faults.inject(FaultyCall::CompleteMultipartUpload, 1, Fault::LoseAnswer);
/// faults.inject(FaultyCall::UploadPart, 3, Fault::SlowDown);
/// assert_eq!(faults.remaining(), 2);
/// ```
#[derive(Clone, Debug, Default)]
pub struct FaultPlan(Arc<Mutex<Vec<Planned>>>);

/// What goes wrong in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The server does what was requested and closes the connection without an answer.
    LoseAnswer,
    /// The server reads the body and closes the connection; nothing is stored.
    LoseRequest,
    /// The server answers 503 `SlowDown`; nothing is stored.
    SlowDown,
    /// The server answers 500 `InternalError`; nothing is stored.
    InternalError,
    /// The server does what was requested, and answers after this time.
    Delay(Duration),
}

/// The requests that a fault can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the operations of S3")]
pub enum FaultyCall {
    PutObject,
    GetObject,
    HeadObject,
    CreateMultipartUpload,
    UploadPart,
    ListParts,
    CompleteMultipartUpload,
    AbortMultipartUpload,
    CopyObject,
    DeleteObject,
    PutObjectTagging,
    GetObjectTagging,
}

/// A fault, and how many matching requests remain until it occurs.
#[derive(Debug)]
struct Planned {
    call: FaultyCall,
    remaining: u32,
    fault: Fault,
}

impl FaultPlan {
    /// Returns a plan without faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Plans a fault for one request: the `nth` of this kind from now on, where 1 is the next one.
    ///
    /// Of two faults for one request, the one that was planned first occurs, and the other one meets the next request.
    pub fn inject(&self, call: FaultyCall, nth: u32, fault: Fault) {
        let planned = Planned { call, remaining: nth.max(1), fault };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(planned);
    }

    /// Returns the number of faults that have not occurred yet.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Removes the faults that have not occurred yet.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Counts a request, and returns the fault that meets it.
    pub(crate) fn next(&self, request: &Parts) -> Option<Fault> {
        let call = FaultyCall::of(request)?;
        let mut planned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut due = None;
        for (index, fault) in planned.iter_mut().enumerate().filter(|(_, fault)| fault.call == call) {
            fault.remaining = fault.remaining.saturating_sub(1);
            if fault.remaining == 0 && due.is_none() {
                due = Some(index);
            }
        }
        due.map(|index| planned.remove(index).fault)
    }
}

impl Fault {
    /// Answers a request that meets this fault.
    pub(super) async fn respond(
        self,
        handler: &RequestHandler,
        parts: Parts,
        body: Body,
        request_id: &str,
    ) -> Response<Body> {
        let error = match self {
            Self::LoseAnswer => {
                handler.respond_without_fault(parts, body, request_id).await;
                return closed_connection();
            }
            Self::Delay(time) => {
                let response = handler.respond_without_fault(parts, body, request_id).await;
                tokio::time::sleep(time).await;
                return response;
            }
            Self::LoseRequest => {
                DrainableBody::new(body).drain().await;
                return closed_connection();
            }
            Self::SlowDown => {
                let message = "Please reduce your request rate.";
                ErrorResponse::new(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", message)
            }
            Self::InternalError => error_translation::internal_error(),
        };
        DrainableBody::new(body).drain().await;
        error.into_response(request_id)
    }
}

/// Returns a response in place of which the server closes the connection.
fn closed_connection() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(CloseConnection);
    response
}

impl FaultyCall {
    /// Returns the call of a request; `None` for one that no fault can meet.
    fn of(request: &Parts) -> Option<Self> {
        let query = QueryPairs::parse(request.uri.query().unwrap_or_default());
        let (has_id, is_part) = (query.contains("uploadId"), query.contains("partNumber"));
        let is_copy = request.headers.contains_key("x-amz-copy-source");
        match request.method {
            Method::PUT if query.contains("tagging") => Some(Self::PutObjectTagging),
            Method::GET if query.contains("tagging") => Some(Self::GetObjectTagging),
            Method::PUT if !has_id && is_copy => Some(Self::CopyObject),
            Method::PUT if has_id && is_part => Some(Self::UploadPart),
            Method::PUT if !has_id => Some(Self::PutObject),
            Method::POST if has_id => Some(Self::CompleteMultipartUpload),
            Method::POST if query.contains("uploads") => Some(Self::CreateMultipartUpload),
            Method::DELETE if has_id => Some(Self::AbortMultipartUpload),
            Method::DELETE if !query.contains("tagging") => Some(Self::DeleteObject),
            Method::GET if has_id => Some(Self::ListParts),
            Method::GET if !query.contains("list-type") => Some(Self::GetObject),
            Method::HEAD => Some(Self::HeadObject),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method, query: &str) -> Parts {
        let request = axum::http::Request::builder().method(method).uri(format!("/b/k?{query}"));
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn nth_request_of_a_kind_meets_the_fault() {
        let faults = FaultPlan::new();
        faults.inject(FaultyCall::UploadPart, 2, Fault::SlowDown);
        let part = || request(Method::PUT, "partNumber=1&uploadId=x");
        assert_eq!(faults.next(&request(Method::PUT, "")), None);
        assert_eq!(faults.next(&part()), None);
        assert_eq!(faults.next(&part()), Some(Fault::SlowDown));
        assert_eq!((faults.next(&part()), faults.remaining()), (None, 0));
    }

    #[test]
    fn calls_are_told_apart() {
        use FaultyCall::*;
        for (method, query, call) in [
            (Method::PUT, "", PutObject),
            (Method::PUT, "tagging=", PutObjectTagging),
            (Method::PUT, "tagging=&versionId=x", PutObjectTagging),
            (Method::PUT, "partNumber=1&uploadId=x", UploadPart),
            (Method::GET, "versionId=x", GetObject),
            (Method::GET, "tagging=", GetObjectTagging),
            (Method::GET, "uploadId=x", ListParts),
            (Method::HEAD, "", HeadObject),
            (Method::POST, "uploads=", CreateMultipartUpload),
            (Method::POST, "uploadId=x", CompleteMultipartUpload),
            (Method::DELETE, "uploadId=x", AbortMultipartUpload),
            (Method::DELETE, "versionId=x", DeleteObject),
        ] {
            assert_eq!(FaultyCall::of(&request(method, query)), Some(call), "{query}");
        }
        let mut copy = request(Method::PUT, "");
        copy.headers.insert("x-amz-copy-source", "/b/k".parse().unwrap());
        assert_eq!(FaultyCall::of(&copy), Some(CopyObject));
        assert_eq!(FaultyCall::of(&request(Method::GET, "list-type=2")), None);
    }

    #[test]
    fn second_fault_of_one_request_meets_the_next() {
        let faults = FaultPlan::new();
        faults.inject(FaultyCall::HeadObject, 1, Fault::SlowDown);
        faults.inject(FaultyCall::HeadObject, 1, Fault::LoseAnswer);
        let head = || request(Method::HEAD, "");
        assert_eq!(
            [faults.next(&head()), faults.next(&head())],
            [Some(Fault::SlowDown), Some(Fault::LoseAnswer)]
        );
    }
}
