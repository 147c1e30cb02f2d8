//! The request body: one flat JSON object, read strictly.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use upsign_policy::UploadRequest;

/// Why a body is not an upload request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBody {
    /// More bytes than anybody needs to describe an upload.
    #[error("the body has more than {0} bytes")]
    TooLarge(usize),
    /// The body is not as long as its `Content-Length` says.
    #[error("the body is not as long as its content-length says")]
    Length,
    /// A body of another type.
    #[error("the body must be application/json")]
    NotJsonType,
    /// Not JSON: a syntax error, a byte order mark, text after the end.
    #[error("the body is not valid JSON")]
    Syntax,
    /// JSON, but `null`, a list or a scalar.
    #[error("the body must be a JSON object")]
    NotAnObject,
    /// A member that stands twice: readers disagree on which counts.
    #[error("a member stands twice in the body")]
    Duplicate,
    /// More members than anybody needs.
    #[error("the body has more than {0} members in one object")]
    TooMany(usize),
    /// A member that means nothing here.
    #[error("the body has an unknown member; known are {0}")]
    UnknownMember(Box<str>),
    /// An id that is no string.
    #[error("`{0}` must be a UUID, as a string")]
    Id(Box<str>),
    /// A member of the wrong type.
    #[error("`{0}` must be {1}")]
    Type(&'static str, &'static str),
    /// Not a whole number from 0 to 2^53, the range in which every JSON reader agrees.
    #[error("`contentLength` must be a whole number from 0 to 9007199254740992")]
    ContentLength,
}

impl InvalidBody {
    /// The stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "body-too-large",
            Self::Length => "body-length",
            Self::NotJsonType => "body-not-json",
            Self::Syntax => "body-syntax",
            Self::NotAnObject => "body-not-object",
            Self::Duplicate => "body-duplicate-member",
            Self::TooMany(_) => "body-too-many-members",
            Self::UnknownMember(_) => "body-unknown-member",
            Self::Type(..) | Self::Id(_) => "body-member-type",
            Self::ContentLength => "content-length-invalid",
        }
    }
}

/// A request, as its body states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) route: Option<Box<str>>,
    pub(crate) what: UploadRequest,
}

impl Body {
    pub(crate) fn absent() -> Self {
        Self { route: None, what: UploadRequest::bodyless() }
    }
}

/// The most members of a request, of its metadata and of its tags.
const MAX_MEMBERS: usize = 32;

/// 2^53: from here on a JavaScript number no longer tells neighbours apart.
const MAX_LENGTH: u64 = 1 << 53;

/// Reads a body that is not empty. `ids` are the members by which an id may be named. A body that names a route and says
/// nothing else says nothing about the file.
pub(crate) fn read(body: &[u8], ids: &[&str]) -> Result<Body, InvalidBody> {
    let Members(members) = match serde_json::from_slice::<Members>(body) {
        Ok(members) => members,
        Err(error) if error.is_data() => return Err(not_members(body)),
        Err(_) => return Err(InvalidBody::Syntax),
    };
    let only_route = members.len() == 1 && members.iter().any(|(name, _)| name == "route");
    let mut route = None;
    let mut what = if only_route { UploadRequest::bodyless() } else { UploadRequest::described() };
    for (name, value) in members {
        what = match name.as_str() {
            "route" => {
                route = Some(text("route", value)?.into());
                what
            }
            "contentType" => what.with_content_type(text("contentType", value)?),
            "contentLength" => what.with_content_length(length(&value)?),
            "fileName" => what.with_file_name(text("fileName", value)?),
            "contentDisposition" => what.with_content_disposition(text("contentDisposition", value)?),
            "checksum" => {
                let (algorithm, value) = checksum(value)?;
                what.with_checksum(algorithm, value)
            }
            "metadata" => pairs("metadata", value)?
                .into_iter()
                .fold(what, |what, (name, value)| what.with_metadata(name, value)),
            "tags" => {
                pairs("tags", value)?.into_iter().fold(what, |what, (key, value)| what.with_tag(key, value))
            }
            _ if ids.contains(&name.as_str()) => match value {
                Value::String(uuid) => what.with_id(name, uuid),
                _ => return Err(InvalidBody::Id(name.into())),
            },
            _ => return Err(InvalidBody::UnknownMember(known(ids))),
        };
    }
    Ok(Body { route, what })
}

/// What is data and no object of distinct members.
fn not_members(body: &[u8]) -> InvalidBody {
    match serde_json::from_slice::<Value>(body) {
        Ok(value @ Value::Object(_)) if widest(&value) > MAX_MEMBERS => InvalidBody::TooMany(MAX_MEMBERS),
        Ok(Value::Object(_)) => InvalidBody::Duplicate,
        Ok(_) => InvalidBody::NotAnObject,
        Err(_) => InvalidBody::Syntax,
    }
}

/// The members of the largest object, on the first two levels: deeper there is none.
fn widest(value: &Value) -> usize {
    let Value::Object(members) = value else { return 0 };
    let inner = members.values().filter_map(Value::as_object).map(serde_json::Map::len).max();
    members.len().max(inner.unwrap_or_default())
}

fn known(ids: &[&str]) -> Box<str> {
    let mut names: Vec<&str> = upsign_policy::IdName::REQUEST_MEMBERS.iter().chain(ids).copied().collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ").into()
}

fn text(member: &'static str, value: Value) -> Result<String, InvalidBody> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(InvalidBody::Type(member, "a string")),
    }
}

fn length(value: &Value) -> Result<u64, InvalidBody> {
    value.as_u64().filter(|length| *length <= MAX_LENGTH).ok_or(InvalidBody::ContentLength)
}

/// `{"sha256": "<base64>"}`: one algorithm, one value.
fn checksum(value: Value) -> Result<(String, String), InvalidBody> {
    let wrong = InvalidBody::Type("checksum", "an object of one algorithm and its base64 value");
    let mut members = pairs("checksum", value).map_err(|_| wrong.clone())?.into_iter();
    match (members.next(), members.next()) {
        (Some(pair), None) => Ok(pair),
        _ => Err(wrong),
    }
}

/// An object of strings. A name that stands twice in it is refused before, with the rest of the body's duplicates.
fn pairs(member: &'static str, value: Value) -> Result<Vec<(String, String)>, InvalidBody> {
    let wrong = || InvalidBody::Type(member, "an object of strings");
    let Value::Object(members) = value else { return Err(wrong()) };
    let pairs = members.into_iter().map(|(name, value)| match value {
        Value::String(value) => Ok((name, value)),
        _ => Err(wrong()),
    });
    pairs.collect()
}

/// The members of an object in order; a second one of the same name is an error, which `serde_json` alone would not say.
struct Members(Vec<(String, Value)>);

/// A value none of whose objects has a member twice.
struct Once(Value);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Distinct;
        impl<'de> Visitor<'de> for Distinct {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with each member once")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members: Vec<(String, Value)> = Vec::new();
                while let Some((name, Once(value))) = map.next_entry::<String, Once>()? {
                    if members.len() >= MAX_MEMBERS || members.iter().any(|(have, _)| *have == name) {
                        return Err(serde::de::Error::custom("duplicate or too many"));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Distinct)
    }
}

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Once;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value whose objects have each member once")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Once, A::Error> {
                let Members(members) = Members::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Once(Value::Object(members.into_iter().collect())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Once, A::Error> {
                // No member is a list: what is in it does not matter, only that it is one.
                while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                Ok(Once(Value::Array(Vec::new())))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Once, E> {
                Ok(Once(Value::String(text.into())))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Once, E> {
                Ok(Once(number.into()))
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Once, E> {
                Ok(Once(number.into()))
            }

            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Once, E> {
                Ok(Once(number.into()))
            }

            fn visit_bool<E: serde::de::Error>(self, flag: bool) -> Result<Once, E> {
                Ok(Once(flag.into()))
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Once, E> {
                Ok(Once(Value::Null))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(body: &str, code: &str) {
        assert_eq!(read(body.as_bytes(), &["articleId"]).unwrap_err().code(), code, "{body}");
    }

    #[test]
    fn every_member_is_optional() {
        assert_eq!(read(b"{}", &[]), Ok(Body { route: None, what: UploadRequest::described() }));
        let body = read(
            br#" {"contentType":"image/jpeg","contentLength":9007199254740992,"fileName":"a.jpg",
                 "checksum":{"sha256":"x="},"route":"avatars","contentDisposition":"inline",
                 "metadata":{"a":"b"},"tags":{"k":"v"},"articleId":"7"} "#,
            &["articleId"],
        );
        let what = UploadRequest::described()
            .with_content_type("image/jpeg")
            .with_content_length(1 << 53)
            .with_file_name("a.jpg")
            .with_checksum("sha256", "x=")
            .with_content_disposition("inline")
            .with_metadata("a", "b")
            .with_tag("k", "v")
            .with_id("articleId", "7");
        assert_eq!(body, Ok(Body { route: Some("avatars".into()), what }));
    }

    #[test]
    fn a_route_alone_says_nothing_about_the_file() {
        let body = read(br#"{"route":"avatars"}"#, &[]).unwrap();
        assert!(body.what.is_bodyless());
        assert_eq!(body.route.as_deref(), Some("avatars"));
    }

    #[test]
    fn what_is_no_upload_request() {
        for body in ["{", "{} x", "{}{}", "\u{feff}{}", "{'a':1}", "nul", "{\"contentType\":\"\\ud800\"}"] {
            refused(body, "body-syntax");
        }
        assert_eq!(read(b"{\"contentType\":\"\xff\"}", &[]), Err(InvalidBody::Syntax));
        for body in ["null", "[]", "7", "\"{}\"", "[{}]", "true"] {
            refused(body, "body-not-object");
        }
        refused(r#"{"contentType":"a/b","contentType":"a/b"}"#, "body-duplicate-member");
        refused(r#"{"contentType":"a/b","content\u0054ype":"a/b"}"#, "body-duplicate-member");
        refused(r#"{"key":"x"}"#, "body-unknown-member");
        refused(r#"{"ContentType":"x"}"#, "body-unknown-member");
        refused(r#"{"articleID":"x"}"#, "body-unknown-member");
        refused(r#"{"metadata":{"a":"1","a":"2"}}"#, "body-duplicate-member");
        refused(r#"{"articleId":"1","articleId":"1"}"#, "body-duplicate-member");
        refused(r#"{"articleId":7}"#, "body-member-type");
        let many: Vec<String> = (0..33).map(|n| format!("\"k{n}\":\"v\"")).collect();
        refused(&format!("{{\"metadata\":{{{}}}}}", many.join(",")), "body-too-many-members");
        refused(&format!("{{{}}}", many.join(",")), "body-too-many-members");
        for value in ["null", "1", "[]", "{}", "true"] {
            refused(&format!(r#"{{"contentType":{value}}}"#), "body-member-type");
            refused(&format!(r#"{{"fileName":{value}}}"#), "body-member-type");
            refused(&format!(r#"{{"route":{value}}}"#), "body-member-type");
        }
        for value in ["null", "1", "[]", "[[\"a\",\"b\"]]", r#"{"a":1}"#, r#"{"a":null}"#, r#"{"a":{}}"#] {
            refused(&format!(r#"{{"metadata":{value}}}"#), "body-member-type");
            refused(&format!(r#"{{"tags":{value}}}"#), "body-member-type");
        }
        for value in ["null", "\"\"", "[]", "{}", r#"{"sha256":1}"#, r#"{"sha256":"a","md5":"b"}"#] {
            refused(&format!(r#"{{"checksum":{value}}}"#), "body-member-type");
        }
        for value in ["\"7\"", "7.0", "7.5", "1e3", "-1", "-0", "9007199254740993", "1e400", "null", "true"] {
            let code = read(format!(r#"{{"contentLength":{value}}}"#).as_bytes(), &[]).unwrap_err();
            assert!(matches!(code, InvalidBody::ContentLength | InvalidBody::Syntax), "{value}");
        }
    }

    #[test]
    fn deep_bodies_end_early() {
        refused(&"[".repeat(100_000), "body-syntax");
        refused(&format!("{{\"checksum\":{}", "{\"a\":".repeat(100_000)), "body-syntax");
    }
}
