//! Events.

use std::fmt;

use upsign::confirm::StoredObjectRef;
use upsign_core::{ObjectKey, Timestamp};
use upsign_objects::{ETag, VersionId};
use upsign_policy::{KeyMismatch, KeyParts, KeyTemplate};

use crate::sequencer::Sequencer;

/// What happened to one object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectEvent {
    /// What happened.
    pub kind: EventKind,
    /// The name of the bucket.
    pub bucket: Box<str>,
    /// The key, decoded.
    pub key: ObjectKey,
    /// The size in bytes. Deletions have none.
    pub size: Option<u64>,
    /// The entity tag. Most deletions have none.
    pub etag: Option<ETag>,
    /// The version, in a bucket with versioning.
    pub version_id: Option<VersionId>,
    /// The order among the events of the key. Only stored and deleted objects have it.
    pub sequencer: Option<Sequencer>,
    /// When S3 finished the request, in whole seconds.
    pub at: Timestamp,
    /// Which way the event came.
    pub source: EventSource,
}

impl ObjectEvent {
    /// Returns the object that the event names, for [`UploadService::confirm_object`](upsign::UploadService::confirm_object) and
    /// `expire_object`.
    #[must_use]
    pub fn object(&self) -> StoredObjectRef {
        StoredObjectRef::new(self.bucket.clone(), self.key.clone())
            .with_version_id(self.version_id.clone())
            .with_etag(self.etag.clone())
            .with_size(self.size)
    }

    /// Reads the key back into the values from which the template of a route made it, for example the user who uploaded.
    ///
    /// # Errors
    /// Returns [`KeyMismatch`] if the template cannot have made the key.
    pub fn parse_key(&self, template: &KeyTemplate) -> Result<KeyParts, KeyMismatch> {
        template.parse_key(self.key.as_str())
    }
}

/// What happened to an object.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// The object was stored: `ObjectCreated:*`.
    Created(Creation),
    /// A request deleted the object: `ObjectRemoved:*`.
    Removed {
        /// Whether a delete marker was added, and the object is still an earlier version.
        delete_marker: bool,
    },
    /// A lifecycle rule deleted the object: `LifecycleExpiration:*`.
    Expired {
        /// Whether a delete marker was added, and the object is still an earlier version.
        delete_marker: bool,
    },
    /// The tags of the object were set or deleted: `ObjectTagging:*`.
    Tagged,
    /// Another event, with its name: that of S3 without `s3:`, or the `detail-type` of EventBridge.
    Other(Box<str>),
}

impl EventKind {
    /// Returns whether the object was stored by an upload. A copy is not an upload: the service grants no copies, and makes them itself to bring
    /// confirmed objects to their keys.
    #[must_use]
    pub fn is_upload(&self) -> bool {
        matches!(self, Self::Created(creation) if *creation != Creation::Copy)
    }

    /// Reads a name such as `ObjectCreated:Put`, with or without `s3:` before it.
    pub(crate) fn of_name(name: &str) -> Self {
        let name = name.strip_prefix("s3:").unwrap_or(name);
        let delete_marker = name.ends_with(":DeleteMarkerCreated");
        match name.split_once(':') {
            Some(("ObjectCreated", method)) => Self::Created(Creation::of_name(method)),
            Some(("ObjectRemoved", _)) => Self::Removed { delete_marker },
            Some(("LifecycleExpiration", _)) => Self::Expired { delete_marker },
            Some(("ObjectTagging", _)) => Self::Tagged,
            _ => Self::Other(shortened(name)),
        }
    }

    /// Reads an event of EventBridge.
    pub(crate) fn of_detail(detail_type: &str, reason: Option<&str>, deletion_type: Option<&str>) -> Self {
        let delete_marker = deletion_type == Some("Delete Marker Created");
        match detail_type {
            "Object Created" => Self::Created(Creation::of_reason(reason.unwrap_or_default())),
            "Object Deleted" if reason == Some("Lifecycle Expiration") => Self::Expired { delete_marker },
            "Object Deleted" => Self::Removed { delete_marker },
            "Object Tags Added" | "Object Tags Deleted" => Self::Tagged,
            other => Self::Other(shortened(other)),
        }
    }
}

/// Returns a name for a log. Those of S3 are shorter.
fn shortened(name: &str) -> Box<str> {
    name.chars().take(64).collect()
}

/// The request that stored an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Creation {
    /// PutObject.
    Put,
    /// A POST form.
    Post,
    /// CopyObject, for example a promotion.
    Copy,
    /// CompleteMultipartUpload.
    CompleteMultipartUpload,
    /// A request of a later version of S3.
    Other,
}

impl Creation {
    fn of_name(name: &str) -> Self {
        match name {
            "Put" => Self::Put,
            "Post" => Self::Post,
            "Copy" => Self::Copy,
            "CompleteMultipartUpload" => Self::CompleteMultipartUpload,
            _ => Self::Other,
        }
    }

    fn of_reason(reason: &str) -> Self {
        match reason {
            "PutObject" => Self::Put,
            "POST Object" => Self::Post,
            "CopyObject" => Self::Copy,
            "CompleteMultipartUpload" => Self::CompleteMultipartUpload,
            _ => Self::Other,
        }
    }
}

/// Which way an event came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventSource {
    /// From S3 directly, or through a subscription of SNS with raw message delivery, which looks the same.
    S3,
    /// Through a topic of SNS.
    Sns,
    /// Through EventBridge.
    EventBridge,
}

impl fmt::Display for EventSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::S3 => "s3",
            Self::Sns => "sns",
            Self::EventBridge => "eventbridge",
        })
    }
}
