//! What a caller gets.

use upsign_core::{Bound, ExpiresIn, ObjectKey, PresignedPost, PresignedRequest, Timestamp};
use uuid::Uuid;

/// The right to upload one object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadGrant {
    /// Where the object will be.
    pub key: ObjectKey,
    /// How to send it.
    pub upload: Upload,
    /// The ids the policy declared, under their wire names (`articleId`), freshly drawn for this upload.
    pub named_ids: Vec<(Box<str>, Uuid)>,
    /// How long the grant lives, counted from the instant it was issued.
    pub expires_in: ExpiresIn,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it may end earlier, because nobody knows how long the credentials behind it live.
    pub expires_at_is: Bound,
}

/// The form of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Upload {
    /// One presigned `PUT`.
    Put(PresignedRequest),
    /// One form to post.
    Post(PresignedPost),
}
