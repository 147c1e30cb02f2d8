//! Why there is nothing to revoke.

use upsign_core::Timestamp;

use super::MAX_POLICY_BYTES;

/// The reason why no statement was made, or not added to a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationError {
    /// The URL has expired.
    #[error("nothing to revoke: the URL expired at {at}, and S3 refuses it already")]
    Expired {
        /// When it expired.
        at: Timestamp,
    },
    /// All sessions from before the instant have ended.
    #[error(
        "nothing to revoke: sessions from before that instant ended at {at} at the latest, and their URLs with them"
    )]
    SessionsEnded {
        /// When the last of them ended.
        at: Timestamp,
    },
    /// The URL does not lead to a bucket of Amazon S3.
    #[error(
        "the URL does not lead to a bucket of Amazon S3: a bucket policy with these conditions stops nothing there; rotate the access key that signed it"
    )]
    NotS3,
    /// The URL leads to an access point or a directory bucket.
    #[error(
        "the URL leads to an access point or a directory bucket, whose policy has other resources: revoke the session that signed it, or deactivate the access key"
    )]
    NotABucket,
    /// The URL does not name an object.
    #[error(
        "the URL does not name an object: revoke what its signer signed, by its user id or the time of its session"
    )]
    NoKey,
    /// The URL does not state until when it is valid.
    #[error("nothing to revoke: the URL does not state until when it is valid, and S3 refuses such a URL")]
    NoEnd,
    /// No route has keys that name the caller.
    #[error(
        "no route of this bucket has keys with {{sub}}, so that no key shows its caller: revoke by URL, or everything before an instant"
    )]
    CallerNotInKeys,
    /// The subject is empty.
    #[error("the subject of the caller is empty")]
    EmptySubject,
    /// The text is no unique id of IAM.
    #[error(
        "not a unique id of IAM: write AROA…:SESSION of a session, AROA… of a role or AIDA… of a user, as in `aws sts get-caller-identity --query UserId`"
    )]
    UserId,
    /// The text is no name of a bucket.
    #[error("not the name of a bucket")]
    Bucket,
    /// The present policy cannot be read.
    #[error(
        "the present policy is not a policy of a bucket in JSON: write `aws s3api get-bucket-policy --bucket NAME --query Policy --output text` into the file"
    )]
    Policy,
    /// The policy would be too long.
    #[error(
        "the policy with the statement has {bytes} bytes, and S3 takes up to {MAX_POLICY_BYTES}: remove statements that are not needed any more"
    )]
    TooLong {
        /// Its length, without white space.
        bytes: usize,
    },
}

impl RevocationError {
    /// Returns a stable name for programs, such as `expired`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Expired { .. } => "expired",
            Self::SessionsEnded { .. } => "sessions-ended",
            Self::NotS3 => "not-s3",
            Self::NotABucket => "not-a-bucket",
            Self::NoKey => "no-key",
            Self::NoEnd => "no-end",
            Self::CallerNotInKeys => "caller-not-in-keys",
            Self::EmptySubject => "empty-subject",
            Self::UserId => "user-id",
            Self::Bucket => "bucket",
            Self::Policy => "policy",
            Self::TooLong { .. } => "too-long",
        }
    }

    /// Returns whether nothing has to be revoked, because the store refuses the URLs already.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Expired { .. } | Self::SessionsEnded { .. } | Self::NoEnd)
    }
}
