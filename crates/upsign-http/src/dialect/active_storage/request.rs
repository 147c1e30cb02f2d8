//! The request of Active Storage's client.

use upsign_json::{Json, Object};
use upsign_policy::UploadRequest;

use crate::invalid_body::InvalidBody;
use crate::upload_body::{Pair, length, pairs, text};

/// The member `blob` of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Blob {
    pub(super) filename: Box<str>,
    pub(super) content_type: Box<str>,
    pub(super) byte_size: u64,
    /// The MD5 of the file in base64.
    pub(super) checksum: Box<str>,
    /// The member `custom` of `metadata`: what Rails stores with the object.
    custom: Vec<Pair>,
}

impl Blob {
    /// Reads `{"blob": {"filename", "content_type", "byte_size", "checksum", "metadata"}}`.
    pub(super) fn read(body: Object<'_>) -> Result<Self, InvalidBody> {
        let mut blob = None;
        for (name, value) in body {
            match (name.as_ref(), value) {
                ("blob", Json::Object(members)) => blob = Some(Self::members(members)?),
                ("blob", _) => return Err(InvalidBody::Type("blob", "an object")),
                _ => return Err(InvalidBody::UnknownMember("blob".into())),
            }
        }
        blob.ok_or(InvalidBody::Missing("blob"))
    }

    fn members(members: Object<'_>) -> Result<Self, InvalidBody> {
        let (mut filename, mut content_type, mut byte_size, mut checksum) = (None, None, None, None);
        let mut custom = Vec::new();
        for (name, value) in members {
            match name.as_ref() {
                "filename" => filename = Some(text("filename", value)?),
                "content_type" => content_type = Some(text("content_type", value)?),
                "byte_size" => {
                    byte_size = Some(length(&value).ok_or(InvalidBody::Type("byte_size", BYTE_SIZE))?);
                }
                "checksum" => checksum = Some(text("checksum", value)?),
                "metadata" => custom = metadata(value)?,
                _ => {
                    let known = "byte_size, checksum, content_type, filename, metadata";
                    return Err(InvalidBody::UnknownMember(known.into()));
                }
            }
        }
        let missing = InvalidBody::Missing;
        Ok(Self {
            filename: filename.ok_or(missing("filename"))?,
            content_type: content_type.ok_or(missing("content_type"))?,
            byte_size: byte_size.ok_or(missing("byte_size"))?,
            checksum: checksum.ok_or(missing("checksum"))?,
            custom,
        })
    }

    /// Returns the description of the file. `ids` are those that the client supplies, by their wire names.
    pub(super) fn upload(&self, ids: &[(String, String)]) -> UploadRequest {
        let upload = UploadRequest::described()
            .with_file_name(self.filename.clone())
            .with_content_type(self.content_type.clone())
            .with_content_length(self.byte_size)
            .with_checksum("md5", self.checksum.clone())
            // The client knows one request for the whole file.
            .with_multipart(false);
        let named =
            |upload: UploadRequest, (name, value): &Pair| upload.with_metadata(name.clone(), value.clone());
        let upload = self.custom.iter().fold(upload, named);
        ids.iter().fold(upload, |upload, (name, value)| upload.with_id(name.as_str(), value.as_str()))
    }
}

const BYTE_SIZE: &str = "a whole number from 0 to 9007199254740992";

/// Reads `{"custom": {…}}`. Of the metadata of a blob, Rails stores only `custom` with the object; this service has no place for others.
fn metadata(value: Json<'_>) -> Result<Vec<Pair>, InvalidBody> {
    let members = match value {
        Json::Null => return Ok(Vec::new()),
        Json::Object(members) => members,
        _ => return Err(InvalidBody::Type("metadata", "an object")),
    };
    let mut custom = Vec::new();
    for (name, value) in members {
        match name.as_ref() {
            "custom" => custom = pairs("custom", value)?,
            _ => return Err(InvalidBody::UnknownMember("custom".into())),
        }
    }
    Ok(custom)
}
