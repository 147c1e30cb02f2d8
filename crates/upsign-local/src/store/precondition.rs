//! Conditional writes.

use s3s::{S3Error, S3Result, s3_error};

use super::versions::no_such_key;
use crate::error_details::WithDetail;

/// A condition on the current object at a key, without which a write fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Precondition {
    /// The write replaces any object.
    None,
    /// `If-None-Match: *`: there is no object.
    Absent,
    /// `If-Match`: there is an object with this ETag; `None` stands for `*`, any ETag.
    Present(Option<String>),
}

impl Precondition {
    /// Checks the condition against the ETag of the current object, if there is one.
    ///
    /// The caller must hold the lock of the index until it has written.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>.
    pub(super) fn check(&self, key: &str, current_etag: Option<&str>) -> S3Result<()> {
        match (self, current_etag) {
            (Self::None, _) | (Self::Absent, None) | (Self::Present(None), Some(_)) => Ok(()),
            (Self::Present(Some(expected)), Some(etag)) if expected == etag => Ok(()),
            (Self::Present(_), None) => Err(no_such_key(key)),
            (Self::Absent, Some(_)) => Err(failed("If-None-Match")),
            (Self::Present(_), Some(_)) => Err(failed("If-Match")),
        }
    }
}

/// Returns the error for a condition that does not hold. S3 names the header.
pub(crate) fn failed(condition: &str) -> S3Error {
    s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
        .with_detail("Condition", condition)
}
