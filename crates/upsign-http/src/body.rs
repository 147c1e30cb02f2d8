//! The request body: one flat JSON object, read strictly.

use std::fmt;

use serde::de::{MapAccess, Visitor};
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
    /// A member that means nothing here.
    #[error("the body has an unknown member; known are {0}")]
    UnknownMember(&'static str),
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
            Self::UnknownMember(_) => "body-unknown-member",
            Self::Type(..) => "body-member-type",
            Self::ContentLength => "content-length-invalid",
        }
    }
}

/// What a caller says of the upload; every member may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Described {
    pub(crate) content_type: Option<String>,
    pub(crate) content_length: Option<u64>,
    pub(crate) file_name: Option<String>,
    pub(crate) checksum: Option<(String, String)>,
}

impl From<Described> for UploadRequest {
    fn from(described: Described) -> Self {
        let mut request = Self::described();
        if let Some(content_type) = described.content_type {
            request = request.with_content_type(content_type);
        }
        if let Some(bytes) = described.content_length {
            request = request.with_content_length(bytes);
        }
        if let Some(name) = described.file_name {
            request = request.with_file_name(name);
        }
        if let Some((algorithm, value)) = described.checksum {
            request = request.with_checksum(algorithm, value);
        }
        request
    }
}

const KNOWN: &str = "contentType, contentLength, fileName, checksum";

/// 2^53: from here on a JavaScript number no longer tells neighbours apart.
const MAX_LENGTH: u64 = 1 << 53;

/// Reads a body that is not empty.
pub(crate) fn read(body: &[u8]) -> Result<Described, InvalidBody> {
    let members = match serde_json::from_slice::<Members>(body) {
        Ok(Members(members)) => members,
        Err(error) if error.is_data() && serde_json::from_slice::<Value>(body).is_ok() => {
            let object = matches!(serde_json::from_slice::<Value>(body), Ok(Value::Object(_)));
            return Err(if object { InvalidBody::Duplicate } else { InvalidBody::NotAnObject });
        }
        Err(_) => return Err(InvalidBody::Syntax),
    };
    let mut described = Described::default();
    for (name, value) in members {
        match name.as_str() {
            "contentType" => described.content_type = Some(text("contentType", value)?),
            "contentLength" => described.content_length = Some(length(&value)?),
            "fileName" => described.file_name = Some(text("fileName", value)?),
            "checksum" => described.checksum = Some(checksum(value)?),
            _ => return Err(InvalidBody::UnknownMember(KNOWN)),
        }
    }
    Ok(described)
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
    let Value::Object(members) = value else { return Err(wrong) };
    let mut members = members.into_iter();
    match (members.next(), members.next()) {
        (Some((algorithm, Value::String(value))), None) => Ok((algorithm, value)),
        _ => Err(wrong),
    }
}

/// The members of an object in order; a second one of the same name is an error, which `serde_json` alone would not say.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with each member once")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members: Vec<(String, Value)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if members.len() >= 16 || members.iter().any(|(have, _)| *have == name) {
                        return Err(serde::de::Error::custom("duplicate or too many"));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Once)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(body: &str, code: &str) {
        assert_eq!(read(body.as_bytes()).unwrap_err().code(), code, "{body}");
    }

    #[test]
    fn every_member_is_optional() {
        assert_eq!(read(b"{}"), Ok(Described::default()));
        let described = read(
            br#" {"contentType":"image/jpeg","contentLength":9007199254740992,"fileName":"a.jpg","checksum":{"sha256":"x="}} "#,
        );
        let described = described.unwrap();
        assert_eq!(described.content_type.as_deref(), Some("image/jpeg"));
        assert_eq!(described.content_length, Some(1 << 53));
        assert_eq!(described.file_name.as_deref(), Some("a.jpg"));
        assert_eq!(described.checksum, Some(("sha256".into(), "x=".into())));
    }

    #[test]
    fn what_is_no_upload_request() {
        for body in ["{", "{} x", "{}{}", "\u{feff}{}", "{'a':1}", "nul", "{\"contentType\":\"\\ud800\"}"] {
            refused(body, "body-syntax");
        }
        assert_eq!(read(b"{\"contentType\":\"\xff\"}"), Err(InvalidBody::Syntax));
        for body in ["null", "[]", "7", "\"{}\"", "[{}]", "true"] {
            refused(body, "body-not-object");
        }
        refused(r#"{"contentType":"a/b","contentType":"a/b"}"#, "body-duplicate-member");
        refused(r#"{"contentType":"a/b","content\u0054ype":"a/b"}"#, "body-duplicate-member");
        refused(r#"{"key":"x"}"#, "body-unknown-member");
        refused(r#"{"ContentType":"x"}"#, "body-unknown-member");
        for value in ["null", "1", "[]", "{}", "true"] {
            refused(&format!(r#"{{"contentType":{value}}}"#), "body-member-type");
            refused(&format!(r#"{{"fileName":{value}}}"#), "body-member-type");
        }
        for value in ["null", "\"\"", "[]", "{}", r#"{"sha256":1}"#, r#"{"sha256":"a","md5":"b"}"#] {
            refused(&format!(r#"{{"checksum":{value}}}"#), "body-member-type");
        }
        for value in ["\"7\"", "7.0", "7.5", "1e3", "-1", "-0", "9007199254740993", "1e400", "null", "true"] {
            let code = read(format!(r#"{{"contentLength":{value}}}"#).as_bytes()).unwrap_err();
            assert!(matches!(code, InvalidBody::ContentLength | InvalidBody::Syntax), "{value}");
        }
    }

    #[test]
    fn deep_bodies_end_early() {
        refused(&"[".repeat(100_000), "body-syntax");
        refused(&format!("{{\"checksum\":{}", "{\"a\":".repeat(100_000)), "body-syntax");
    }
}
