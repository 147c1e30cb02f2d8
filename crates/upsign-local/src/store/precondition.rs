//! Conditional writes.

use s3s::{S3Result, s3_error};

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
    pub(super) fn check(&self, current_etag: Option<&str>) -> S3Result<()> {
        let failed =
            || s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold");
        match (self, current_etag) {
            (Self::None, _) | (Self::Absent, None) | (Self::Present(None), Some(_)) => Ok(()),
            (Self::Present(Some(expected)), Some(etag)) if expected == etag => Ok(()),
            (Self::Present(_), None) => Err(s3_error!(NoSuchKey, "The specified key does not exist.")),
            (Self::Absent | Self::Present(_), Some(_)) => Err(failed()),
        }
    }
}
