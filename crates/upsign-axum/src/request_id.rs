//! The id of a request.

use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::request::Parts;
use upsign::NoEntropy;
use upsign_http::Problem;

use crate::respond::log_refusal;

pub(crate) const REQUEST_ID: &str = "x-request-id";

/// Extracts the id of the request: the one in its span, and in the `x-request-id` of its answer.
///
/// It has 1 to 128 ASCII letters, digits and characters of `-_.:=`, so it is safe in logs, headers and file names.
///
/// Available in routers that [`observe`](crate::observe()) wraps. Elsewhere the extractor rejects the request with
/// [`MissingRequestId`]. Extract `Option<RequestId>` to handle requests without an id, which also occur if the operating
/// system provides no random bytes.
///
/// ```
/// use upsign_axum::RequestId;
///
/// async fn handler(id: RequestId) -> String {
///     format!("quote {id} if you contact support\n")
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(Arc<str>);

/// The rejection of [`RequestId`]: the request has no id.
///
/// It is answered with a 500 problem document (`internal`) and logged as an error that says what the application has to
/// add, up to 10 times per minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("the request has no id: wrap the router in upsign_axum::observe")]
pub struct MissingRequestId;

impl RequestId {
    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id that a trusted proxy sent, or a new one. Returns `None` without random bytes.
    pub(crate) fn of(headers: &HeaderMap, from_proxy: bool) -> Option<Self> {
        let received = received_id(headers).filter(|_| from_proxy).map(Arc::from);
        received.or_else(|| generate_id(upsign::fill_random).map(Arc::from)).map(Self)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for RequestId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = MissingRequestId;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, MissingRequestId> {
        parts.extensions.get().cloned().ok_or(MissingRequestId)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for RequestId {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts.extensions.get().cloned())
    }
}

impl IntoResponse for MissingRequestId {
    fn into_response(self) -> Response {
        let problem = Problem::internal();
        log_refusal(&problem, &self.to_string());
        problem.response().map(Body::from)
    }
}

/// Returns the id in the request's header, if it is short and consists of characters that are safe in logs and headers.
fn received_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:=".contains(&byte);
    (1..=128).contains(&id.len()).then_some(id).filter(|id| id.bytes().all(plain))
}

/// Returns 128 random bits in hex, or `None` if the operating system provides no random bytes: an id that many requests share
/// would be worse than no id.
fn generate_id(fill: impl FnOnce(&mut [u8]) -> Result<(), NoEntropy>) -> Option<String> {
    let mut bytes = [0; 16];
    fill(&mut bytes).ok()?;
    Some(format!("{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_without_entropy_has_no_id() {
        assert_eq!(generate_id(|_| Err(NoEntropy::new())), None);
        let id = generate_id(|bytes| {
            bytes.fill(0xab);
            Ok(())
        });
        assert_eq!(id.as_deref(), Some("ab".repeat(16).as_str()));
    }

    #[test]
    fn received_ids_are_short_and_plain() {
        let check = |id: &str| {
            let headers = HeaderMap::from_iter([(REQUEST_ID.parse().unwrap(), id.parse().unwrap())]);
            received_id(&headers).is_some()
        };
        assert!(check("Root=1-67891233-abcdef012345678912345678") && check(&"a".repeat(128)));
        assert!(!check("") && !check("a b") && !check("<b>") && !check(&"a".repeat(129)));
    }
}
