//! The answer that better-upload's client reads.
//!
//! Version 3 (`@better-upload/client`) reads `objectInfo` and sends `headers`. Version 2 (`better-upload`) reads `objectKey`,
//! `objectMetadata` and `objectCacheControl`, and sends no other header; the members for both are in every answer.

use serde::Serialize;
use serde_json::{Map, Value};
use upsign::session::PartUrls;
use upsign::{Upload, UploadGrant};
use upsign_core::SignedHeaders;

use super::request::File;

/// The start of the names of headers with metadata, which the client adds itself.
const METADATA: &str = "x-amz-meta-";

/// The headers that the client sends by itself, from the type of the file and from `cacheControl`. Given twice, the browser would send
/// both values as one, separated by a comma.
const OF_THE_CLIENT: [&str; 2] = ["content-type", "cache-control"];

/// A granted file.
#[derive(Debug)]
pub(super) struct Granted<'a> {
    pub(super) file: &'a File,
    pub(super) grant: &'a UploadGrant,
    /// Of a multipart upload.
    pub(super) parts: Option<Parts>,
}

/// What the client needs for a multipart upload. The URLs are secrets of the caller.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) urls: PartUrls,
    pub(super) part_size: u64,
    /// The URLs at which this API completes and aborts the upload.
    pub(super) complete: TicketUrl,
    pub(super) abort: TicketUrl,
}

/// A URL with a ticket, which `Debug` does not show.
#[derive(Serialize)]
pub(super) struct TicketUrl(pub(super) String);

impl std::fmt::Debug for TicketUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TicketUrl([redacted])")
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<Item<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multipart: Option<Multipart<'a>>,
    metadata: Map<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Multipart<'a> {
    /// A file without `parts` is sent in one request, also in this list.
    files: Vec<Item<'a>>,
    part_size: u64,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Item<'a> {
    One(One<'a>),
    Several(InParts<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct One<'a> {
    signed_url: &'a str,
    file: Described<'a>,
    headers: Map<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InParts<'a> {
    file: Described<'a>,
    parts: Vec<Part<'a>>,
    upload_id: &'a str,
    complete_signed_url: &'a TicketUrl,
    abort_signed_url: &'a TicketUrl,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Part<'a> {
    signed_url: &'a str,
    part_number: u16,
    size: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described<'a> {
    name: &'a str,
    size: u64,
    #[serde(rename = "type")]
    media_type: &'a str,
    object_info: ObjectInfo<'a>,
    object_key: &'a str,
    object_metadata: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_cache_control: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ObjectInfo<'a> {
    key: &'a str,
    metadata: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<&'a str>,
}

/// Returns the JSON of the answer, or `None` for grants that the client cannot use: it knows one part size for all files. `metadata` is what the page receives as
/// `metadata`.
pub(super) fn body(
    granted: &[Granted<'_>],
    metadata: Map<String, Value>,
) -> Option<serde_json::Result<String>> {
    let files = granted.iter().map(item).collect::<Option<Vec<_>>>()?;
    let mut part_sizes = granted.iter().filter_map(|file| Some(file.parts.as_ref()?.part_size));
    let part_size = part_sizes.next();
    if part_sizes.any(|other| Some(other) != part_size) {
        return None;
    }
    let body = match part_size {
        None => Body { files: Some(files), multipart: None, metadata },
        Some(part_size) => Body { files: None, multipart: Some(Multipart { files, part_size }), metadata },
    };
    Some(serde_json::to_string(&body))
}

fn item<'a>(granted: &'a Granted<'a>) -> Option<Item<'a>> {
    let Granted { file, grant, parts } = granted;
    match (&grant.upload, parts) {
        (Upload::Put(put), None) => {
            let file = described(file, grant, Some(&put.headers));
            Some(Item::One(One { signed_url: put.url.expose(), file, headers: other_headers(&put.headers) }))
        }
        (Upload::Multipart(upload), Some(parts)) => {
            let part = |part: &'a upsign::session::PartUrl| Part {
                signed_url: part.url.expose(),
                part_number: part.number.get(),
                size: part.len,
            };
            Some(Item::Several(InParts {
                file: described(file, grant, None),
                parts: parts.urls.parts.iter().map(part).collect(),
                upload_id: upload.token.expose(),
                complete_signed_url: &parts.complete,
                abort_signed_url: &parts.abort,
            }))
        }
        _ => None,
    }
}

/// `headers` are those of the `PUT`. A multipart upload has none: its metadata is signed where it is created.
fn described<'a>(
    file: &'a File,
    grant: &'a UploadGrant,
    headers: Option<&'a SignedHeaders>,
) -> Described<'a> {
    let metadata = headers.map(metadata).unwrap_or_default();
    let cache_control = headers.and_then(|headers| headers.get("cache-control"));
    let key = grant.key.as_str();
    Described {
        name: &file.name,
        size: file.size,
        media_type: &file.media_type,
        object_info: ObjectInfo { key, metadata: metadata.clone(), cache_control },
        object_key: key,
        object_metadata: metadata,
        object_cache_control: cache_control,
    }
}

/// Returns the metadata, whose header names the client completes.
fn metadata(headers: &SignedHeaders) -> Map<String, Value> {
    let entry = |(name, value): (&str, &str)| Some((name.strip_prefix(METADATA)?.to_owned(), value.into()));
    headers.iter().filter_map(entry).collect()
}

/// Returns the headers that the client does not know by itself.
fn other_headers(headers: &SignedHeaders) -> Map<String, Value> {
    let is_other = |name: &str| !OF_THE_CLIENT.contains(&name) && !name.starts_with(METADATA);
    let others = headers.settable().filter(|(name, _)| is_other(name));
    others.map(|(name, value)| (name.to_owned(), value.into())).collect()
}

/// Returns what the page receives as `metadata`: the key and the ids of each file in the order of the request, and its upload token
/// if there is one. `members` are those of the application, one map for each file.
pub(super) fn page_metadata(grants: &[UploadGrant], members: Vec<Map<String, Value>>) -> Map<String, Value> {
    let mut members = members.into_iter();
    let upload = |grant: &UploadGrant| {
        let mut upload = Map::new();
        upload.insert("key".into(), grant.key.as_str().into());
        for (name, id) in &grant.ids {
            upload.insert((**name).into(), id.hyphenated().to_string().into());
        }
        upload.insert("expiresAt".into(), grant.expires_at.to_string().into());
        if let Some(token) = grant.upload_token() {
            upload.insert("uploadToken".into(), token.expose().into());
        }
        if grant.confirm {
            upload.insert("confirm".into(), true.into());
        }
        upload.extend(members.next().unwrap_or_default());
        Value::Object(upload)
    };
    let uploads = grants.iter().map(upload).collect();
    Map::from_iter([("uploads".to_owned(), Value::Array(uploads))])
}
