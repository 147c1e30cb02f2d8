//! The response bodies of the calls that follow an upload: to confirm it, to read its object and to delete it.

use std::collections::BTreeMap;

use http::header::RETRY_AFTER;
use http::{HeaderValue, Response, StatusCode};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use upsign::confirm::{ConfirmReason, Confirmation, SignedReceipt};
use upsign::read::ReadUrl;
use upsign_core::{ExpiryPrecision, ObjectKey};
use upsign_objects::{ETag, VersionId};
use upsign_policy::ContentType;

use crate::grant_body::SettableHeaders;
use crate::problem::Problem;
use crate::respond;

/// The JSON body of an answer to a confirmation, as [`Api`](crate::Api) sends it, whatever the state of the upload is.
///
/// The receipt is for the application's own records: do not log the body.
#[derive(Clone, Debug)]
pub struct ConfirmationBody<'a>(&'a Confirmation);

/// The JSON body of an answer with a URL to read an object, as [`Api`](crate::Api) sends it.
///
/// The URL is a secret of the caller: do not log the body or let it be cached.
#[derive(Clone, Debug)]
pub struct ReadUrlBody<'a>(&'a ReadUrl);

/// The JSON body of an answer to a deleted upload, as [`Api`](crate::Api) sends it.
#[derive(Clone, Debug)]
pub struct DeletedBody<'a>(&'a ObjectKey);

impl<'a> ConfirmationBody<'a> {
    /// Creates the body of an answer.
    #[must_use]
    pub const fn new(confirmation: &'a Confirmation) -> Self {
        Self(confirmation)
    }

    /// Returns the complete response, without CORS headers: 200 with `Content-Type: application/json`,
    /// `Cache-Control: no-store` and `X-Content-Type-Options: nosniff`, and `Retry-After` for the state `pending`.
    #[must_use]
    pub fn response(&self) -> Response<String> {
        let mut response = json(self);
        if let Some(seconds) = self.0.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl<'a> ReadUrlBody<'a> {
    /// Creates the body of an answer.
    #[must_use]
    pub const fn new(url: &'a ReadUrl) -> Self {
        Self(url)
    }

    /// Returns the complete response, without CORS headers: 200 with `Content-Type: application/json`,
    /// `Cache-Control: no-store` and `X-Content-Type-Options: nosniff`.
    #[must_use]
    pub fn response(&self) -> Response<String> {
        json(self)
    }
}

impl<'a> DeletedBody<'a> {
    /// Creates the body of an answer. `key` is that of the deleted object.
    #[must_use]
    pub const fn new(key: &'a ObjectKey) -> Self {
        Self(key)
    }

    /// Returns the complete response, without CORS headers: 200 with `Content-Type: application/json`,
    /// `Cache-Control: no-store` and `X-Content-Type-Options: nosniff`.
    #[must_use]
    pub fn response(&self) -> Response<String> {
        json(self)
    }
}

fn json(body: &impl Serialize) -> Response<String> {
    match serde_json::to_string(body) {
        Ok(body) => respond::response(StatusCode::OK, "application/json", body),
        Err(_) => Problem::internal().response(),
    }
}

/// Nothing here depends on whether an earlier request has confirmed the upload: a repeated request gets the same answer.
impl Serialize for ConfirmationBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(answer) = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("state", answer.state.as_str())?;
        optional(&mut map, "reason", answer.reason.map(ConfirmReason::as_str))?;
        map.serialize_entry("key", answer.key.as_str())?;
        optional(&mut map, "size", answer.size)?;
        optional(&mut map, "contentType", answer.content_type.as_ref().map(ContentType::as_str))?;
        optional(&mut map, "etag", answer.etag.as_ref().map(ETag::as_str))?;
        optional(&mut map, "versionId", answer.version_id.as_ref().map(VersionId::as_str))?;
        let checksum = answer.checksum.as_ref();
        let checksum = checksum.map(|it| BTreeMap::from([(it.algorithm().as_str(), it.as_base64())]));
        optional(&mut map, "checksum", checksum)?;
        optional(&mut map, "receipt", answer.receipt.as_ref().map(SignedReceipt::expose))?;
        optional(&mut map, "retryAfter", answer.retry_after)?;
        map.end()
    }
}

impl Serialize for ReadUrlBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(read) = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("readUrl", read.url.expose())?;
        if read.headers.settable().next().is_some() {
            map.serialize_entry("headers", &SettableHeaders(&read.headers))?;
        }
        map.serialize_entry("key", read.key.as_str())?;
        optional(&mut map, "versionId", read.version_id.as_ref().map(VersionId::as_str))?;
        map.serialize_entry("contentType", read.content_type.as_str())?;
        map.serialize_entry("expiresIn", &read.expires_in.as_secs())?;
        map.serialize_entry("expiresAt", &read.expires_at.to_string())?;
        if read.expiry_precision == ExpiryPrecision::UpperBound {
            map.serialize_entry("expiresAtIs", "upper-bound")?;
        }
        map.end()
    }
}

impl Serialize for DeletedBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("state", "deleted")?;
        map.serialize_entry("key", self.0.as_str())?;
        map.end()
    }
}

fn optional<M: SerializeMap>(map: &mut M, name: &str, value: Option<impl Serialize>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, &value))
}
