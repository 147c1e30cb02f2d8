//! The response bodies of the calls that continue an upload.

use std::collections::BTreeMap;

use http::{Response, StatusCode};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use upsign::session::{CompletedObject, OpenUpload, PartUrl, PartUrls, UploadState, UploadStatus};
use upsign_core::{ExpiryPrecision, PartNumber};
use upsign_objects::UploadedPart;

use crate::grant_body::SettableHeaders;
use crate::problem::Problem;
use crate::respond;

/// The maximum length of a list of parts in bytes. An Application Load Balancer passes on answers of up to 1 MB from a function
/// (<https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>); the rest is for the other
/// members.
const MAX_LIST_BYTES: usize = 900_000;

/// The JSON body of an answer with the URLs of parts, as [`Api`](crate::Api) sends it.
///
/// The URLs are secrets of the caller: do not log the body or let it be cached. It lists as many parts as fit into 900,000
/// bytes, in the order of the request, and at least one. The client asks for the others in another request.
#[derive(Clone, Debug)]
pub struct PartUrlsBody<'a>(&'a PartUrls);

/// The JSON body of an answer with the status of an upload, as [`Api`](crate::Api) sends it.
///
/// It lists as many parts as fit into 900,000 bytes. `"more": true` states that there are others, which the client gets with a
/// request whose `after` is the last number that was listed. `bytes` and `missing` always cover all parts.
#[derive(Clone, Debug)]
pub struct UploadStatusBody<'a> {
    status: &'a UploadStatus,
    after: Option<PartNumber>,
}

/// The JSON body of an answer to a completed upload, as [`Api`](crate::Api) sends it.
#[derive(Clone, Debug)]
pub struct CompletedBody<'a>(&'a CompletedObject);

/// The JSON body of an answer to an aborted upload, as [`Api`](crate::Api) sends it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the answer has no content but the state")]
pub struct AbortedBody;

impl<'a> PartUrlsBody<'a> {
    /// Creates the body of an answer.
    #[must_use]
    pub const fn new(urls: &'a PartUrls) -> Self {
        Self(urls)
    }
}

impl<'a> UploadStatusBody<'a> {
    /// Creates the body of an answer that lists all parts.
    #[must_use]
    pub const fn new(status: &'a UploadStatus) -> Self {
        Self { status, after: None }
    }

    /// Lists only the parts with a higher number than this, if it is a number.
    #[must_use]
    pub const fn after(self, number: Option<PartNumber>) -> Self {
        Self { after: number, ..self }
    }
}

impl<'a> CompletedBody<'a> {
    /// Creates the body of an answer.
    #[must_use]
    pub const fn new(object: &'a CompletedObject) -> Self {
        Self(object)
    }
}

/// Adds `response` to the body types, so that handlers of the application answer as the API does.
macro_rules! response {
    ($($body:ty),*) => {$(
        impl $body {
            /// Returns the complete response, without CORS headers: 200 with `Content-Type: application/json`,
            /// `Cache-Control: no-store` and `X-Content-Type-Options: nosniff`.
            #[must_use]
            pub fn response(&self) -> Response<String> {
                match serde_json::to_string(self) {
                    Ok(body) => respond::response(StatusCode::OK, "application/json", body),
                    Err(_) => Problem::internal().response(),
                }
            }
        }
    )*};
}

response!(PartUrlsBody<'_>, UploadStatusBody<'_>, CompletedBody<'_>, AbortedBody);

impl Serialize for PartUrlsBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(urls) = self;
        let mut map = serializer.serialize_map(None)?;
        let listed = fitting(&urls.parts, part_url_len).iter().map(PartUrlItem);
        map.serialize_entry("parts", &listed.collect::<Vec<_>>())?;
        map.serialize_entry("expiresIn", &urls.expires_in.as_secs())?;
        map.serialize_entry("expiresAt", &urls.expires_at.to_string())?;
        if urls.expiry_precision == ExpiryPrecision::UpperBound {
            map.serialize_entry("expiresAtIs", "upper-bound")?;
        }
        map.end()
    }
}

impl Serialize for UploadStatusBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { status, after } = self;
        let mut map = serializer.serialize_map(None)?;
        let state = match &status.state {
            UploadState::Open(_) => "open",
            UploadState::Completed(_) => "completed",
            UploadState::Gone => "gone",
        };
        map.serialize_entry("state", state)?;
        match &status.state {
            UploadState::Completed(object) => object_members(&mut map, object)?,
            UploadState::Open(_) | UploadState::Gone => {
                map.serialize_entry("key", status.key.as_str())?;
                if let Some(size) = status.size.exact() {
                    map.serialize_entry("size", &size)?;
                }
            }
        }
        let plan = status.size.plan();
        map.serialize_entry("partSize", &plan.part_size())?;
        map.serialize_entry("partCount", &plan.part_count())?;
        if let UploadState::Open(open) = &status.state {
            open_members(&mut map, open, *after)?;
        }
        map.serialize_entry("expiresAt", &status.expires_at.to_string())?;
        map.end()
    }
}

fn open_members<M: SerializeMap>(
    map: &mut M,
    open: &OpenUpload,
    after: Option<PartNumber>,
) -> Result<(), M::Error> {
    let start = open.parts.partition_point(|part| after.is_some_and(|after| part.number <= after));
    let rest = open.parts.get(start..).unwrap_or_default();
    let listed = fitting(rest, uploaded_part_len);
    map.serialize_entry("bytes", &open.bytes)?;
    map.serialize_entry("parts", &listed.iter().map(UploadedPartItem).collect::<Vec<_>>())?;
    map.serialize_entry("missing", &open.missing.to_string())?;
    if !open.wrong.is_empty() {
        map.serialize_entry("wrong", &open.wrong.to_string())?;
    }
    if listed.len() < rest.len() {
        map.serialize_entry("more", &true)?;
    }
    Ok(())
}

impl Serialize for CompletedBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("state", "completed")?;
        object_members(&mut map, self.0)?;
        map.end()
    }
}

/// Nothing here depends on whether the object was complete before the request: a repeated request gets the same answer.
fn object_members<M: SerializeMap>(map: &mut M, object: &CompletedObject) -> Result<(), M::Error> {
    map.serialize_entry("key", object.key.as_str())?;
    map.serialize_entry("size", &object.size)?;
    map.serialize_entry("contentType", object.content_type.as_str())?;
    map.serialize_entry("etag", object.etag.as_str())?;
    if let Some(version_id) = &object.version_id {
        map.serialize_entry("versionId", version_id.as_str())?;
    }
    if let Some(checksum) = &object.checksum {
        let pair = (checksum.algorithm().as_str(), checksum.as_base64());
        map.serialize_entry("checksum", &BTreeMap::from([pair]))?;
    }
    Ok(())
}

impl Serialize for AbortedBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("state", "aborted")?;
        map.end()
    }
}

/// Returns the first items whose lengths add up to at most [`MAX_LIST_BYTES`], and at least one if there is one.
fn fitting<T>(items: &[T], len: impl Fn(&T) -> usize) -> &[T] {
    let mut total = 0_usize;
    let fits = items.iter().take_while(|item| {
        total = total.saturating_add(len(item));
        total <= MAX_LIST_BYTES
    });
    let count = fits.count().max(1).min(items.len());
    items.get(..count).unwrap_or(items)
}

/// Upper bound of the length of a part's JSON, also if it is escaped again as a text within JSON. URLs contain no characters that
/// JSON escapes.
fn part_url_len(part: &PartUrl) -> usize {
    let header = |(name, value): (&str, &str)| name.len() + escaped_len(value) + 12;
    part.url.expose().len() + part.headers.iter().map(header).sum::<usize>() + 100
}

/// Upper bound of the length of a part's JSON, as above.
fn uploaded_part_len(part: &UploadedPart) -> usize {
    let checksum = part.checksums.first().map_or(0, |checksum| checksum.as_base64().len());
    escaped_len(part.etag.as_str()) + checksum + 100
}

/// Returns the length of a text whose quotes and backslashes are escaped twice.
fn escaped_len(text: &str) -> usize {
    text.len() + 3 * text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

struct PartUrlItem<'a>(&'a PartUrl);

impl Serialize for PartUrlItem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(part) = self;
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("partNumber", &part.number.get())?;
        map.serialize_entry("uploadUrl", part.url.expose())?;
        map.serialize_entry("contentLength", &part.len)?;
        map.serialize_entry("headers", &SettableHeaders(&part.headers))?;
        map.end()
    }
}

struct UploadedPartItem<'a>(&'a UploadedPart);

impl Serialize for UploadedPartItem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(part) = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("partNumber", &part.number.get())?;
        map.serialize_entry("size", &part.size)?;
        map.serialize_entry("etag", part.etag.as_str())?;
        if let Some(checksum) = part.checksums.first() {
            map.serialize_entry("checksum", checksum.as_base64())?;
        }
        map.end()
    }
}
