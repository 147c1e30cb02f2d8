//! Checks of the input of an operation that do not depend on the object.

use axum::http::{Extensions, Uri};
use s3s::dto::ETagCondition;
use s3s::{S3Result, s3_error};

use upsign_core::MaxSizeBinding;

use crate::error_details::WithDetail;
use crate::store::notification::RequestId;
use crate::store::precondition::Precondition;

/// Returns the precondition of a write.
///
/// S3 supports `If-None-Match` only with `*`, and not together with `If-Match`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>.
pub(super) fn precondition(
    if_none_match: Option<&ETagCondition>,
    if_match: Option<&ETagCondition>,
) -> S3Result<Precondition> {
    match (if_none_match, if_match) {
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

/// Returns the maximum size in bytes that the query of a `PutObject` binds, as RustFS reads it.
///
/// Source: <https://github.com/rustfs/rustfs/pull/6724>.
pub(super) fn maximum_size(uri: &Uri) -> S3Result<Option<u64>> {
    let prefix = format!("{}=", MaxSizeBinding::RustFs.query_parameter().unwrap_or_default());
    let pairs = uri.query().unwrap_or_default().split('&');
    let mut values = pairs.filter_map(|pair| pair.strip_prefix(&*prefix));
    let Some(value) = values.next() else { return Ok(None) };
    match (value.parse(), values.next()) {
        (Ok(bytes), None) => Ok(Some(bytes)),
        _ => Err(s3_error!(InvalidRequest, "The maximum content length must be one number of bytes")),
    }
}

/// Checks the length of a key. `s3s` checks keys in paths, but not the `key` field of a POST form.
pub(super) fn check_key(key: &str) -> S3Result<()> {
    match key.len() {
        0 => Err(s3_error!(InvalidArgument, "User key must have a length greater than 0.")),
        1..=1_024 => Ok(()),
        bytes => Err(s3_error!(KeyTooLongError, "Your key is too long")
            .with_detail("Size", &bytes.to_string())
            .with_detail("MaxSizeAllowed", "1024")),
    }
}

/// Rejects reads of one part. The store does not keep the boundaries of the parts.
pub(super) fn reject_part_number(part: Option<i32>) -> S3Result<()> {
    match part {
        None => Ok(()),
        Some(_) => Err(s3_error!(NotImplemented, "Reading one part of an object is not implemented")),
    }
}

/// Returns the id of a request, which the handler has added.
pub(super) fn request_id(extensions: &Extensions) -> RequestId {
    extensions.get::<RequestId>().cloned().unwrap_or_default()
}
