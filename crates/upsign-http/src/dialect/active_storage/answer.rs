//! The answer that Active Storage's client reads.

use serde::Serialize;
use serde_json::{Map, Value};
use upsign::UploadGrant;
use upsign_core::{PresignedRequest, Timestamp};

use super::request::Blob;

/// The members that Rails answers, without those that describe its database (`id`, `service_name`). The client reads `direct_upload`
/// and passes the others to the page.
#[derive(Serialize)]
struct Body<'a> {
    key: &'a str,
    filename: &'a str,
    content_type: &'a str,
    metadata: Map<String, Value>,
    byte_size: u64,
    checksum: &'a str,
    created_at: String,
    signed_id: &'a str,
    #[serde(flatten)]
    others: Map<String, Value>,
    direct_upload: DirectUpload<'a>,
}

#[derive(Serialize)]
struct DirectUpload<'a> {
    url: &'a str,
    headers: Map<String, Value>,
}

/// Returns the JSON of the answer, or `None` if the grant is not one for this client: a `PUT` with an upload token. `members` are those
/// of the application.
pub(super) fn body(
    blob: &Blob,
    grant: &UploadGrant,
    members: Map<String, Value>,
    at: Timestamp,
) -> Option<serde_json::Result<String>> {
    let (put, token) = (grant.upload.put()?, grant.upload_token()?);
    let mut others = members;
    for (name, id) in &grant.ids {
        others.insert((**name).into(), id.hyphenated().to_string().into());
    }
    let body = Body {
        key: grant.key.as_str(),
        filename: &blob.filename,
        content_type: put.headers.get("content-type").unwrap_or(&blob.content_type),
        metadata: Map::new(),
        byte_size: blob.byte_size,
        checksum: &blob.checksum,
        created_at: at.to_string(),
        signed_id: token.expose(),
        others,
        direct_upload: DirectUpload { url: put.url.expose(), headers: headers(put) },
    };
    Some(serde_json::to_string(&body))
}

/// Returns every header of the request that a script can set. The client sends exactly these.
fn headers(put: &PresignedRequest) -> Map<String, Value> {
    put.headers.settable().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

/// The members of an answer, which an application cannot define.
pub(super) const MEMBERS: [&str; 9] = [
    "key",
    "filename",
    "content_type",
    "metadata",
    "byte_size",
    "checksum",
    "created_at",
    "signed_id",
    "direct_upload",
];
