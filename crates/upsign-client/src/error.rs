//! Why an upload failed.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::api::ApiError;
use crate::source::SourceChanged;
use crate::store::StoreRefusal;

/// Why an upload failed. [`code`](Self::code) names the reason for programs.
///
/// The stored parts remain. A multipart upload whose state is stored can be resumed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// The source cannot be read. Its owner can fix it.
    #[error("cannot read {name}")]
    Read {
        /// The name of the source.
        name: String,
        /// The reason.
        #[source]
        source: io::Error,
    },
    /// The source is no longer what it was when the upload began. Begin again.
    #[error(transparent)]
    Changed(#[from] SourceChanged),
    /// The source does not know its size, and the route binds exact sizes. Save the bytes to a file, or ask the operator of the API
    /// for a route with `multipart` and `size_bound = "max"`.
    #[error("the size of {name} is not known, and the route grants only uploads of a known size")]
    UnknownSize {
        /// The name of the source.
        name: String,
        /// The refusal of the API.
        #[source]
        source: ApiError,
    },
    /// The source of unknown size has more bytes than the route allows.
    #[error("{name} has more than {max} bytes, the most that the route allows")]
    TooLarge {
        /// The name of the source.
        name: String,
        /// The maximum size in bytes.
        max: u64,
    },
    /// The API refused a call, or did not answer.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The store refused the bytes.
    #[error("the store refused {what}: {refusal}")]
    Store {
        /// What was sent, such as `part 7`.
        what: String,
        /// The refusal.
        refusal: StoreRefusal,
    },
    /// The store could not be reached, or the connection ended before the answer.
    #[error("sending {what} to the store failed: {cause}")]
    Connection {
        /// What was sent, such as `part 7`.
        what: String,
        /// The reason, without the URL.
        cause: String,
    },
    /// The answer to an upload in one request was lost, and the store then refused to replace an object. That object probably is
    /// this upload, but the API sent no token with which its status can be requested.
    #[error(
        "the store already has an object {key}, and the answer to an earlier attempt was lost: it may be this upload"
    )]
    PutUncertain {
        /// The key of the object.
        key: String,
    },
    /// The store has an object of the same size with this key, but neither its checksum nor its entity tag shows that it is this
    /// upload. Compare it before uploading again.
    #[error(
        "the store has an object {key} of the same size, but neither its checksum nor its ETag confirms that it is this upload"
    )]
    Unconfirmed {
        /// The key of the object.
        key: String,
    },
    /// The store has another object with this key.
    #[error("the store has another object with the key {key}")]
    ObjectExists {
        /// The key of the object.
        key: String,
    },
    /// The store received other bytes than those that were read, also at a second attempt. The memory, the disk or the network of
    /// one of the machines is faulty.
    #[error("the store received other bytes of {what} than were read: its checksum differs")]
    Corrupted {
        /// What was sent, such as `part 7`.
        what: String,
    },
    /// The store no longer has the multipart upload: it was aborted, or removed because of its age. Begin again.
    #[error("the store no longer has the upload of {key}: it was aborted, or removed because of its age")]
    Gone {
        /// The key that the object would have had.
        key: String,
    },
    /// The upload token has expired, so the upload cannot be continued. Begin again: the state of the upload is removed then. The
    /// store keeps the parts until a lifecycle rule of the bucket removes them.
    #[error("the upload of {key} could be continued until {expires_at} only")]
    Expired {
        /// The key that the object would have had.
        key: String,
        /// When the token expired, as the API wrote it.
        expires_at: String,
    },
    /// A source that can be read only once needs a buffer for each part, and the parts of the route exceed
    /// [`max_buffer`](crate::UploadOptions::max_buffer). Save the bytes to a file, raise the limit, or ask the operator of the API
    /// for a route with a smaller `part_size` or `max_size`.
    #[error(
        "the parts of {name} have {part_size} bytes, but its buffers may have at most {max_buffer} bytes"
    )]
    PartExceedsBuffer {
        /// The name of the source.
        name: String,
        /// The length of a part in bytes.
        part_size: u64,
        /// The maximum in bytes.
        max_buffer: u64,
    },
    /// Another process uploads the same file, and has locked its state.
    #[error("another process uploads this file: it has locked {}", path.display())]
    Busy {
        /// The file with the state.
        path: PathBuf,
    },
    /// The state cannot be read or written.
    #[error("cannot use the state {}", path.display())]
    State {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        #[source]
        source: io::Error,
    },
    /// The state cannot be read, because a newer version of this crate wrote it, or, if the upload is to be aborted, because it is
    /// damaged. It remains. [`StateStore::forget_unreadable`](crate::StateStore::forget_unreadable) removes it.
    #[error("the state {} of the interrupted upload cannot be read: {reason}", path.display())]
    UnreadableState {
        /// The file with the state.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The upload is to begin again, but the interrupted one cannot be aborted. Its state remains, so that it can be resumed or
    /// aborted later, by the caller who began it.
    #[error("the interrupted upload of {key} is kept")]
    NotAborted {
        /// The key that the object would have had.
        key: String,
        /// When the upload can no longer be resumed, as the API wrote it.
        expires_at: String,
        /// Why it cannot be aborted.
        #[source]
        source: ApiError,
    },
    /// The file changed since its upload began. The stored parts are of the old content. Abort that upload, or begin again without
    /// its state.
    #[error("{name} changed since its upload began: {what}")]
    ChangedSince {
        /// The name of the file.
        name: String,
        /// What differs.
        what: String,
    },
    /// The API looked at the object, and it is not what was declared: its size, type, checksum or encryption differs. It is not
    /// confirmed, and the application does not accept it. Upload again.
    #[error("the stored object {key} is not what was declared: its {reason} differs")]
    Mismatch {
        /// The key that was granted.
        key: String,
        /// What differs, as the API wrote it, such as `size`.
        reason: String,
    },
    /// The API inspected the content of the object and rejected it. The object does not become readable. Its owner can upload
    /// another file.
    #[error("the API inspected {key} and rejected it: {reason}")]
    Rejected {
        /// The key that was granted.
        key: String,
        /// Why, as the API wrote it, such as `type-mismatch`.
        reason: String,
    },
    /// The store answered that it has the bytes, but the API does not find the object. Something removed it in the meantime, such
    /// as a lifecycle rule or another caller of the API.
    #[error("the API does not find the object {key} that was stored")]
    NotFound {
        /// The key that was granted.
        key: String,
    },
    /// The API was still inspecting or moving the object when the time for it
    /// ([`confirm_limit`](crate::UploadOptions::confirm_limit)) was over. The object is stored, and may be confirmed later.
    #[error("the API did not confirm {key} within {limit:?}; the object is stored")]
    NotConfirmedInTime {
        /// The key that was granted.
        key: String,
        /// The limit.
        limit: Duration,
    },
    /// [`Confirm::Required`](crate::Confirm::Required) is set, but the API does not confirm uploads of this route. The object is
    /// stored.
    #[error("the API does not confirm uploads of this route; {key} is stored")]
    NotConfirmable {
        /// The key that was granted.
        key: String,
        /// The refusal, if the API was called.
        #[source]
        source: Option<ApiError>,
    },
    /// The files that are to be uploaded together are of several routes, but a request has one. Upload them separately.
    #[error("the files are of several routes, but one request has one route")]
    SeveralRoutes,
    /// The HTTP client cannot be created, for example because the machine has no CA certificates.
    #[error("cannot create an HTTP client: {0}")]
    Client(String),
}

impl UploadError {
    /// Returns the kind of error, in kebab-case. For errors of the API it is the code of the problem document.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Read { .. } => "unreadable",
            Self::Changed(_) | Self::ChangedSince { .. } => "file-changed",
            Self::UnknownSize { .. } => "unknown-size",
            Self::TooLarge { .. } => "too-large",
            Self::Api(error) => error.code(),
            Self::Store { .. } => "store-refused-upload",
            Self::Connection { .. } => "store-unreachable",
            Self::PutUncertain { .. } => "put-uncertain",
            Self::Unconfirmed { .. } => "upload-unconfirmed",
            Self::ObjectExists { .. } => "object-exists",
            Self::Corrupted { .. } => "checksum-mismatch",
            Self::Gone { .. } => "upload-gone",
            Self::Expired { .. } => "upload-expired",
            Self::PartExceedsBuffer { .. } => "part-exceeds-buffer",
            Self::Busy { .. } => "upload-busy",
            Self::State { .. } => "state-unusable",
            Self::UnreadableState { .. } => "state-unreadable",
            Self::NotAborted { source, .. } => source.code(),
            Self::Mismatch { .. } => "confirm-mismatch",
            Self::Rejected { .. } => "confirm-rejected",
            Self::NotFound { .. } => "confirm-missing",
            Self::NotConfirmedInTime { .. } => "confirm-pending",
            Self::NotConfirmable { .. } => "confirm-not-offered",
            Self::SeveralRoutes => "several-routes",
            Self::Client(_) => "no-client",
        }
    }

    /// Returns whether an attempt to confirm a stored object need not be repeated.
    pub(crate) fn ends_confirmation(&self) -> bool {
        matches!(
            self,
            Self::Mismatch { .. }
                | Self::Rejected { .. }
                | Self::NotFound { .. }
                | Self::NotConfirmable { .. }
        )
    }

    pub(crate) fn read(name: &str) -> impl FnOnce(io::Error) -> Self {
        let name = name.to_owned();
        move |source| Self::Read { name, source }
    }

    pub(crate) fn answer(call: crate::api::ApiCall, reason: impl Into<String>) -> Self {
        Self::Api(ApiError::answer(call, reason))
    }
}
