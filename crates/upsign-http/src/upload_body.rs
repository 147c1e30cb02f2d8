//! The request body: one JSON object, read strictly.

use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use upsign_json::{InvalidJson, Json, Limits, Object, read_object};
use upsign_policy::UploadRequest;

use crate::invalid_body::InvalidBody;

/// The default maximum size of a request body in bytes: 16 KiB. Descriptions of uploads are much smaller.
pub const MAX_BODY_BYTES: usize = 16 << 10;

/// The content of a request body: the description of an upload.
///
/// [`Api`](crate::Api) reads bodies with this type, and handlers of the application can do the same. Reading is strict: a
/// body that two JSON readers could understand differently is refused, and so are unknown members, so that a misspelt
/// member is not silently ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadBody {
    /// The member `route`: the name of the route whose policy applies, or `None` for the unnamed route. Text that the client
    /// chose, unchecked.
    pub route: Option<Box<str>>,
    /// The description of the upload. It is [`bodyless`](UploadRequest::bodyless) for a request without a body.
    pub upload: UploadRequest,
}

impl UploadBody {
    /// Reads a body of at most [`MAX_BODY_BYTES`] bytes.
    ///
    /// An empty body is a request without a description, no matter what type it declares. `id_members` are the names of
    /// the members with which clients may supply ids (`articleId`); pass none if the service chooses the ids.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use upsign_http::UploadBody;
    ///
    /// let body = br#"{"contentType": "image/jpeg", "contentLength": 48213}"#;
    /// let body = UploadBody::read(&HeaderMap::new(), body, &[])?;
    /// assert_eq!(body.upload.content_length(), Some(48_213));
    /// # Ok::<(), upsign_http::InvalidBody>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidBody`] if the body is too long, if its length differs from `Content-Length`, if `Content-Type` is
    /// present and not `application/json`, or if the body is not a JSON object of the known members.
    pub fn read(headers: &HeaderMap, body: &[u8], id_members: &[&str]) -> Result<Self, InvalidBody> {
        Self::read_up_to(MAX_BODY_BYTES, headers, body, id_members)
    }

    /// Reads a body of at most `max_bytes` bytes. See [`read`](Self::read).
    ///
    /// # Errors
    /// Returns the same errors as [`read`](Self::read).
    pub fn read_up_to(
        max_bytes: usize,
        headers: &HeaderMap,
        body: &[u8],
        id_members: &[&str],
    ) -> Result<Self, InvalidBody> {
        check_size(max_bytes, headers, body)?;
        if body.is_empty() {
            return Ok(Self::without_description());
        }
        check_type(headers)?;
        described(read_object(body, LIMITS)?, id_members)
    }

    /// Returns the content of an empty body.
    pub(crate) fn without_description() -> Self {
        Self { route: None, upload: UploadRequest::bodyless() }
    }
}

/// Checks the length of a body against the maximum and against `Content-Length`.
pub(crate) fn check_size(max_bytes: usize, headers: &HeaderMap, body: &[u8]) -> Result<(), InvalidBody> {
    if body.len() > max_bytes {
        return Err(InvalidBody::TooLarge(max_bytes));
    }
    // A gateway may have cut the body off or decoded it twice.
    let declared = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|declared| declared != body.len()) {
        return Err(InvalidBody::Length);
    }
    Ok(())
}

/// Accepts `application/json`, with or without parameters, and a request that declares no type.
pub(crate) fn check_type(headers: &HeaderMap) -> Result<(), InvalidBody> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let essence = value.to_str().ok().and_then(|value| value.split(';').next());
    let is_json = essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"));
    if is_json { Ok(()) } else { Err(InvalidBody::NotJsonType) }
}

/// The maximum number of members of the body, of its metadata and of its tags.
const MAX_MEMBERS: usize = 32;
/// A valid body has two levels. The limit is higher, so that a deeper body gets an error about the member that is wrong.
const MAX_DEPTH: u8 = 127;
/// The length is not limited here, because `read_up_to` has already checked it.
pub(crate) const LIMITS: Limits = Limits::new(usize::MAX, MAX_DEPTH).with_max_members(MAX_MEMBERS);

/// 2^53: above it, a JavaScript number cannot represent every integer.
const MAX_LENGTH: u64 = 1 << 53;

/// Reads the members of a body that is not empty. `ids` are the names of the members for ids.
///
/// A body with the member `route` alone describes no file, as if it were absent.
pub(crate) fn described(members: Object<'_>, ids: &[&str]) -> Result<UploadBody, InvalidBody> {
    let only_route = members.len() == 1 && members.contains("route");
    let mut route = None;
    let mut upload = if only_route { UploadRequest::bodyless() } else { UploadRequest::described() };
    for (name, value) in members {
        if name == "route" {
            route = Some(text("route", value)?);
            continue;
        }
        upload = member(upload, &name, value, ids)?.ok_or_else(|| unknown_member(["route"], ids))?;
    }
    Ok(UploadBody { route, upload })
}

/// Reads the members that describe one file, without `route`.
pub(crate) fn description(members: Object<'_>, ids: &[&str]) -> Result<UploadRequest, InvalidBody> {
    let mut upload = UploadRequest::described();
    for (name, value) in members {
        upload = member(upload, &name, value, ids)?.ok_or_else(|| unknown_member([], ids))?;
    }
    Ok(upload)
}

/// Adds a member to the description of a file. Returns `None` if no member has this name.
fn member(
    upload: UploadRequest,
    name: &str,
    value: Json<'_>,
    ids: &[&str],
) -> Result<Option<UploadRequest>, InvalidBody> {
    Ok(Some(match name {
        "contentType" => upload.with_content_type(text("contentType", value)?),
        "contentLength" => upload.with_content_length(length(&value).ok_or(InvalidBody::ContentLength)?),
        "fileName" => upload.with_file_name(text("fileName", value)?),
        "contentDisposition" => upload.with_content_disposition(text("contentDisposition", value)?),
        "ifMatch" => upload.with_if_match(text("ifMatch", value)?),
        "checksum" => {
            let (algorithm, value) = checksum(value)?;
            upload.with_checksum(algorithm, value)
        }
        "checksumAlgorithm" => upload.with_checksum_algorithm(text("checksumAlgorithm", value)?),
        "multipart" => match value {
            Json::Bool(multipart) => upload.with_multipart(multipart),
            _ => return Err(InvalidBody::Type("multipart", "true or false")),
        },
        "metadata" => pairs("metadata", value)?
            .into_iter()
            .fold(upload, |upload, (name, value)| upload.with_metadata(name, value)),
        "tags" => {
            pairs("tags", value)?.into_iter().fold(upload, |upload, (key, value)| upload.with_tag(key, value))
        }
        name if ids.contains(&name) => match value {
            Json::String(uuid) => upload.with_id(name, uuid),
            _ => return Err(InvalidBody::Id(name.into())),
        },
        _ => return Ok(None),
    }))
}

impl From<InvalidJson> for InvalidBody {
    fn from(error: InvalidJson) -> Self {
        match error {
            InvalidJson::NotAnObject => Self::NotAnObject,
            InvalidJson::TooManyMembers => Self::TooMany(MAX_MEMBERS),
            InvalidJson::Duplicate => Self::Duplicate,
            _ => Self::Syntax,
        }
    }
}

/// The members that describe a file, except those for ids.
const OF_A_FILE: [&str; 10] = [
    "checksum",
    "checksumAlgorithm",
    "contentDisposition",
    "contentLength",
    "contentType",
    "fileName",
    "ifMatch",
    "metadata",
    "multipart",
    "tags",
];

/// Returns the error for an unknown member. Known members are those that describe a file, `others` and `ids`.
fn unknown_member<const N: usize>(others: [&str; N], ids: &[&str]) -> InvalidBody {
    let mut names: Vec<&str> = OF_A_FILE.iter().chain(&others).chain(ids).copied().collect();
    names.sort_unstable();
    names.dedup();
    InvalidBody::UnknownMember(names.join(", ").into())
}

pub(crate) fn text(member: &'static str, value: Json<'_>) -> Result<Box<str>, InvalidBody> {
    match value {
        Json::String(text) => Ok(text.into()),
        _ => Err(InvalidBody::Type(member, "a string")),
    }
}

/// Returns the value of an integer from 0 to 2^53.
pub(crate) fn length(value: &Json<'_>) -> Option<u64> {
    value.as_u64().filter(|length| *length <= MAX_LENGTH)
}

/// Reads `{"sha256": "<base64>"}`: one algorithm and one value.
pub(crate) fn checksum(value: Json<'_>) -> Result<Pair, InvalidBody> {
    let wrong = || InvalidBody::Type("checksum", "an object of one algorithm and its base64 value");
    let mut members = pairs("checksum", value).map_err(|_| wrong())?.into_iter();
    match (members.next(), members.next()) {
        (Some(pair), None) => Ok(pair),
        _ => Err(wrong()),
    }
}

pub(crate) type Pair = (Box<str>, Box<str>);

/// Reads an object of strings. The pairs are sorted, so that equal requests are signed alike.
pub(crate) fn pairs(member: &'static str, value: Json<'_>) -> Result<Vec<Pair>, InvalidBody> {
    let wrong = || InvalidBody::Type(member, "an object of strings");
    let Json::Object(members) = value else { return Err(wrong()) };
    let pairs = members.into_iter().map(|(name, value)| match value {
        Json::String(value) => Ok((name.into(), value.into())),
        _ => Err(wrong()),
    });
    let mut pairs: Vec<Pair> = pairs.collect::<Result<_, _>>()?;
    pairs.sort_unstable();
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One refused body per line, after the code of its refusal.
    const REFUSED: &str = include_str!("../tests/it/golden/bodies.txt");

    fn parse(body: &[u8], ids: &[&str]) -> Result<UploadBody, InvalidBody> {
        described(read_object(body, LIMITS)?, ids)
    }

    #[track_caller]
    fn refused(body: &str, code: &str) {
        assert_eq!(parse(body.as_bytes(), &["articleId"]).map_err(|error| error.code()), Err(code), "{body}");
    }

    #[test]
    fn every_member_is_optional() {
        assert_eq!(parse(b"{}", &[]), Ok(UploadBody { route: None, upload: UploadRequest::described() }));
        let body = parse(
            br#" {"contentType":"image/jpeg","contentLength":9007199254740992,"fileName":"a.jpg",
                 "checksum":{"sha256":"x="},"route":"avatars","contentDisposition":"inline","ifMatch":"e",
                 "multipart":false,"checksumAlgorithm":"crc32",
                 "metadata":{"a":"b"},"tags":{"k":"v"},"articleId":"7"} "#,
            &["articleId"],
        );
        let upload = UploadRequest::described()
            .with_content_type("image/jpeg")
            .with_content_length(1 << 53)
            .with_file_name("a.jpg")
            .with_checksum("sha256", "x=")
            .with_content_disposition("inline")
            .with_if_match("e")
            .with_multipart(false)
            .with_checksum_algorithm("crc32")
            .with_metadata("a", "b")
            .with_tag("k", "v")
            .with_id("articleId", "7");
        assert_eq!(body, Ok(UploadBody { route: Some("avatars".into()), upload }));
    }

    #[test]
    fn body_with_route_alone_describes_no_file() {
        let body = parse(br#"{"route":"avatars"}"#, &[]).unwrap();
        assert!(body.upload.is_bodyless());
        assert_eq!(body.route.as_deref(), Some("avatars"));
    }

    #[test]
    fn metadata_and_tags_are_sorted() {
        let body = parse(br#"{"metadata":{"b":"1","a":"2"},"tags":{"y":"1","x":"2"}}"#, &[]).unwrap();
        let sorted = UploadRequest::described()
            .with_metadata("a", "2")
            .with_metadata("b", "1")
            .with_tag("x", "2")
            .with_tag("y", "1");
        assert_eq!(body.upload, sorted);
    }

    #[test]
    fn invalid_bodies_are_refused() {
        for line in REFUSED.lines() {
            let (code, body) = line.split_once(' ').unwrap();
            refused(body, code);
        }
        assert!(REFUSED.lines().count() > 100);
        refused("\u{feff}{}", "body-syntax");
        assert_eq!(parse(b"{\"contentType\":\"\xff\"}", &[]), Err(InvalidBody::Syntax));
    }

    #[test]
    fn too_many_members_outrank_duplicates() {
        let members =
            |count: usize| (0..count).map(|n| format!("\"k{n}\":\"v\"")).collect::<Vec<_>>().join(",");
        let metadata = |members: &str| format!("{{\"metadata\":{{{members}}}}}");
        assert!(parse(metadata(&members(32)).as_bytes(), &[]).is_ok());
        refused(&metadata(&members(33)), "body-too-many-members");
        refused(&format!("{{{}}}", members(33)), "body-too-many-members");
        refused(&metadata(&format!("{},\"k0\":\"v\"", members(33))), "body-too-many-members");
        refused(&metadata(&format!("{},\"k0\":\"v\"", members(32))), "body-duplicate-member");
    }

    #[test]
    fn deep_bodies_end_early() {
        refused(&"[".repeat(100_000), "body-syntax");
        refused(&format!("{{\"checksum\":{}", "{\"a\":".repeat(100_000)), "body-syntax");
    }
}
