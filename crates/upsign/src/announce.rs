//! The extension point that tells other systems what became of an upload.

use std::error::Error;
use std::fmt::{self, Debug};

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use upsign_core::{Identity, ObjectKey, Timestamp};

use crate::confirm::{Confirmation, Owner};

/// Tells other systems that an upload was confirmed, rejected or has expired, for example by a webhook or a queue.
///
/// The service calls it before the client receives its answer. An implementation returns once the announcement cannot be lost
/// any more, for example when a queue has accepted it. If it fails, the client receives 503 and repeats its request, which
/// announces again, so an announcement can arrive more than once. Its [`id`](Announcement::id) is the same each time.
///
/// ```
/// use std::sync::mpsc::SyncSender;
///
/// use upsign::{Announce, AnnounceError, Announcement, async_trait};
///
/// /// Passes the ids of announcements to a thread of this program.
/// #[derive(Debug)]
/// struct ToThread(SyncSender<String>);
///
/// #[async_trait]
/// impl Announce for ToThread {
///     async fn announce(&self, announcement: &Announcement<'_>) -> Result<(), AnnounceError> {
///         self.0.try_send(announcement.id.to_string()).map_err(AnnounceError::new)
///     }
/// }
/// ```
#[async_trait]
pub trait Announce: Debug + Send + Sync {
    /// Passes an announcement on.
    ///
    /// Implementations write
    /// `async fn announce(&self, announcement: &Announcement<'_>) -> Result<(), AnnounceError>`.
    ///
    /// # Errors
    /// Return [`AnnounceError`] if the announcement may be lost. The client receives 503 with `Retry-After`.
    async fn announce(&self, announcement: &Announcement<'_>) -> Result<(), AnnounceError>;
}

/// What became of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AnnouncementKind {
    /// The object is confirmed and can be read.
    Confirmed,
    /// The inspection refused the object.
    Rejected,
    /// The object was not confirmed in time, and the store has removed it.
    Expired,
}

impl AnnouncementKind {
    /// Returns the word for the wire, logs and metrics: `confirmed`, `rejected` or `expired`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
        }
    }
}

/// Identifies an announcement: 16 bytes of SHA-256 over its kind, the bucket, the key, and the version or entity tag. Repeated
/// announcements of one fact have the same id. `Display` writes 32 hexadecimal digits.
///
/// That an upload was rejected and that it has expired are one fact with one id: it ended without being confirmed. The lifecycle rule
/// removes a rejected object too, and its event does not tell why the object was not confirmed. A receiver that ignores ids it
/// has processed keeps the first of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnnouncementId([u8; 16]);

impl AnnouncementId {
    /// Returns the id of an announcement. `version` is the version id, or the entity tag of an object without versions. It has no
    /// effect unless the object was confirmed.
    #[must_use]
    pub fn new(kind: AnnouncementKind, bucket: &str, key: &ObjectKey, version: &str) -> Self {
        let mut hash = Sha256::new();
        let (fact, version) = match kind {
            AnnouncementKind::Confirmed => ("confirmed", version),
            AnnouncementKind::Rejected | AnnouncementKind::Expired => ("unconfirmed", ""),
        };
        for text in [fact, bucket, key.as_str(), version] {
            hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(text);
        }
        let digest: [u8; 32] = hash.finalize().into();
        let (first, _) = digest.split_first_chunk().unwrap_or((&[0; 16], &[]));
        Self(*first)
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for AnnouncementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// One announcement.
///
/// The service creates it. A test of an implementation creates its own with [`new`](Self::new).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Announcement<'a> {
    /// Identifies the announcement; repetitions have an equal id.
    pub id: AnnouncementId,
    /// What became of the upload.
    pub kind: AnnouncementKind,
    /// The name of the bucket, or the ARN of the access point.
    pub bucket: &'a str,
    /// The name of the route, or `None` for the unnamed route.
    pub route: Option<&'a str>,
    /// The key with which readers find the object, or would have.
    pub key: &'a ObjectKey,
    /// The caller, or `None` if an event confirmed the object.
    pub caller: Option<&'a Identity>,
    /// Whose upload it was, if that is known.
    pub owner: Option<Owner>,
    /// The answer to the confirmation. `None` for an expired upload.
    pub confirmation: Option<&'a Confirmation>,
    /// The instant at which the request is judged.
    pub at: Timestamp,
}

impl<'a> Announcement<'a> {
    /// Creates an announcement about an object of the unnamed route, without caller, owner and confirmation. `version` is the
    /// version id, or the entity tag of an object without versions.
    #[must_use]
    pub fn new(
        kind: AnnouncementKind,
        bucket: &'a str,
        key: &'a ObjectKey,
        version: &str,
        at: Timestamp,
    ) -> Self {
        let id = AnnouncementId::new(kind, bucket, key, version);
        Self { id, kind, bucket, route: None, key, caller: None, owner: None, confirmation: None, at }
    }

    /// Sets the name of the route.
    #[must_use]
    pub const fn with_route(self, route: Option<&'a str>) -> Self {
        Self { route, ..self }
    }

    /// Sets the caller.
    #[must_use]
    pub const fn with_caller(self, caller: Option<&'a Identity>) -> Self {
        Self { caller, ..self }
    }

    /// Sets whose upload it was.
    #[must_use]
    pub const fn with_owner(self, owner: Option<Owner>) -> Self {
        Self { owner, ..self }
    }

    /// Sets the answer to the confirmation.
    #[must_use]
    pub const fn with_confirmation(self, confirmation: Option<&'a Confirmation>) -> Self {
        Self { confirmation, ..self }
    }
}

/// The announcement may be lost.
///
/// The source is the implementation's own error. It is written to the log and never sent to the client.
#[derive(Debug, thiserror::Error)]
#[error("what became of the upload could not be announced")]
#[non_exhaustive]
pub struct AnnounceError {
    source: Box<dyn Error + Send + Sync>,
}

impl AnnounceError {
    /// Wraps the implementation's own error, or a message that describes it.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: source.into() }
    }
}
