//! The description of a file: the query of `/s3/params` and the body of `/s3/multipart`.

use upsign_json::{Json, Object};
use upsign_policy::{ClientMetadata, UploadPolicy, UploadRequest};

use crate::dialect::companion::invalid::InvalidCall;
use crate::dialect::companion::query::Query;
use crate::invalid_body::InvalidBody;
use crate::upload_body::{pairs, text};

/// The entry of the metadata that names the route. It is not stored.
const ROUTE: &str = "upsignRoute";

/// What Uppy puts into the metadata of every file. The request states all of it elsewhere too, so entries of these
/// names are left out unless the route permits them. Any other entry that the route does not permit is refused, as in the API's own
/// requests.
const OF_UPPY: [&str; 3] = ["name", "relativePath", "type"];

/// A file as a client of Companion describes it. The client does not state the size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileDescription {
    file_name: Box<str>,
    content_type: Box<str>,
    metadata: Vec<(Box<str>, Box<str>)>,
}

impl FileDescription {
    /// Reads `?filename=a.jpg&type=image/jpeg&metadata[title]=x`.
    pub(super) fn from_query(query: &Query) -> Result<Self, InvalidCall> {
        let file_name = query.get("filename").filter(|name| !name.is_empty()).ok_or(InvalidCall::FileName)?;
        let content_type = query.get("type").ok_or(InvalidCall::ContentType)?;
        let metadata = query.entries_of("metadata").map(|(name, value)| (name.into(), value.into()));
        let metadata = metadata.collect();
        Ok(Self { file_name: file_name.into(), content_type: content_type.into(), metadata })
    }

    /// Reads `{"filename": "a.jpg", "type": "image/jpeg", "metadata": {"title": "x"}}`.
    pub(super) fn from_body(members: Object<'_>) -> Result<Self, InvalidBody> {
        let (mut file_name, mut content_type, mut metadata) = (None, None, Vec::new());
        for (name, value) in members {
            match (name.as_ref(), value) {
                ("filename", value) => file_name = Some(text("filename", value)?),
                ("type", value) => content_type = Some(text("type", value)?),
                // JSON leaves out what is undefined in JavaScript; `null` is what an application can write in its place.
                ("metadata", Json::Null) => {}
                ("metadata", value) => metadata = pairs("metadata", value)?,
                _ => return Err(InvalidBody::UnknownMember("filename, metadata, type".into())),
            }
        }
        Ok(Self {
            file_name: file_name.filter(|name| !name.is_empty()).ok_or(InvalidBody::Missing("filename"))?,
            content_type: content_type.ok_or(InvalidBody::Missing("type"))?,
            metadata,
        })
    }

    /// Returns the name of the route that the metadata chooses.
    pub(super) fn route(&self) -> Option<&str> {
        self.metadata.iter().find(|(name, _)| **name == *ROUTE).map(|(_, value)| value.as_ref())
    }

    /// Returns the request for an upload by this policy, if the route exists. `id_members` are the names of ids that clients may supply: an entry of the
    /// metadata with such a name is that id.
    pub(super) fn request(&self, policy: Option<&UploadPolicy>, id_members: &[&str]) -> UploadRequest {
        let upload = UploadRequest::described()
            .with_file_name(self.file_name.clone())
            .with_content_type(self.content_type.clone());
        self.metadata.iter().fold(upload, |upload, (name, value)| match name.as_ref() {
            ROUTE => upload,
            name if id_members.contains(&name) => upload.with_id(name, value.clone()),
            name if OF_UPPY.contains(&name) && !policy.is_some_and(|policy| permits(policy, name)) => upload,
            name => upload.with_metadata(name, value.clone()),
        })
    }
}

/// Returns `true` if clients may set this entry of the metadata.
fn permits(policy: &UploadPolicy, name: &str) -> bool {
    match policy.client_metadata() {
        ClientMetadata::Any => true,
        ClientMetadata::Named(names) => names.iter().any(|known| known.eq_ignore_ascii_case(name)),
        _ => false,
    }
}
