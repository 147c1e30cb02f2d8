//! The body of a request for one file or for several.

use http::HeaderMap;
use upsign_json::{InvalidJson, Json, Object, read_object};
use upsign_policy::{FilesOptions, UploadRequest};

use crate::invalid_body::InvalidBody;
use crate::upload_body::{self, LIMITS, UploadBody, check_size, check_type, text};

/// The member with the descriptions of several files.
const FILES: &str = "files";

/// The content of a request body that describes several files of one route, all of which are granted, or none.
///
/// ```
/// use http::HeaderMap;
/// use upsign_http::FilesBody;
///
/// let body = br#"{"route": "photos", "files": [
///     {"contentType": "image/jpeg", "contentLength": 48213},
///     {"contentType": "image/png", "contentLength": 1024}
/// ]}"#;
/// let body = FilesBody::read_up_to(16 << 10, &HeaderMap::new(), body, &[])?;
/// assert_eq!(body.files[1].content_length(), Some(1024));
/// # Ok::<(), upsign_http::InvalidBody>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilesBody {
    /// The member `route`: the name of the route whose policy applies, or `None` for the unnamed route. Text that the client
    /// chose, unchecked.
    pub route: Option<Box<str>>,
    /// The descriptions, in the order of the request: at most 255, which can be none.
    pub files: Vec<UploadRequest>,
}

/// The body of a request for one file or for several.
#[derive(Debug)]
pub(crate) enum IssueBody {
    One(UploadBody),
    Several(FilesBody),
}

impl FilesBody {
    /// Reads `{"route": "…", "files": [{…}, …]}` of at most `max_bytes` bytes. Each file has the members of
    /// [`UploadBody`] without `route`; `id_members` are those for ids, as in [`UploadBody::read`].
    ///
    /// # Errors
    /// Returns [`InvalidBody`] as [`UploadBody::read`] does, if `files` is missing or has more than 255 items, or
    /// [`InvalidBody::File`] if one of them is not valid.
    pub fn read_up_to(
        max_bytes: usize,
        headers: &HeaderMap,
        body: &[u8],
        id_members: &[&str],
    ) -> Result<Self, InvalidBody> {
        check_size(max_bytes, headers, body)?;
        check_type(headers)?;
        files(read_members(body)?, id_members)
    }
}

impl IssueBody {
    /// Reads the body of a request of a service whose routes accept several files.
    pub(crate) fn read_up_to(
        max_bytes: usize,
        headers: &HeaderMap,
        body: &[u8],
        id_members: &[&str],
    ) -> Result<Self, InvalidBody> {
        check_size(max_bytes, headers, body)?;
        if body.is_empty() {
            return Ok(Self::One(UploadBody::without_description()));
        }
        check_type(headers)?;
        let members = read_members(body)?;
        if members.contains(FILES) {
            return files(members, id_members).map(Self::Several);
        }
        upload_body::described(members, id_members).map(Self::One)
    }
}

fn read_members(body: &[u8]) -> Result<Object<'_>, InvalidBody> {
    let max = usize::from(FilesOptions::MAX_FILES);
    read_object(body, LIMITS.with_max_items(max)).map_err(|error| match error {
        InvalidJson::TooManyItems => InvalidBody::TooManyFiles(max),
        error => error.into(),
    })
}

fn files(members: Object<'_>, ids: &[&str]) -> Result<FilesBody, InvalidBody> {
    let (mut route, mut files) = (None, None);
    for (name, value) in members {
        match name.as_ref() {
            "route" => route = Some(text("route", value)?),
            FILES => files = Some(descriptions(value, ids)?),
            _ => return Err(InvalidBody::UnknownMember("files, route".into())),
        }
    }
    Ok(FilesBody { route, files: files.ok_or(InvalidBody::Missing(FILES))? })
}

fn descriptions(value: Json<'_>, ids: &[&str]) -> Result<Vec<UploadRequest>, InvalidBody> {
    let wrong = || InvalidBody::Type(FILES, "an array of objects");
    let Json::Array(items) = value else { return Err(wrong()) };
    let description = |(index, item)| {
        let Json::Object(members) = item else { return Err(wrong()) };
        let file = upload_body::description(members, ids);
        file.map_err(|error| InvalidBody::File { index, error: Box::new(error) })
    };
    items.into_iter().enumerate().map(description).collect()
}
