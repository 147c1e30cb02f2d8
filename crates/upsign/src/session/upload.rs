//! What a token says about an upload.

use upsign_core::{Identity, Issuer, MultipartPlan, ObjectKey, Resource, Subject, Timestamp, UploadId};
use upsign_policy::{ChecksumAlgorithm, ContentType};

use crate::route::RouteName;
use crate::session::window::ResumeWindow;

/// A multipart upload that was created at the store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the content of a token; each version has its own set")]
pub struct MultipartUpload {
    /// The route through which the upload was authorized, or `None` for the unnamed route.
    pub route: Option<RouteName>,
    /// The bucket or access point of the upload: [`Target::resource`](upsign_core::Target::resource).
    pub bucket: Resource,
    /// The key under which the object will be stored.
    pub key: ObjectKey,
    /// The id from the answer to `CreateMultipartUpload`.
    pub upload_id: UploadId,
    /// The content type with which the upload was created.
    pub content_type: ContentType,
    /// The size of the object and of its parts.
    pub plan: MultipartPlan,
    /// The checksum algorithm with which the upload was created, or `None` if it has none.
    pub checksum: Option<ChecksumAlgorithm>,
}

/// A multipart upload, the caller that began it, and how long it can be continued.
///
/// The [module](crate::session) has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadSession {
    pub(super) upload: MultipartUpload,
    pub(super) issuer: Issuer,
    pub(super) subject: Subject,
    pub(super) issued_at: Timestamp,
    /// At most [`ResumeWindow::MAX`] after `issued_at`.
    pub(super) expires_at: Timestamp,
}

impl UploadSession {
    /// Begins the session of `caller` at the instant `at`. It expires when `window` has passed.
    #[must_use]
    pub fn begin(upload: MultipartUpload, caller: &Identity, at: Timestamp, window: ResumeWindow) -> Self {
        Self {
            upload,
            issuer: caller.issuer().clone(),
            subject: caller.subject().clone(),
            issued_at: at,
            expires_at: at.saturating_add(window.as_secs()),
        }
    }

    /// Returns the upload.
    #[must_use]
    pub const fn upload(&self) -> &MultipartUpload {
        &self.upload
    }

    /// Returns the issuer of the caller that began the upload.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Returns the subject of the caller that began the upload.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Returns the instant at which the upload began.
    #[must_use]
    pub const fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// Returns the instant from which the upload cannot be continued.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Returns `true` if `caller` began the upload. Subjects are unique only within their issuer, so both are compared.
    #[must_use]
    pub fn belongs_to(&self, caller: &Identity) -> bool {
        self.issuer == *caller.issuer() && self.subject == *caller.subject()
    }
}
