//! Descriptions of completed objects.

use upsign_objects::{ChecksumType, CompletedUpload, ETag, ObjectHead, VersionId};
use upsign_policy::{ChecksumAlgorithm, ChecksumKind};

use crate::session::checksum::find;
use crate::session::complete::CompletedObject;
use crate::session::stated::Stated;
use crate::session::upload::{SessionMethod, SessionUpload};

/// What a completed upload is described by: the answer that completed it, or a look at the object.
pub(super) struct Evidence {
    size: u64,
    etag: ETag,
    version_id: Option<VersionId>,
    checksums: Vec<upsign_objects::Checksum>,
    checksum_type: Option<ChecksumType>,
    was_complete: bool,
}

impl Evidence {
    pub(super) fn of_answer(answer: CompletedUpload, size: u64) -> Self {
        let CompletedUpload { etag, version_id, checksums, checksum_type, .. } = answer;
        Self { size, etag, version_id, checksums, checksum_type, was_complete: false }
    }

    pub(super) fn of_object(head: ObjectHead) -> Self {
        let ObjectHead { size, etag, version_id, checksums, checksum_type, .. } = head;
        Self { size, etag, version_id, checksums, checksum_type, was_complete: true }
    }

    /// Returns the description of the object. It does not depend on the kind of evidence, because a client that repeats its
    /// request must get an equal answer.
    pub(super) fn describe(self, upload: &SessionUpload, stated: Option<&Stated>) -> CompletedObject {
        let stored = match (upload.checksum, &upload.method) {
            _ if self.checksum_type == Some(ChecksumType::Composite) => None,
            (Some(checksum), _) if checksum.kind == ChecksumKind::FullObject => {
                find(&self.checksums, checksum.algorithm)
            }
            // S3 computes a checksum of objects that are stored without one, with which the client compares its bytes.
            (None, SessionMethod::Put | SessionMethod::Form) => {
                ChecksumAlgorithm::ALL.into_iter().find_map(|algorithm| find(&self.checksums, algorithm))
            }
            _ => None,
        };
        // The store has compared the stated checksum, so it is that of the object even if an answer leaves it out.
        let checksum = stated.and_then(|stated| stated.checksum.clone()).or(stored);
        CompletedObject {
            key: upload.final_key().clone(),
            size: self.size,
            etag: self.etag,
            version_id: self.version_id,
            checksum,
            content_type: upload.content_type.clone(),
            was_complete: self.was_complete,
        }
    }
}
