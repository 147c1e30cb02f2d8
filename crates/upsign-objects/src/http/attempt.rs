//! One signed request and its answer.

use std::error::Error;
use std::fmt;

use reqwest::{Method, Response};
use upsign_core::{PresignedRequest, Presigner, Timestamp};

use crate::error::{CallFailure, InvalidAnswer, InvalidXml, StoreError};
use crate::http::HttpObjects;
use crate::http::body::read;
use crate::http::retry::Failed;
use crate::http::wire::xml::{self, Element};
use crate::http::wire::{Answer, Content, Expected, Headers, MAX_XML, Prepared};

impl<P: Presigner> HttpObjects<P> {
    /// Signs a request with the time `now`, sends it and reads the answer.
    pub(super) async fn attempt(&self, prepared: &Prepared, now: Timestamp) -> Result<Answer, Failed> {
        let presigned = self.sign(prepared, now).await.map_err(without_effect)?;
        let client = self.clients.client().map_err(without_effect)?;
        let method = Method::from_bytes(presigned.method.as_str().as_bytes()).unwrap_or_default();
        let mut request = client.request(method.clone(), presigned.url.expose());
        for (name, value) in &presigned.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &prepared.body {
            request = request.header("content-type", "application/xml").body(body.clone());
        } else if method == Method::POST || method == Method::PUT {
            // reqwest sends no length for an empty body, and a server may demand one (RFC 9110, section 8.6).
            request = request.header("content-length", "0");
        }
        let response = request.send().await.map_err(request_failed)?;
        answer(prepared, response).await.map_err(|failure| {
            let had_no_effect = matches!(&failure, CallFailure::Store(error) if error.had_no_effect());
            Failed { failure, had_no_effect }
        })
    }

    /// Signs the request. A presigner outside of this process could return any URL, so the origin and the path are compared.
    async fn sign(&self, prepared: &Prepared, now: Timestamp) -> Result<PresignedRequest, CallFailure> {
        let request = self
            .request(prepared.operation.clone(), prepared.key.clone())
            .with_headers(prepared.headers.clone())
            .with_query(prepared.query.clone());
        let presigned = self.presigner.presign(&request, now).await.map_err(CallFailure::Presign)?;
        let expected = self.target.object_url(&prepared.key);
        let rest = presigned.url.expose().strip_prefix(expected.as_str());
        if rest.is_some_and(|rest| rest.starts_with('?')) {
            Ok(presigned)
        } else {
            Err(CallFailure::ForeignUrl { expected: expected.into() })
        }
    }
}

const fn without_effect(failure: CallFailure) -> Failed {
    Failed { failure, had_no_effect: true }
}

/// Reads the answer: what the call expects, or an error with any status.
async fn answer(prepared: &Prepared, mut response: Response) -> Result<Answer, CallFailure> {
    let status = response.status().as_u16();
    let headers = headers(&response);
    if !(200..300).contains(&status) {
        return Err(error_answer(status, &headers, response).await);
    }
    let content = match prepared.expected {
        Expected::Headers => Content::None,
        Expected::Bytes(length) => Content::Bytes(read(&mut response, length).await?),
        Expected::Xml { root, max } => {
            let body = read(&mut response, max).await?;
            let document = document(&body)?;
            if document.name() == "Error" {
                return Err(CallFailure::Store(store_error(status, &headers).with_body(&document)));
            }
            if document.name() != root {
                return Err(CallFailure::Answer(InvalidAnswer::Root { expected: root }));
            }
            Content::Xml(document)
        }
    };
    Ok(Answer { status, headers, content })
}

async fn error_answer(status: u16, headers: &Headers, mut response: Response) -> CallFailure {
    if status < 300 {
        return CallFailure::Answer(InvalidAnswer::Status(status));
    }
    let error = store_error(status, headers);
    // Without the body, the status is the error: the body may be that of a proxy, too long, or incomplete.
    let document = read(&mut response, MAX_XML).await.and_then(|body| document(&body));
    CallFailure::Store(match document {
        Ok(document) if document.name() == "Error" => error.with_body(&document),
        _ => error,
    })
}

fn store_error(status: u16, headers: &Headers) -> StoreError {
    let id = |name| headers.get(name).unwrap_or_default();
    let error =
        StoreError::new(status).with_request_id(id("x-amz-request-id")).with_host_id(id("x-amz-id-2"));
    match headers.get("retry-after").and_then(|seconds| seconds.trim().parse().ok()) {
        Some(seconds) => error.with_retry_after(seconds),
        None => error,
    }
}

fn document(body: &[u8]) -> Result<Element, CallFailure> {
    let text = str::from_utf8(body).map_err(|_| InvalidXml::Malformed);
    text.and_then(xml::parse).map_err(|error| {
        CallFailure::Answer(match error {
            InvalidXml::Incomplete => InvalidAnswer::Incomplete,
            error => InvalidAnswer::Xml(error),
        })
    })
}

fn headers(response: &Response) -> Headers {
    let read = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    Headers(response.headers().iter().filter_map(read).collect())
}

/// A request that failed without an answer.
fn request_failed(error: reqwest::Error) -> Failed {
    if error.is_builder() {
        return without_effect(CallFailure::Client(RequestError(error.without_url()).into()));
    }
    let is_connect = error.is_connect();
    let cause = RequestError(error.without_url()).into();
    if is_connect {
        // No request was written: connecting includes the TLS handshake and the tunnel of a proxy.
        without_effect(CallFailure::Connect(cause))
    } else {
        Failed { failure: CallFailure::Connection(cause), had_no_effect: false }
    }
}

/// The connection failed while a body was read.
pub(super) fn body_failed(error: reqwest::Error) -> CallFailure {
    CallFailure::Connection(RequestError(error.without_url()).into())
}

/// The error of a request without its URL, which contains the signature, and without the messages of the layers that only say
/// that there is an error: `error sending request` of reqwest, and `client error (Connect)` of hyper.
#[derive(Debug)]
struct RequestError(reqwest::Error);

impl RequestError {
    fn cause(&self) -> &(dyn Error + 'static) {
        let layers = if self.0.is_connect() { 2 } else { 1 };
        let mut cause: &(dyn Error + 'static) = &self.0;
        for _ in 0..layers {
            cause = cause.source().unwrap_or(cause);
        }
        cause
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.cause(), f)
    }
}

impl Error for RequestError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause().source()
    }
}
