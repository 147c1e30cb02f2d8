//! Answers.

use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use upsign::{Upload, UploadGrant};
use upsign_core::Bound;

use crate::problem::Problem;

/// A grant as the caller sees it: the article's members first, in its order, then what was added.
struct Granted<'a>(&'a UploadGrant);

impl Serialize for Granted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(grant) = self;
        let mut map = serializer.serialize_map(None)?;
        let url = match &grant.upload {
            Upload::Put(put) => put.url.expose(),
            Upload::Post(post) => &post.url,
            _ => return Err(serde::ser::Error::custom("an upload this version does not write")),
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
                map.serialize_entry("headers", &ToSet(put))?;
            }
            Upload::Post(post) => {
                map.serialize_entry("method", "POST")?;
                map.serialize_entry("fields", &ToPost(post))?;
            }
            _ => {}
        }
        map.serialize_entry("expiresAt", &grant.expires_at.to_string())?;
        if grant.expires_at_is == Bound::AtMost {
            map.serialize_entry("expiresAtIs", "upper-bound")?;
        }
        map.end()
    }
}

/// What the client has to set: every signed header but `host` and `content-length`, which its HTTP stack sets itself.
struct ToSet<'a>(&'a upsign_core::PresignedRequest);

impl Serialize for ToSet<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.headers.to_set())
    }
}

/// The fields of the form, in the order in which they are to be sent, before the file.
struct ToPost<'a>(&'a upsign_core::PresignedPost);

impl Serialize for ToPost<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.fields.iter().map(|(name, value)| (name, value)))
    }
}

pub(crate) fn granted(grant: &UploadGrant) -> Response<Vec<u8>> {
    match serde_json::to_vec(&Granted(grant)) {
        Ok(body) => answer(StatusCode::OK, "application/json", body),
        Err(_) => refused(&Problem::internal()),
    }
}

pub(crate) fn refused(problem: &Problem) -> Response<Vec<u8>> {
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut answer = answer(problem.status(), "application/problem+json", body);
    let headers = answer.headers_mut();
    match problem.status() {
        StatusCode::UNAUTHORIZED => set(headers, WWW_AUTHENTICATE, "Bearer"),
        StatusCode::METHOD_NOT_ALLOWED => set(headers, ALLOW, "POST, OPTIONS"),
        _ => {}
    }
    if let Some(seconds) = problem.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

pub(crate) fn empty(status: StatusCode) -> Response<Vec<u8>> {
    let mut answer = answer(status, "", Vec::new());
    answer.headers_mut().remove(CONTENT_TYPE);
    answer
}

fn answer(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    set(headers, CONTENT_TYPE, content_type);
    // A grant is a secret of one caller; a refusal may not outlive its cause.
    set(headers, CACHE_CONTROL, "no-store");
    set(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    answer
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
