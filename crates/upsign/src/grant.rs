//! The result of a successful request.

use upsign_core::{ExpiresIn, ExpiryPrecision, ObjectKey, PresignedPost, PresignedRequest, Timestamp};
use uuid::Uuid;

/// The right to upload one object.
///
/// Anyone who holds the presigned URL or form in [`upload`](Self::upload) can use it until it expires, so treat a grant as a
/// secret of its caller.
///
/// ```
/// use upsign::{Upload, UploadGrant};
///
/// /// Writes a grant for people. `upsign_http::GrantBody` is the JSON for clients.
/// fn describe(grant: &UploadGrant) -> String {
///     let how = match &grant.upload {
///         Upload::Put(put) => format!("PUT with {} headers", put.headers.len()),
///         Upload::Post(form) => format!("POST a form with {} fields", form.fields.len()),
///         _ => "upload".to_owned(),
///     };
///     format!("{how} to {} within {} seconds", grant.key, grant.expires_in.as_secs())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadGrant {
    /// The key under which the object will be stored.
    pub key: ObjectKey,
    /// The presigned request that uploads the object.
    pub upload: Upload,
    /// The ids that the policy declares, under their wire names (`articleId`): generated for this upload, chosen by the
    /// service or supplied by the client. [`id`](Self::id) returns one of them.
    pub ids: Vec<(Box<str>, Uuid)>,
    /// The lifetime of the grant, counted from the instant it was issued.
    pub expires_in: ExpiresIn,
    /// The instant at which the grant expires.
    pub expires_at: Timestamp,
    /// Whether `expires_at` is exact. It is an upper bound if the expiry of the signing credentials had to be assumed.
    pub expiry_precision: ExpiryPrecision,
}

impl UploadGrant {
    /// Returns a declared id by its wire name, for example `articleId`, or `None` if the policy declares no such id.
    #[must_use]
    pub fn id(&self, wire_name: &str) -> Option<Uuid> {
        self.ids.iter().find(|(name, _)| **name == *wire_name).map(|(_, value)| *value)
    }
}

/// The presigned request that uploads the object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Upload {
    /// A presigned `PUT` request.
    Put(PresignedRequest),
    /// A presigned HTML form, sent as `multipart/form-data`.
    Post(PresignedPost),
}

impl Upload {
    /// Returns the request if the upload is a `PUT`.
    #[must_use]
    pub const fn put(&self) -> Option<&PresignedRequest> {
        match self {
            Self::Put(request) => Some(request),
            Self::Post(_) => None,
        }
    }

    /// Returns the form if the upload is one.
    #[must_use]
    pub const fn post(&self) -> Option<&PresignedPost> {
        match self {
            Self::Put(_) => None,
            Self::Post(form) => Some(form),
        }
    }
}
