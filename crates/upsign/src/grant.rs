//! The result of a successful request.

use upsign_core::{ExpiresIn, ExpiryPrecision, ObjectKey, PresignedPost, PresignedRequest, Timestamp};
use upsign_policy::{MultipartChecksum, PlannedSize};
use uuid::Uuid;

use crate::session::UploadToken;

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
///         Upload::Multipart(upload) => format!("PUT {} parts", upload.plan.plan().part_count()),
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
    /// How the object is uploaded.
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
    /// A token with which the client can ask whether the object exists, if the answer to its `PUT` was lost and a repeated one
    /// is refused because the object exists. Only a `PUT` of a policy that allows multipart uploads and never replaces objects
    /// has one.
    pub token: Option<UploadToken>,
    /// Whether the route confirms uploads: the client then has the stored object confirmed with its
    /// [`upload_token`](Self::upload_token), and must not take the upload for a success without that.
    pub confirm: bool,
}

impl UploadGrant {
    /// Returns a declared id by its wire name, for example `articleId`, or `None` if the policy declares no such id.
    #[must_use]
    pub fn id(&self, wire_name: &str) -> Option<Uuid> {
        self.ids.iter().find(|(name, _)| **name == *wire_name).map(|(_, value)| *value)
    }

    /// Returns the token that the client sends in later requests: that of a multipart upload, or the
    /// [`token`](Self::token).
    #[must_use]
    pub const fn upload_token(&self) -> Option<&UploadToken> {
        match &self.upload {
            Upload::Multipart(upload) => Some(&upload.token),
            Upload::Put(_) | Upload::Post(_) => self.token.as_ref(),
        }
    }
}

/// How the object is uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Upload {
    /// A presigned `PUT` request.
    Put(PresignedRequest),
    /// A presigned HTML form, sent as `multipart/form-data`.
    Post(PresignedPost),
    /// A multipart upload, which exists at the store. The client gets the URLs of its parts in later requests.
    Multipart(MultipartGrant),
}

/// A multipart upload that was created at the store.
///
/// The grant's lifetime is that of the upload: how long it can be continued.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MultipartGrant {
    /// The token that the client sends with every later request for this upload.
    pub token: UploadToken,
    /// The size of the object and its division into parts.
    pub plan: PlannedSize,
    /// How many parts the client should send at a time.
    pub parts_at_once: u8,
    /// The checksum with which the upload was created, or `None` if it has none.
    pub checksum: Option<MultipartChecksum>,
}

impl Upload {
    /// Returns the request if the upload is a `PUT`.
    #[must_use]
    pub const fn put(&self) -> Option<&PresignedRequest> {
        match self {
            Self::Put(request) => Some(request),
            Self::Post(_) | Self::Multipart(_) => None,
        }
    }

    /// Returns the form if the upload is one.
    #[must_use]
    pub const fn post(&self) -> Option<&PresignedPost> {
        match self {
            Self::Put(_) | Self::Multipart(_) => None,
            Self::Post(form) => Some(form),
        }
    }

    /// Returns the multipart upload if it is one.
    #[must_use]
    pub const fn multipart(&self) -> Option<&MultipartGrant> {
        match self {
            Self::Put(_) | Self::Post(_) => None,
            Self::Multipart(upload) => Some(upload),
        }
    }
}
