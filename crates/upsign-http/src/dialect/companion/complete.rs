//! The body of `/s3/multipart/UPLOAD/complete`.

use upsign::session::{ClientPart, CompleteRequest, SessionError};
use upsign_core::PartNumber;
use upsign_json::{Json, Object};
use upsign_objects::ETag;

use crate::invalid_body::InvalidBody;

/// The parts that a client of Companion has uploaded.
#[derive(Debug)]
pub(super) struct ListedParts(Vec<(PartNumber, ETag)>);

impl ListedParts {
    /// Reads `{"parts": [{"PartNumber": 1, "ETag": "\"…\""}]}`.
    ///
    /// Other members of a part are left out, because clients may send parts as they were listed to them.
    pub(super) fn read(members: Object<'_>) -> Result<Self, InvalidBody> {
        let mut parts = None;
        for (name, value) in members {
            match (name.as_ref(), value) {
                ("parts", Json::Array(items)) => {
                    parts = Some(items.iter().map(part).collect::<Option<_>>().ok_or(WRONG)?);
                }
                ("parts", _) => return Err(WRONG),
                _ => return Err(InvalidBody::UnknownMember("parts".into())),
            }
        }
        parts.map(Self).ok_or(WRONG)
    }

    /// Returns the request, with the parts in ascending order.
    pub(super) fn into_request(self) -> Result<CompleteRequest, SessionError> {
        let Self(mut parts) = self;
        parts.sort_by_key(|(number, _)| *number);
        let parts = parts.into_iter().map(|(number, etag)| ClientPart::new(number, etag));
        Ok(CompleteRequest::new(parts.collect())?)
    }
}

/// The error of Companion for any other `parts`.
const WRONG: InvalidBody = InvalidBody::Type("parts", "an array of {ETag, PartNumber} objects");

fn part(value: &Json<'_>) -> Option<(PartNumber, ETag)> {
    let part = value.as_object()?;
    let number = PartNumber::new(part.get("PartNumber")?.as_u64()?).ok()?;
    Some((number, part.get("ETag")?.as_str()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use upsign_json::read_object;

    use super::*;
    use crate::upload_body::LIMITS;

    fn read(body: &str) -> Result<ListedParts, InvalidBody> {
        ListedParts::read(read_object(body.as_bytes(), LIMITS).unwrap())
    }

    #[test]
    fn parts_are_read_as_uppy_sends_and_as_companion_lists_them() {
        let sent = r#"{"parts":[{"ETag":"\"b\"","PartNumber":2},{"ETag":"a","PartNumber":1,"Size":5,"LastModified":"x"}]}"#;
        let request = read(sent).unwrap().into_request().unwrap();
        let numbers: Vec<_> = request.parts().iter().map(|part| part.number.get()).collect();
        assert_eq!(numbers, [1, 2]);
        let twice = r#"{"parts":[{"ETag":"a","PartNumber":1},{"ETag":"a","PartNumber":1}]}"#;
        assert!(read(twice).unwrap().into_request().is_err());
    }

    #[test]
    fn anything_else_is_refused() {
        for body in [
            "{}",
            r#"{"parts":{}}"#,
            r#"{"parts":[1]}"#,
            r#"{"parts":[{"ETag":"a"}]}"#,
            r#"{"parts":[{"ETag":"a","PartNumber":0}]}"#,
            r#"{"parts":[{"ETag":"a","PartNumber":10001}]}"#,
            r#"{"parts":[{"ETag":"a","PartNumber":"1"}]}"#,
            r#"{"parts":[{"ETag":"","PartNumber":1}]}"#,
            r#"{"parts":[{"ETag":1,"PartNumber":1}]}"#,
        ] {
            assert_eq!(read(body).err(), Some(WRONG), "{body}");
        }
        assert!(matches!(read(r#"{"parts":[],"x":1}"#), Err(InvalidBody::UnknownMember(_))));
    }
}
