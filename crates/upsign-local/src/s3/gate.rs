//! The way of one request: host, CORS, signature parameters, s3s, and the answer in S3's words.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use s3s::service::S3Service;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

use super::auth::{Rules, Stated};
use super::cors::{self, Cors};
use super::operations::Location;
use super::refusal::Refusal;
use super::tail::Tail;
use super::{HOST_ID, answer, canonical, form, path};
use crate::Clock;
use crate::host::own_host;

/// All that stands between a connection and s3s.
pub(super) struct Gate {
    pub(super) port: u16,
    pub(super) rules: Rules,
    pub(super) clock: Option<Clock>,
    pub(super) cors: Arc<Cors>,
    pub(super) max_form_bytes: usize,
    /// Takes requests signed in the query string or in a header.
    pub(super) requests: S3Service,
    /// Takes POST forms. s3s holds a form's date to the clock skew, S3 holds it to the policy's expiration alone: this
    /// one is set to a skew of seven days.
    pub(super) forms: S3Service,
    pub(super) served: AtomicU64,
}

/// The room a form's fields and boundaries have beside the file.
const FORM_FIELDS: usize = 1024 * 1024;

pub(super) async fn handle(State(gate): State<Arc<Gate>>, request: Request) -> Response<Body> {
    let request_id = gate.request_id();
    let (parts, body) = request.into_parts();
    let mut response = match own_host(&parts.headers, &parts.uri, gate.port) {
        Some(_) => gate.respond(parts, body, &request_id).await,
        None => misdirected().into_response(&request_id),
    };
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(request_id) {
        headers.insert("x-amz-request-id", id);
    }
    headers.insert("x-amz-id-2", HeaderValue::from_static(HOST_ID));
    response
}

impl Gate {
    async fn respond(&self, parts: Parts, body: Body, request_id: &str) -> Response<Body> {
        if parts.method == Method::OPTIONS {
            return self.cors.preflight(&parts).unwrap_or_else(|refusal| refusal.into_response(request_id));
        }
        let waits = parts.headers.contains_key(header::EXPECT);
        let cors = self.cors.headers(&parts);
        let tail = Tail::of(body);
        let mut response = match self.answer(parts, tail.clone()).await {
            Ok(response) => response.map(Body::new),
            Err(refusal) => {
                // A client that waits for `100 Continue` has not begun to send.
                if !waits {
                    tail.drain().await;
                }
                refusal.into_response(request_id)
            }
        };
        cors::insert(response.headers_mut(), cors);
        response
    }

    async fn answer(&self, mut parts: Parts, body: Tail) -> Result<Response<s3s::Body>, Refusal> {
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let (stated, body) = if parts.method == Method::POST && form::is_form(&content_type) {
            (None, self.form(&content_type, &parts.headers, body).await?)
        } else {
            refuse_chunked(&parts)?;
            (Some(self.rules.check(&parts)?), s3s::Body::http_body_unsync(body))
        };
        if stated.as_ref().is_some_and(|stated| !stated.is_well_formed()) {
            return Err(explained(answer::mismatch(), &parts, stated.as_ref()));
        }
        parts.uri = path::canonical(&parts.uri)
            .ok_or_else(|| Refusal::bad_request("InvalidURI", "Couldn't parse the specified URI."))?;
        let service = if stated.is_some() { &self.requests } else { &self.forms };
        let request = Request::from_parts(parts.clone(), body);
        // s3s reports requests with their signatures to `tracing`.
        let answered = service.call(request).with_subscriber(NoSubscriber::default()).await;
        let response = answered.map_err(|_| answer::internal())?;
        if response.status() == StatusCode::NOT_MODIFIED {
            // s3s gives it a body.
            return Ok(response.map(|_| s3s::Body::empty()));
        }
        if !is_error(response.status()) {
            return Ok(located(response));
        }
        let refusal = answer::refusal_of(response, stated.as_ref(), self.clock.as_ref()).await;
        Err(explained(refusal, &parts, stated.as_ref()))
    }

    /// A POST form whole in memory, its fields checked.
    async fn form(&self, content_type: &str, headers: &HeaderMap, body: Tail) -> Result<s3s::Body, Refusal> {
        let too_large = || {
            Refusal::bad_request("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
                .with("MaxSizeAllowed", self.max_form_bytes.to_string())
        };
        let room = self.max_form_bytes.saturating_add(FORM_FIELDS);
        let announced =
            headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length: usize| length > room) {
            return Err(too_large());
        }
        let whole = Limited::new(body, room).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                return too_large();
            }
            Refusal::bad_request("IncompleteBody", "The request body terminated unexpectedly")
        })?;
        let bytes = whole.to_bytes();
        self.rules.check_form(&form::fields(content_type, &bytes))?;
        Ok(s3s::Body::from(bytes))
    }

    /// 16 characters like S3's, another one for each request.
    fn request_id(&self) -> String {
        // The finalizer of SplitMix64 (https://prng.di.unimi.it/splitmix64.c) is a bijection.
        let mut mixed = self.served.fetch_add(1, Ordering::Relaxed).wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        format!("{:016X}", mixed ^ (mixed >> 31))
    }
}

fn located(mut response: Response<s3s::Body>) -> Response<s3s::Body> {
    let location = response.extensions_mut().remove::<Location>();
    if let Some(value) = location.and_then(|Location(at)| HeaderValue::try_from(at).ok()) {
        response.headers_mut().entry(header::LOCATION).or_insert(value);
    }
    response
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

fn explained(refusal: Refusal, request: &Parts, stated: Option<&Stated>) -> Refusal {
    match stated {
        Some(stated) if refusal.code == "SignatureDoesNotMatch" => {
            canonical::explain(refusal, request, stated)
        }
        _ => refusal,
    }
}

fn misdirected() -> Refusal {
    Refusal::new(
        StatusCode::MISDIRECTED_REQUEST,
        "MisdirectedRequest",
        "This server answers to 127.0.0.1, localhost and names under .localhost, at its own port.",
    )
}

/// S3 wants to know the length before the bytes.
fn refuse_chunked(request: &Parts) -> Result<(), Refusal> {
    if request.headers.contains_key(header::TRANSFER_ENCODING) {
        let message = "A header you provided implies functionality that is not implemented";
        let refusal = Refusal::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message);
        return Err(refusal.with("Header", "Transfer-Encoding"));
    }
    if request.method == Method::PUT && !request.headers.contains_key(header::CONTENT_LENGTH) {
        return Err(Refusal::new(
            StatusCode::LENGTH_REQUIRED,
            "MissingContentLength",
            "You must provide the Content-Length HTTP header.",
        ));
    }
    Ok(())
}
