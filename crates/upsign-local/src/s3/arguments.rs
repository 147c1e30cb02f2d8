//! What S3 says of the arguments of a call before it looks at the object.

use s3s::dto::ETagCondition;
use s3s::{S3Result, s3_error};

use crate::store::Precondition;

/// S3 takes `If-None-Match: *` alone on a write.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>.
pub(super) fn precondition(
    none_match: Option<&ETagCondition>,
    matches: Option<&ETagCondition>,
) -> S3Result<Precondition> {
    match (none_match, matches) {
        (None, None) => Ok(Precondition::None),
        (Some(ETagCondition::Any), None) => Ok(Precondition::Absent),
        (None, Some(ETagCondition::Any)) => Ok(Precondition::Present(None)),
        (None, Some(ETagCondition::ETag(etag))) => Ok(Precondition::Present(Some(etag.value().to_owned()))),
        (Some(_), _) => Err(s3_error!(
            NotImplemented,
            "A header you provided implies functionality that is not implemented"
        )),
    }
}

/// The key of a form is a field, which s3s does not measure.
pub(super) fn check_key(key: &str) -> S3Result<()> {
    match key.len() {
        0 => Err(s3_error!(InvalidArgument, "User key must have a length greater than 0.")),
        1..=1_024 => Ok(()),
        _ => Err(s3_error!(KeyTooLongError, "Your key is too long")),
    }
}

pub(super) fn refuse_versions(version: Option<&str>) -> S3Result<()> {
    match version {
        None | Some("null") => Ok(()),
        Some(_) => Err(s3_error!(NoSuchVersion, "The specified version does not exist.")),
    }
}

/// An object does not remember where its parts began.
pub(super) fn refuse_part_numbers(part: Option<i32>) -> S3Result<()> {
    match part {
        None => Ok(()),
        Some(_) => Err(s3_error!(NotImplemented, "Reading one part of an object is not implemented")),
    }
}
