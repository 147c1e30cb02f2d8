//! Creates the responses.

use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use upsign::{Upload, UploadGrant};
use upsign_core::{CorsOrigins, ExpiryPrecision};

use crate::cors;
use crate::problem::Problem;

/// The JSON body of a grant: first the members of the original contract (`uploadUrl`, `key`, the ids, `expiresIn`) in
/// their original order, then the members that were added to it.
struct GrantBody<'a>(&'a UploadGrant);

impl Serialize for GrantBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(grant) = self;
        let mut map = serializer.serialize_map(None)?;
        let url = match &grant.upload {
            Upload::Put(put) => put.url.expose(),
            Upload::Post(post) => &post.url,
            _ => return Err(serde::ser::Error::custom("this version cannot serialize this kind of upload")),
        };
        map.serialize_entry("uploadUrl", url)?;
        map.serialize_entry("key", grant.key.as_str())?;
        for (name, id) in &grant.named_ids {
            map.serialize_entry(name, &id.hyphenated().to_string())?;
        }
        map.serialize_entry("expiresIn", &grant.expires_in.as_secs())?;
        match &grant.upload {
            Upload::Put(put) => {
                map.serialize_entry("method", put.method.as_str())?;
                map.serialize_entry("headers", &SettableHeaders(put))?;
            }
            Upload::Post(post) => {
                map.serialize_entry("method", "POST")?;
                map.serialize_entry("fields", &FormFields(post))?;
            }
            _ => {}
        }
        map.serialize_entry("expiresAt", &grant.expires_at.to_string())?;
        if grant.expiry_precision == ExpiryPrecision::UpperBound {
            map.serialize_entry("expiresAtIs", "upper-bound")?;
        }
        map.end()
    }
}

/// The headers that the client must set: every signed header except `host` and `content-length`, which HTTP clients set
/// themselves and browsers do not let scripts set.
struct SettableHeaders<'a>(&'a upsign_core::PresignedRequest);

impl Serialize for SettableHeaders<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.headers.settable())
    }
}

/// The fields of the form, in the order in which the client must send them, before the file.
struct FormFields<'a>(&'a upsign_core::PresignedPost);

impl Serialize for FormFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.fields.iter().map(|(name, value)| (name, value)))
    }
}

/// Creates the response with a grant.
///
/// # Errors
/// Fails only for a kind of [`Upload`] that this version cannot serialize.
pub(crate) fn grant(grant: &UploadGrant) -> serde_json::Result<Response<String>> {
    Ok(response(StatusCode::OK, "application/json", serde_json::to_string(&GrantBody(grant))?))
}

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
    if problem.status() == StatusCode::METHOD_NOT_ALLOWED {
        set(headers, ALLOW, "POST, OPTIONS");
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

fn response(status: StatusCode, content_type: &'static str, body: String) -> Response<String> {
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
