//! A request to a dialect, and the steps that all dialects share.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request, Response};
use percent_encoding::percent_decode_str;
use upsign::session::SessionError;
use upsign::{UploadGrant, UploadRequest};
use upsign_core::{Dialect, Identity, Presigner, Timestamp};
use upsign_json::{InvalidJson, Object, read_object};

use crate::api::Api;
use crate::auth::Authenticate;
use crate::body_limits::MAX_PARTS;
use crate::dialect::Served;
use crate::invalid_body::InvalidBody;
use crate::issue::log_grant;
use crate::problem::Problem;
use crate::refused::RefusedRequest;
use crate::respond;
use crate::session_calls::SessionRequest;
use crate::upload_body::{LIMITS, UploadBody, check_size};

/// A request at a path of a dialect.
///
/// The order of a call is that of the API's own endpoints: [`authenticate`](Self::authenticate), count
/// ([`count_issue`](Self::count_issue) or [`count_call`](Self::count_call)), read the body, decide.
pub(crate) struct DialectCall<'a, P> {
    pub(crate) api: &'a Api<P>,
    pub(crate) dialect: Dialect,
    pub(crate) request: &'a Request<Bytes>,
    /// The path without the base path, and without a slash at the end.
    pub(crate) path: &'a str,
    pub(crate) served: Served,
    pub(crate) auth: &'a dyn Authenticate,
    pub(crate) at: Timestamp,
}

impl<P: Presigner> DialectCall<'_, P> {
    pub(crate) fn method(&self) -> &Method {
        self.request.method()
    }

    /// Returns the verified caller.
    pub(crate) async fn authenticate(&self) -> Result<Identity, RefusedRequest> {
        let caller = self.auth.authenticate(&self.request.into(), self.at).await;
        caller
            .map_err(|error| RefusedRequest::unauthenticated(&error, self.auth.challenge().as_ref(), self.at))
    }

    /// Counts a request for a new upload.
    pub(crate) async fn count_issue(&self, caller: &Identity) -> Result<(), RefusedRequest> {
        self.api.count(caller, self.at).await
    }

    /// Counts a request that continues an upload.
    pub(crate) async fn count_call(&self, caller: &Identity) -> Result<(), RefusedRequest> {
        self.session(caller).count().await
    }

    /// Reads the body as a JSON object, with at most `max_items` items in an array. The type of the body is
    /// `application/json` or one that ends in `+json`, or not stated.
    pub(crate) fn object(&self, max_items: usize) -> Result<Object<'_>, InvalidBody> {
        let (headers, body) = (self.request.headers(), self.request.body());
        check_size(self.api.dialect_max_bytes(self.served.body), headers, body)?;
        let essence = headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
        let essence = essence.map(|value| value.split(';').next().unwrap_or_default().trim());
        let is_json = |essence: &str| {
            let essence = essence.to_ascii_lowercase();
            essence == "application/json" || essence.ends_with("+json")
        };
        if !essence.is_none_or(is_json) {
            return Err(InvalidBody::NotJsonType);
        }
        read_object(body, LIMITS.with_max_items(max_items)).map_err(|error| match error {
            InvalidJson::TooManyItems if max_items == MAX_PARTS => InvalidBody::TooManyParts(max_items),
            InvalidJson::TooManyItems => InvalidBody::TooManyFiles(max_items),
            error => error.into(),
        })
    }

    /// Returns the names and values of the query, decoded, in their order.
    pub(crate) fn query(&self) -> Result<Vec<(String, String)>, RefusedRequest> {
        let query = self.request.uri().query().unwrap_or_default();
        pairs(query).ok_or_else(|| self.refuse(Problem::request_malformed("the query is not valid UTF-8")))
    }

    /// Issues a grant to a caller that was counted. A request that names no route is for the
    /// [default route](Api::default_route) of the dialect.
    pub(crate) async fn issue(
        &self,
        caller: &Identity,
        route: Option<&str>,
        upload: UploadRequest,
    ) -> Result<UploadGrant, RefusedRequest> {
        let route = route.or_else(|| self.api.default_route(self.dialect));
        let body = UploadBody { route: route.map(Into::into), upload };
        let challenge = self.auth.challenge();
        let issued = self.api.issue_counted(caller, Ok(body), &[], self.at).await;
        let (grant, _) = issued.map_err(|refused| refused.with_challenge(challenge.as_ref()))?;
        log_grant(&grant);
        Ok(grant)
    }

    pub(crate) fn session<'a>(&'a self, caller: &'a Identity) -> SessionRequest<'a, P> {
        SessionRequest { api: self.api, request: self.request, caller, at: self.at }
    }

    /// Returns the refusal of a call about the upload of a token.
    pub(crate) fn refuse_session(
        &self,
        error: &SessionError,
        caller: &Identity,
        token: &str,
    ) -> RefusedRequest {
        let refusal = self.api.service().session_refusal(error, caller, Some(token), self.at);
        RefusedRequest::session(error, refusal).with_challenge(self.auth.challenge().as_ref())
    }

    pub(crate) fn refuse(&self, problem: Problem) -> RefusedRequest {
        RefusedRequest::new(problem, self.at)
    }

    pub(crate) fn refuse_body(&self, error: &InvalidBody, caller: &Identity) -> RefusedRequest {
        self.refuse(error.into()).with_caller(caller)
    }
}

/// Returns an answer of JSON that must not be cached.
pub(crate) fn json(body: &serde_json::Value) -> Response<String> {
    respond::response(http::StatusCode::OK, "application/json", body.to_string())
}

/// Returns the pairs of `application/x-www-form-urlencoded`, or `None` if one is not UTF-8
/// (<https://url.spec.whatwg.org/#urlencoded-parsing>).
fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8().ok().map(Cow::into_owned)
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(name)?, decoded(value)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_is_decoded() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let read = pairs("a=1&b%5Bc%5D=x+y%2Bz&&d&e==&a=2").unwrap();
        let expected = [pair("a", "1"), pair("b[c]", "x y+z"), pair("d", ""), pair("e", "="), pair("a", "2")];
        assert_eq!(read, expected);
        assert_eq!(pairs(""), Some(Vec::new()));
        assert_eq!(pairs("a=%ff"), None);
    }
}
