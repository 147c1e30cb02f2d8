//! The answer to a confirmation.

use upsign_core::ObjectKey;
use upsign_objects::{ETag, VersionId};
use upsign_policy::{Checksum, ContentType};

use crate::confirm::receipt::SignedReceipt;

/// The state of an upload after its bytes should have arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfirmState {
    /// The object is the one that was granted, passed the inspection and can be read. The answer has a receipt.
    Confirmed,
    /// The object differs from what was granted. Upload it again, or begin a new upload.
    Mismatch,
    /// No object has the key. The upload has not arrived, or was deleted.
    Missing,
    /// The inspection refused the object. It stays where no reader can read it until the bucket's lifecycle rule removes it.
    Rejected,
    /// The inspection or the promotion has not ended. Ask again after [`Confirmation::retry_after`] seconds.
    Pending,
}

impl ConfirmState {
    /// Returns the word for the wire, logs and metrics: `confirmed`, `mismatch`, `missing`, `rejected` or `pending`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Mismatch => "mismatch",
            Self::Missing => "missing",
            Self::Rejected => "rejected",
            Self::Pending => "pending",
        }
    }
}

/// Generates the enumeration of reasons and their words from one list.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// Why an upload is not confirmed, as one of a fixed set of words, which is safe as a metric label.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ConfirmReason {
            $($(#[$doc])* $name,)*
        }

        impl ConfirmReason {
            /// All reasons.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns the word for the wire, logs and metrics, such as `content-type`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

reasons! {
    /// Mismatch: the object has another size.
    Size = "size",
    /// Mismatch: the object has another content type.
    ContentType = "content-type",
    /// Mismatch: the object has another checksum, or lacks a required one.
    Checksum = "checksum",
    /// Mismatch: the object is not encrypted as the policy demands.
    Encryption = "encryption",
    /// Mismatch: the object was replaced while it was confirmed, or another object has the final key.
    Changed = "changed",
    /// Rejected: the bytes are those of another type.
    TypeMismatch = "type-mismatch",
    /// Rejected: the inspection does not know the type, so it cannot compare it.
    UnknownType = "unknown-type",
    /// Rejected: the file contains scripts or other content that a reader would execute.
    ActiveContent = "active-content",
    /// Rejected: the file is valid as two types.
    Polyglot = "polyglot",
    /// Rejected: the file is an archive where a document is expected, or the other way around.
    Archive = "archive",
    /// Rejected: the file ends too early.
    Truncated = "truncated",
    /// Rejected: a scanner found malware.
    Malware = "malware",
    /// Rejected: the application's own inspection refused the object.
    Application = "application",
    /// Pending: the inspection has not ended.
    Inspecting = "inspecting",
    /// Pending: it is not known yet whether the copy to the final key exists.
    Promoting = "promoting",
}

impl ConfirmReason {
    /// Returns the state that this reason explains.
    #[must_use]
    pub const fn state(self) -> ConfirmState {
        match self {
            Self::Size | Self::ContentType | Self::Checksum | Self::Encryption | Self::Changed => {
                ConfirmState::Mismatch
            }
            Self::Inspecting | Self::Promoting => ConfirmState::Pending,
            _ => ConfirmState::Rejected,
        }
    }
}

/// The answer to [`UploadService::confirm_upload`](crate::UploadService::confirm_upload).
///
/// A state other than `confirmed` is not an error: the client may ask again until its upload token expires.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Confirmation {
    /// The state.
    pub state: ConfirmState,
    /// Why the state is not `confirmed`. `None` for `confirmed` and `missing`.
    pub reason: Option<ConfirmReason>,
    /// The key under which readers find the object. It differs from the key of the upload if the route has a pending key.
    pub key: ObjectKey,
    /// The size of the object in bytes. `None` if there is no object.
    pub size: Option<u64>,
    /// The entity tag. `None` if there is no object, or it has no final key yet.
    pub etag: Option<ETag>,
    /// The confirmed version, in a bucket with versioning.
    pub version_id: Option<VersionId>,
    /// The checksum of all bytes, if the store has one.
    pub checksum: Option<Checksum>,
    /// The content type of the object.
    pub content_type: Option<ContentType>,
    /// Whole seconds after which the client asks again. Set for `pending` only.
    pub retry_after: Option<u32>,
    /// The proof of the confirmation, which the application stores. Set for `confirmed` only.
    pub receipt: Option<SignedReceipt>,
    /// `true` if an earlier request had promoted the object to its final key. The client receives the same answer either way.
    pub was_confirmed: bool,
}

impl Confirmation {
    /// Creates an answer without any detail, for tests of code that receives one.
    #[must_use]
    pub const fn new(state: ConfirmState, key: ObjectKey) -> Self {
        Self {
            state,
            reason: None,
            key,
            size: None,
            etag: None,
            version_id: None,
            checksum: None,
            content_type: None,
            retry_after: None,
            receipt: None,
            was_confirmed: false,
        }
    }

    /// Creates the answer for a reason, with the state that it explains.
    #[must_use]
    pub const fn because(reason: ConfirmReason, key: ObjectKey) -> Self {
        let mut answer = Self::new(reason.state(), key);
        answer.reason = Some(reason);
        answer
    }

    /// Returns `true` if the state is `confirmed`.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        matches!(self.state, ConfirmState::Confirmed)
    }
}
