//! What a token says about an upload.

use upsign_core::{Identity, Issuer, ObjectKey, Resource, Subject, Target, Timestamp, UploadId};
use upsign_policy::{
    Checksum, ContentType, Gate, MultipartChecksum, PlannedSize, ResumeWindow, UploadPolicy,
};

use crate::quota::{QuotaAccount, ReservationId};
use crate::route::RouteName;

/// An upload that can be continued, or looked at, in later requests.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the content of a token; each version has its own set")]
pub struct SessionUpload {
    /// The route through which the upload was authorized, or `None` for the unnamed route.
    pub route: Option<RouteName>,
    /// The bucket or access point of the upload: [`Target::resource`].
    pub bucket: Resource,
    /// The address of the store: [`Target::endpoint_url`]. Two stores can have buckets of the same name.
    pub endpoint: Box<str>,
    /// The key to which the client uploads. [`final_key`](Self::final_key) is the one that readers use.
    pub key: ObjectKey,
    /// How the object is uploaded.
    pub method: SessionMethod,
    /// The content type of the object.
    pub content_type: ContentType,
    /// The size of the object and of its parts. The plan of a single `PUT` has one part.
    pub size: PlannedSize,
    /// The smallest size that the upload permits, if `size` is a maximum. 0 permits every size.
    pub min_size: u64,
    /// The checksum with which the object is uploaded, or `None` if it has none.
    pub checksum: Option<MultipartChecksum>,
    /// The value of this checksum for all bytes, if the request that uploads the object states it.
    pub checksum_value: Option<Checksum>,
    /// What keeps readers from the object until it is confirmed.
    pub gate: SessionGate,
    /// Whose quota the upload counts against, if a quota counts it.
    pub account: Option<QuotaAccount>,
}

/// What keeps readers from the object of a session until it is confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the content of a token; each version has its own set")]
pub enum SessionGate {
    /// Nothing.
    #[default]
    None,
    /// Nobody may read the key of the upload. A confirmed object is copied to this key.
    Pending(ObjectKey),
    /// A confirmed object gets the tag that lets readers in.
    Tag,
}

impl SessionGate {
    /// Returns the gate of an upload with this final key.
    pub(crate) fn of(policy: &UploadPolicy, final_key: &ObjectKey) -> Self {
        match policy.confirmation().gate() {
            Gate::Pending(_) => Self::Pending(final_key.clone()),
            Gate::Tag => Self::Tag,
            _ => Self::None,
        }
    }
}

/// How the object of a session is uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the content of a token; each version has its own set")]
pub enum SessionMethod {
    /// In parts. Holds the id from the answer to `CreateMultipartUpload`.
    Multipart(UploadId),
    /// With one `PUT`. Such an upload has a status and can be confirmed or deleted, nothing else.
    Put,
    /// With one form, likewise.
    Form,
}

/// A request that continues an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionCall {
    /// Asks for the URLs of parts.
    Parts,
    /// Asks which parts exist.
    Status,
    /// Completes the upload.
    Complete,
    /// Aborts the upload.
    Abort,
    /// Confirms that the object is the one that was granted.
    Confirm,
    /// Asks for a URL to read a confirmed object.
    Read,
    /// Deletes the object.
    Delete,
}

impl SessionCall {
    /// Returns a stable word for logs and metrics: `parts`, `status`, `complete`, `abort`, `confirm`, `read-url` or
    /// `delete`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parts => "parts",
            Self::Status => "status",
            Self::Complete => "complete",
            Self::Abort => "abort",
            Self::Confirm => "confirm",
            Self::Read => "read-url",
            Self::Delete => "delete",
        }
    }
}

impl SessionUpload {
    /// Returns the id of the multipart upload, or `None` for a single `PUT` or form.
    #[must_use]
    pub const fn upload_id(&self) -> Option<&UploadId> {
        match &self.method {
            SessionMethod::Multipart(id) => Some(id),
            SessionMethod::Put | SessionMethod::Form => None,
        }
    }

    /// Returns the key with which readers find the object once it is confirmed.
    #[must_use]
    pub const fn final_key(&self) -> &ObjectKey {
        match &self.gate {
            SessionGate::Pending(key) => key,
            SessionGate::None | SessionGate::Tag => &self.key,
        }
    }

    /// Returns the id under which a quota counts the upload.
    #[must_use]
    pub fn reservation_id(&self) -> ReservationId {
        ReservationId::of(self.bucket.as_str(), &self.endpoint, &self.key)
    }

    /// Returns `true` if `target` is the bucket of the upload at the same store.
    #[must_use]
    pub fn is_at(&self, target: &Target) -> bool {
        self.bucket == target.resource() && *self.endpoint == *target.endpoint_url()
    }
}

/// An upload, the caller that began it, and how long it can be continued.
///
/// The [module](crate::session) has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadSession {
    pub(super) upload: SessionUpload,
    pub(super) issuer: Issuer,
    pub(super) subject: Subject,
    pub(super) issued_at: Timestamp,
    /// At most [`ResumeWindow::MAX`] after `issued_at`.
    pub(super) expires_at: Timestamp,
}

impl UploadSession {
    /// Begins the session of `caller` at the instant `at`. It expires when `window` has passed.
    #[must_use]
    pub fn begin(upload: SessionUpload, caller: &Identity, at: Timestamp, window: ResumeWindow) -> Self {
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
    pub const fn upload(&self) -> &SessionUpload {
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
