//! The request path of the S3 server.
//!
//! 1. The `Host` header must name this machine (421 otherwise).
//! 2. `OPTIONS` requests are preflights and need no signature. For other requests, the CORS headers of the response are
//!    determined now, so that errors carry them as well.
//! 3. The parameters of the signature are checked. The body is not read before this, except the fields of a POST form, which
//!    contain the signature: its file is read once the signature is verified.
//! 4. `s3s` verifies the signature and calls the operation.
//! 5. An error of `s3s` is translated into that of S3, and the rest of the body is discarded.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use s3s::service::S3Service;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;
use upsign::Clock;

use super::cors::{self, CorsRules};
use super::drainable_body::DrainableBody;
use super::error_response::ErrorResponse;
use super::error_translation::RejectedRequest;
use super::form_reader::{FormReader, ReadForm};
use super::operations::Location;
use super::signature::parameters::QueryPairs;
use super::signature::rules::{SignatureParameters, SignatureRules};
use super::signature::{canonical_request, uri_encoding};
use super::{HOST_ID, error_translation, form};
use crate::host_check::accepted_host;
use crate::store::newer_checksum::NEWER_CHECKSUMS;
use crate::store::notification::RequestId;

/// The state of the request path.
pub(super) struct RequestHandler {
    pub(super) port: u16,
    pub(super) rules: SignatureRules,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) cors: Arc<CorsRules>,
    /// Reads POST forms into memory.
    pub(super) forms: FormReader,
    /// The service for requests that are signed in the query string or the `Authorization` header.
    pub(super) signed_requests: S3Service,
    /// The service for POST forms, with a clock skew of seven days.
    ///
    /// S3 compares only the expiration of the policy with the clock. `s3s` also compares the date of the signature,
    /// which would reject a form that was signed more than 15 minutes ago.
    pub(super) post_forms: S3Service,
    /// The number of requests until now, from which request ids are derived.
    pub(super) request_count: AtomicU64,
    #[cfg(feature = "faults")]
    pub(super) faults: super::faults::FaultPlan,
}

/// Answers one request.
pub(super) async fn handle(State(handler): State<Arc<RequestHandler>>, request: Request) -> Response<Body> {
    let request_id = handler.request_id();
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(RequestId(request_id.as_str().into()));
    let mut response = match accepted_host(&parts.headers, &parts.uri, handler.port) {
        Some(_) => handler.respond(parts, body, &request_id).await,
        None => misdirected_host().into_response(&request_id),
    };
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(request_id) {
        headers.insert("x-amz-request-id", id);
    }
    headers.insert("x-amz-id-2", HeaderValue::from_static(HOST_ID));
    response
}

impl RequestHandler {
    /// Answers a request with a valid `Host` header.
    async fn respond(&self, parts: Parts, body: Body, request_id: &str) -> Response<Body> {
        #[cfg(feature = "faults")]
        if let Some(fault) = self.faults.next(&parts) {
            return fault.respond(self, parts, body, request_id).await;
        }
        self.respond_without_fault(parts, body, request_id).await
    }

    pub(super) async fn respond_without_fault(
        &self,
        parts: Parts,
        body: Body,
        request_id: &str,
    ) -> Response<Body> {
        if parts.method == Method::OPTIONS {
            return self.cors.preflight(&parts).unwrap_or_else(|error| error.into_response(request_id));
        }
        let expects_continue = parts.headers.contains_key(header::EXPECT);
        let cors = self.cors.headers(&parts);
        let body = DrainableBody::new(body);
        let mut response = match self.answer(parts, body.clone()).await {
            Ok(response) => response.map(Body::new),
            Err(error) => {
                // A client that waits for `100 Continue` has not sent any of the body.
                if !expects_continue {
                    body.drain().await;
                }
                error.into_response(request_id)
            }
        };
        cors::insert(response.headers_mut(), cors);
        response
    }

    /// Checks a request, passes it to `s3s` and translates its error.
    async fn answer(
        &self,
        mut parts: Parts,
        body: DrainableBody,
    ) -> Result<Response<s3s::Body>, ErrorResponse> {
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        // The memory of the form is released when this function returns.
        let (parameters, body, form) = if parts.method == Method::POST && form::is_form(&content_type) {
            let form = self.receive_form(&content_type, &mut parts.headers, body).await?;
            (None, s3s::Body::from(form.bytes.clone()), Some(form))
        } else {
            require_content_length(&parts)?;
            (Some(self.rules.check_request(&parts)?), s3s::Body::http_body_unsync(body), None)
        };
        if parameters.as_ref().is_some_and(|parameters| !parameters.is_well_formed()) {
            let error = error_translation::signature_mismatch();
            return Err(with_canonical_request(error, &parts, parameters.as_ref()));
        }
        copy_checksum_mode(&mut parts);
        parts.uri = uri_encoding::canonicalize_path(&parts.uri)
            .ok_or_else(|| ErrorResponse::bad_request("InvalidURI", "Couldn't parse the specified URI."))?;
        let service = if parameters.is_some() { &self.signed_requests } else { &self.post_forms };
        let request = Request::from_parts(parts.clone(), body);
        // `s3s` logs requests with their signatures. No log of this process may contain them, at any level.
        let result = service.call(request).with_subscriber(NoSubscriber::default()).await;
        let response = result.map_err(|_| error_translation::internal_error())?;
        if response.status() == StatusCode::NOT_MODIFIED {
            // `s3s` adds a body, which a 304 response must not have (RFC 9110 section 15.4.5).
            return Ok(response.map(|_| s3s::Body::empty()));
        }
        if !is_error(response.status()) {
            return Ok(with_location(response));
        }
        let rejected = RejectedRequest {
            parts: &parts,
            parameters: parameters.as_ref(),
            form: form.as_ref().map(|form| (&*content_type, form)),
            clock: &*self.clock,
            max_form_bytes: self.forms.max_file_bytes(),
        };
        let error = rejected.translate(response).await;
        Err(with_canonical_request(error, &parts, parameters.as_ref()))
    }

    /// Reads a POST form into memory, after the signature in its fields is verified. Adds the checksums among its fields that `s3s`
    /// does not know to the headers of the request, with which they are compared as those of a `PUT`.
    async fn receive_form(
        &self,
        content_type: &str,
        headers: &mut HeaderMap,
        body: DrainableBody,
    ) -> Result<ReadForm, ErrorResponse> {
        let declared =
            headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let check = |fields: &BTreeMap<String, String>| {
            self.rules.check_form(fields)?;
            self.rules.verify_form(fields)?;
            for name in NEWER_CHECKSUMS {
                if let Some(value) = fields.get(name).and_then(|value| HeaderValue::try_from(value).ok()) {
                    headers.insert(name, value);
                }
            }
            Ok(())
        };
        self.forms.read(content_type, declared, body, check).await
    }

    /// Returns a request id: 16 hex digits, as on S3, unique for this server.
    fn request_id(&self) -> String {
        // The output function of SplitMix64 (https://prng.di.unimi.it/splitmix64.c) is a bijection, so different counts
        // give different ids. It only makes them look like those of S3.
        let mut mixed =
            self.request_count.fetch_add(1, Ordering::Relaxed).wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        format!("{:016X}", mixed ^ (mixed >> 31))
    }
}

/// Copies `x-amz-checksum-mode` of the query, where signers put headers of presigned URLs, to the headers. `s3s` reads it there
/// only.
fn copy_checksum_mode(request: &mut Parts) {
    let name = HeaderName::from_static("x-amz-checksum-mode");
    let pairs = QueryPairs::parse(request.uri.query().unwrap_or_default());
    let mut named = pairs.0.iter().filter(|(pair, _)| pair.eq_ignore_ascii_case(name.as_str()));
    if let Some(value) = named.next().and_then(|(_, value)| HeaderValue::try_from(value.as_str()).ok()) {
        request.headers.entry(name).or_insert(value);
    }
}

/// Adds the `Location` header to the response to a POST form.
fn with_location(mut response: Response<s3s::Body>) -> Response<s3s::Body> {
    let location = response.extensions_mut().remove::<Location>();
    if let Some(value) = location.and_then(|Location(at)| HeaderValue::try_from(at).ok()) {
        response.headers_mut().entry(header::LOCATION).or_insert(value);
    }
    response
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

/// Adds the canonical request to a `SignatureDoesNotMatch` error of a signed request.
fn with_canonical_request(
    error: ErrorResponse,
    request: &Parts,
    parameters: Option<&SignatureParameters>,
) -> ErrorResponse {
    match parameters {
        Some(parameters) if error.code == "SignatureDoesNotMatch" => {
            log_missing_headers(request, parameters);
            canonical_request::explain(error, request, parameters)
        }
        _ => error,
    }
}

/// Logs the usual causes of a wrong signature: a signed header that the client did not send, or another size or type.
fn log_missing_headers(request: &Parts, parameters: &SignatureParameters) {
    // The names are the client's: a name that is not one of a header is not logged.
    let names = parameters.signed_headers.iter().filter_map(|name| HeaderName::try_from(name).ok());
    let missing: Vec<String> = names
        .filter(|name| *name != header::HOST && !request.headers.contains_key(name))
        .map(|name| name.to_string())
        .collect();
    let method = &request.method;
    if !missing.is_empty() {
        let missing = missing.join(", ");
        tracing::warn!(%method, missing, "request rejected: signed headers were not sent");
    } else if parameters.signed_headers.iter().any(|name| name == "content-length") {
        // The values that were signed are unknown: the URL contains only the names.
        let sent = |name| request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let content_length = sent(header::CONTENT_LENGTH);
        let content_type: String = sent(header::CONTENT_TYPE).chars().take(100).collect();
        tracing::warn!(
            %method,
            content_length,
            content_type,
            "request rejected: the signature does not match; was the URL issued for this size and type?"
        );
    }
}

/// Returns the error for a request whose `Host` header does not name this server.
fn misdirected_host() -> ErrorResponse {
    ErrorResponse::new(
        StatusCode::MISDIRECTED_REQUEST,
        "MisdirectedRequest",
        "The Host header must name 127.0.0.1, localhost or a name under .localhost, and the port of this server.",
    )
}

/// Rejects uploads without a `Content-Length`, as S3 does. A copy has no body, and clients need not say so.
fn require_content_length(request: &Parts) -> Result<(), ErrorResponse> {
    if request.headers.contains_key(header::TRANSFER_ENCODING) {
        let message = "A header you provided implies functionality that is not implemented";
        let error = ErrorResponse::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message);
        return Err(error.with("Header", "Transfer-Encoding"));
    }
    let has_body = request.method == Method::PUT && !request.headers.contains_key("x-amz-copy-source");
    if has_body && !request.headers.contains_key(header::CONTENT_LENGTH) {
        return Err(ErrorResponse::new(
            StatusCode::LENGTH_REQUIRED,
            "MissingContentLength",
            "You must provide the Content-Length HTTP header.",
        ));
    }
    Ok(())
}
