//! The request of better-upload's client.

use upsign_json::{Json, Object};
use upsign_policy::UploadRequest;

use crate::invalid_body::InvalidBody;
use crate::upload_body::{Pair, length, pairs, text};

/// The body of a request: `{"route", "files": [{"name", "size", "type"}], "metadata"}`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UploadFiles {
    /// The route that the page names, or `None` if it names none.
    pub(super) route: Option<Box<str>>,
    pub(super) files: Vec<File>,
    /// The entries of `metadata`, sorted by name.
    metadata: Vec<Pair>,
}

/// What the client states about a file. It finds the answer for a file by these three values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) name: Box<str>,
    pub(super) size: u64,
    /// The type of the `File` of the browser. The client sends it as `Content-Type`.
    pub(super) media_type: Box<str>,
}

impl UploadFiles {
    /// Reads a body.
    pub(super) fn read(members: Object<'_>) -> Result<Self, InvalidBody> {
        let (mut route, mut described, mut metadata) = (None, None, Vec::new());
        for (name, value) in members {
            match (name.as_ref(), value) {
                ("route", value) => route = Some(text("route", value)?),
                ("files", value) => described = Some(files(value)?),
                // A page can pass `null`, which says as much as no metadata.
                ("metadata", Json::Null) => {}
                ("metadata", value) => metadata = pairs("metadata", value)?,
                _ => return Err(InvalidBody::UnknownMember("files, metadata, route".into())),
            }
        }
        let files = described.ok_or(InvalidBody::Missing("files"))?;
        check_distinct(&files)?;
        Ok(Self { route, files, metadata })
    }

    /// Returns the description of each file. Entries of the metadata whose names are in `ids` supply ids, which are then those of
    /// every file, and the others are metadata of every object.
    pub(super) fn uploads(&self, ids: &[&str]) -> Vec<UploadRequest> {
        let upload = |file: &File| {
            let upload = UploadRequest::described()
                .with_file_name(file.name.clone())
                .with_content_length(file.size)
                .with_content_type(file.media_type.clone());
            self.metadata.iter().fold(upload, |upload, (name, value)| match ids.contains(&&**name) {
                true => upload.with_id(name.clone(), value.clone()),
                false => upload.with_metadata(name.clone(), value.clone()),
            })
        };
        self.files.iter().map(upload).collect()
    }
}

fn files(value: Json<'_>) -> Result<Vec<File>, InvalidBody> {
    let wrong = || InvalidBody::Type("files", "an array of objects");
    let Json::Array(items) = value else { return Err(wrong()) };
    let file = |(index, item)| {
        let Json::Object(members) = item else { return Err(wrong()) };
        file(members).map_err(|error| InvalidBody::File { index, error: Box::new(error) })
    };
    items.into_iter().enumerate().map(file).collect()
}

fn file(members: Object<'_>) -> Result<File, InvalidBody> {
    let (mut name, mut size, mut media_type) = (None, None, None);
    for (member, value) in members {
        match member.as_ref() {
            "name" => name = Some(text("name", value)?),
            "size" => size = Some(length(&value).ok_or(InvalidBody::Type("size", SIZE))?),
            "type" => media_type = Some(text("type", value)?),
            _ => return Err(InvalidBody::UnknownMember("name, size, type".into())),
        }
    }
    let missing = InvalidBody::Missing;
    let name = name.ok_or(missing("name"))?;
    let (size, media_type) = (size.ok_or(missing("size"))?, media_type.ok_or(missing("type"))?);
    if media_type.is_empty() {
        return Err(InvalidBody::ClientCannotSend(NO_TYPE.into()));
    }
    Ok(File { name, size, media_type })
}

const SIZE: &str = "a whole number from 0 to 9007199254740992";

/// The client would send an empty `Content-Type`, which no signature of this service binds.
const NO_TYPE: &str = "the browser knows no type of this file, and better-upload sends the type of the `File`: give it one, as in \
                       `new File([file], file.name, { type: 'image/jpeg' })`";

/// The client takes the first answer with the name, size and type of a file, so it would send the bytes of both files to one URL.
fn check_distinct(files: &[File]) -> Result<(), InvalidBody> {
    for (index, file) in files.iter().enumerate() {
        if files.iter().take(index).any(|before| before == file) {
            let detail = "another file of this request has the same name, size and type, by which better-upload tells files \
                          apart: upload it in a request of its own, or rename it";
            return Err(InvalidBody::File {
                index,
                error: Box::new(InvalidBody::ClientCannotSend(detail.into())),
            });
        }
    }
    Ok(())
}
