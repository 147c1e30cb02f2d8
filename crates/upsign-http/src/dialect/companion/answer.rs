//! The answers, in the form of Companion's.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use upsign::session::{PartUrl, PartUrls};
use upsign_core::{PresignedPost, SignedHeaders};
use upsign_objects::UploadedPart;

/// The answer to `/s3/params`: how one request stores the file.
#[derive(Serialize)]
pub(super) struct Params<'a> {
    pub(super) method: &'static str,
    pub(super) url: &'a str,
    pub(super) fields: Fields<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) headers: BTreeMap<String, String>,
    pub(super) expires: u32,
}

/// The fields of a form.
pub(super) enum Fields<'a> {
    Form(&'a PresignedPost),
    /// Those of a `PUT`, which has no form. The client takes the key from here for the result of the upload.
    Key(&'a str),
}

/// The answer to `/s3/multipart`. `uploadId` is the upload token: a secret of the caller, which the client sends back unread.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Begun<'a> {
    pub(super) key: &'a str,
    pub(super) upload_id: &'a str,
    pub(super) bucket: &'a str,
}

/// A part in the answer to `GET /s3/multipart/UPLOAD`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Part {
    part_number: u16,
    #[serde(rename = "ETag")]
    etag: String,
    size: u64,
}

/// The answer to `/s3/multipart/UPLOAD/NUMBER`.
#[derive(Serialize)]
pub(super) struct SignedPart<'a> {
    url: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    expires: u32,
}

/// The answer to `/s3/multipart/UPLOAD/batch`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SignedParts<'a> {
    presigned_urls: BTreeMap<u16, &'a str>,
    /// The headers of each part, by its number.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<u16, BTreeMap<String, String>>,
    expires: u32,
}

/// The answer to `/s3/multipart/UPLOAD/complete`.
#[derive(Serialize)]
pub(super) struct Completed<'a> {
    pub(super) location: &'a str,
    pub(super) key: &'a str,
    pub(super) bucket: &'a str,
}

/// The answer to `DELETE /s3/multipart/UPLOAD`.
#[derive(Serialize)]
pub(super) struct Aborted {}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Form(form) => serializer.collect_map(form.fields.iter().map(|(name, value)| (name, value))),
            Self::Key(key) => serializer.collect_map([("key", key)]),
        }
    }
}

impl Part {
    pub(super) fn new(part: &UploadedPart) -> Self {
        // Clients send the ETag back as they receive it from the store: with its quotes.
        Self { part_number: part.number.get(), etag: format!("\"{}\"", part.etag.as_str()), size: part.size }
    }
}

impl<'a> SignedPart<'a> {
    pub(super) fn new(urls: &'a PartUrls, part: &'a PartUrl) -> Self {
        Self { url: part.url.expose(), headers: settable(&part.headers), expires: urls.expires_in.as_secs() }
    }
}

impl<'a> SignedParts<'a> {
    pub(super) fn new(urls: &'a PartUrls) -> Self {
        let headers = urls.parts.iter().map(|part| (part.number.get(), settable(&part.headers)));
        Self {
            presigned_urls: urls.parts.iter().map(|part| (part.number.get(), part.url.expose())).collect(),
            headers: headers.filter(|(_, headers)| !headers.is_empty()).collect(),
            expires: urls.expires_in.as_secs(),
        }
    }
}

/// Returns the headers that the client must set.
pub(super) fn settable(headers: &SignedHeaders) -> BTreeMap<String, String> {
    headers.settable().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
