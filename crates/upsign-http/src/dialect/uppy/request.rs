//! The body of a request to sign.

use upsign_core::PartNumber;
use upsign_json::{Json, Object};

use crate::invalid_body::InvalidBody;
use crate::session_body::part_number;
use crate::upload_body::{length, text};

/// What the client asks to have signed, in the terms of S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Put(Described),
    Create(Described),
    Part { token: Box<str>, number: PartNumber },
    List { token: Box<str> },
    Complete { token: Box<str> },
    Abort { token: Box<str> },
    DeleteObject,
}

/// A new object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Described {
    /// The key that the client proposes. The policy decides on the key; the file name is read from this one.
    pub(super) key: Box<str>,
    pub(super) content_type: Option<Box<str>>,
    pub(super) route: Option<Box<str>>,
    /// The size in bytes, which a page can add for [`Wanted::Put`].
    pub(super) length: Option<u64>,
    /// Ids that the client supplies, by their names.
    pub(super) ids: Vec<(Box<str>, Box<str>)>,
}

/// The members of the client's own, and those that a page can add.
const MEMBERS: [&str; 8] =
    ["contentLength", "contentType", "expiresIn", "key", "method", "partNumber", "route", "uploadId"];

/// Reads a request. `ids` are the names of members for ids.
pub(super) fn read(members: Object<'_>, ids: &[&str]) -> Result<Wanted, InvalidBody> {
    let (mut method, mut token, mut number) = (None, None, None);
    let mut object =
        Described { key: Box::default(), content_type: None, route: None, length: None, ids: Vec::new() };
    for (name, value) in members {
        match name.as_ref() {
            "method" => method = Some(text("method", value)?),
            "key" => object.key = text("key", value)?,
            "contentType" => object.content_type = Some(text("contentType", value)?),
            "uploadId" => token = Some(text("uploadId", value)?),
            "partNumber" => number = Some(part_number(&value, || "partNumber".to_owned())?),
            "route" => object.route = Some(text("route", value)?),
            "contentLength" => object.length = Some(length(&value).ok_or(InvalidBody::ContentLength)?),
            // The lifetime is that of the policy.
            "expiresIn" => {}
            id if ids.contains(&id) => match value {
                Json::String(uuid) => object.ids.push((id.into(), uuid.into())),
                _ => return Err(InvalidBody::Id(id.into())),
            },
            _ => {
                let known: Vec<&str> = MEMBERS.iter().chain(ids).copied().collect();
                return Err(InvalidBody::UnknownMember(known.join(", ").into()));
            }
        }
    }
    let method = method.ok_or(InvalidBody::Missing("method"))?;
    if object.key.is_empty() {
        return Err(InvalidBody::Missing("key"));
    }
    match (&*method, token, number) {
        ("PUT", None, None) => Ok(Wanted::Put(object)),
        ("PUT", Some(token), Some(number)) => Ok(Wanted::Part { token, number }),
        ("PUT", Some(_), None) => Err(InvalidBody::Missing("partNumber")),
        ("PUT" | "POST" | "GET" | "DELETE", None, Some(_)) | ("GET", None, None) => {
            Err(InvalidBody::Missing("uploadId"))
        }
        ("POST", None, None) => Ok(Wanted::Create(object)),
        ("POST", Some(token), None) => Ok(Wanted::Complete { token }),
        ("GET", Some(token), None) => Ok(Wanted::List { token }),
        ("DELETE", Some(token), None) => Ok(Wanted::Abort { token }),
        ("DELETE", None, None) => Ok(Wanted::DeleteObject),
        ("POST" | "GET" | "DELETE", Some(_), Some(_)) => {
            Err(InvalidBody::Type("partNumber", "absent unless the method is PUT"))
        }
        _ => Err(InvalidBody::Type("method", "PUT, POST, GET or DELETE")),
    }
}

impl Described {
    /// Returns the name of the file: the end of the key without the random id that the client puts before it by default
    /// (`{uuid}-{name}`).
    pub(super) fn file_name(&self) -> Option<&str> {
        let name = self.key.rsplit('/').next().unwrap_or_default();
        let uuid = name.get(..36).and_then(|start| start.parse::<upsign::Uuid>().ok());
        let name = match uuid {
            Some(_) => name.get(36..).and_then(|rest| rest.strip_prefix('-')).unwrap_or_default(),
            None => name,
        };
        Some(name).filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use upsign_json::read_object;

    use super::*;
    use crate::upload_body::LIMITS;

    fn wanted(body: &str) -> Result<Wanted, InvalidBody> {
        read(read_object(body.as_bytes(), LIMITS).unwrap(), &["articleId"])
    }

    fn described(key: &str) -> Described {
        Described { key: key.into(), content_type: None, route: None, length: None, ids: Vec::new() }
    }

    #[test]
    fn every_request_of_the_client_is_read() {
        let number = PartNumber::new(7).unwrap();
        let token = || Box::from("t");
        for (body, expected) in [
            (r#"{"method":"PUT","key":"a.jpg"}"#, Wanted::Put(described("a.jpg"))),
            (
                r#"{"method":"PUT","key":"a.jpg","contentType":"image/jpeg","expiresIn":60,"route":"r","contentLength":5,"articleId":"x"}"#,
                Wanted::Put(Described {
                    content_type: Some("image/jpeg".into()),
                    route: Some("r".into()),
                    length: Some(5),
                    ids: vec![("articleId".into(), "x".into())],
                    ..described("a.jpg")
                }),
            ),
            (r#"{"method":"POST","key":"a.mp4"}"#, Wanted::Create(described("a.mp4"))),
            (
                r#"{"method":"PUT","key":"a","uploadId":"t","partNumber":7}"#,
                Wanted::Part { token: token(), number },
            ),
            (r#"{"method":"GET","key":"a","uploadId":"t"}"#, Wanted::List { token: token() }),
            (r#"{"method":"POST","key":"a","uploadId":"t"}"#, Wanted::Complete { token: token() }),
            (r#"{"method":"DELETE","key":"a","uploadId":"t"}"#, Wanted::Abort { token: token() }),
            (r#"{"method":"DELETE","key":"a"}"#, Wanted::DeleteObject),
        ] {
            assert_eq!(wanted(body), Ok(expected), "{body}");
        }
    }

    #[test]
    fn other_requests_are_refused() {
        for (body, code) in [
            ("{}", "body-member-missing"),
            (r#"{"method":"PUT"}"#, "body-member-missing"),
            (r#"{"method":"PUT","key":""}"#, "body-member-missing"),
            (r#"{"method":"GET","key":"a"}"#, "body-member-missing"),
            (r#"{"method":"PUT","key":"a","uploadId":"t"}"#, "body-member-missing"),
            (r#"{"method":"PUT","key":"a","partNumber":1}"#, "body-member-missing"),
            (r#"{"method":"HEAD","key":"a"}"#, "body-member-type"),
            (r#"{"method":"PATCH","key":"a","uploadId":"t"}"#, "body-member-type"),
            (r#"{"method":"POST","key":"a","uploadId":"t","partNumber":1}"#, "body-member-type"),
            (r#"{"method":"PUT","key":"a","uploadId":"t","partNumber":0}"#, "part-numbers-invalid"),
            (r#"{"method":"PUT","key":"a","uploadId":"t","partNumber":"1"}"#, "part-numbers-invalid"),
            (r#"{"method":1,"key":"a"}"#, "body-member-type"),
            (r#"{"method":"PUT","key":"a","contentLength":-1}"#, "content-length-invalid"),
            (r#"{"method":"PUT","key":"a","articleId":7}"#, "body-member-type"),
            (r#"{"method":"PUT","key":"a","bucket":"b"}"#, "body-unknown-member"),
        ] {
            assert_eq!(wanted(body).unwrap_err().code(), code, "{body}");
        }
    }

    #[test]
    fn file_name_is_the_end_of_the_key() {
        for (key, name) in [
            ("3f2504e0-4f89-41d3-9a0c-0305e82c3301-cat.jpg", Some("cat.jpg")),
            ("folder/cat.jpg", Some("cat.jpg")),
            ("folder/3f2504e0-4f89-41d3-9a0c-0305e82c3301-a-b.mp4", Some("a-b.mp4")),
            ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", None),
            ("cat", Some("cat")),
            ("folder/", None),
            ("żółć-żółć-żółć-żółć-żółć-żółć.png", Some("żółć-żółć-żółć-żółć-żółć-żółć.png")),
        ] {
            assert_eq!(described(key).file_name(), name, "{key}");
        }
    }
}
