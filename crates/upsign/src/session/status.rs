//! What exists of an upload.

use upsign_core::{ObjectKey, Timestamp};
use upsign_objects::UploadedPart;
use upsign_policy::PlannedSize;

use crate::session::complete::CompletedObject;
use crate::session::ranges::PartRanges;

/// What exists of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadStatus {
    /// The key of the object.
    pub key: ObjectKey,
    /// The size of the object and of its parts.
    pub size: PlannedSize,
    /// The instant from which the upload cannot be continued.
    pub expires_at: Timestamp,
    /// How far the upload is.
    pub state: UploadState,
}

/// How far an upload is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an upload is open, completed, or neither")]
pub enum UploadState {
    /// Parts can be uploaded. A single `PUT` is open until its object exists.
    Open(OpenUpload),
    /// The object exists.
    Completed(CompletedObject),
    /// The upload was aborted, or the store has removed it. Begin again.
    Gone,
}

/// An upload whose parts are not complete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenUpload {
    /// The parts that are uploaded and fit the plan, in ascending order.
    pub parts: Vec<UploadedPart>,
    /// Their size in all.
    pub bytes: u64,
    /// The parts of the plan that are not uploaded, or wrong. If the size of the upload is not known, only those below the
    /// highest one that is uploaded.
    pub missing: PartRanges,
    /// The uploaded parts that contradict the plan: their size is another one, or the plan has no such part. Upload them again.
    pub wrong: PartRanges,
}
