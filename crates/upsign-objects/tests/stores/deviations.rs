//! What stores are known to do differently from S3.

use crate::store::Caller::{AwsSigner, Http, Sdk};
use crate::store::StoreName::{Ministack, SeaweedFs};
use crate::store::{Caller, StoreName};

/// A case that fails on a store.
pub(crate) struct Deviation {
    pub(crate) store: StoreName,
    pub(crate) callers: &'static [Caller],
    pub(crate) case: &'static str,
    /// How the message begins with which the case fails.
    pub(crate) found: &'static str,
    /// What the store does.
    pub(crate) behavior: &'static str,
}

const ALL: &[Caller] = &[Http, AwsSigner, Sdk];

const fn row(
    store: StoreName,
    callers: &'static [Caller],
    case: &'static str,
    found: &'static str,
    behavior: &'static str,
) -> Deviation {
    Deviation { store, callers, case, found, behavior }
}

pub(crate) const KNOWN: &[Deviation] = &[
    row(
        SeaweedFs,
        ALL,
        "upload_that_is_gone_is_no_such_upload",
        "\"succeeded, 404 NoSuchUpload, 404 NoSuchUpload\"",
        "answers 204 if an upload is aborted again",
    ),
    row(SeaweedFs, ALL, "wrong_object_size_is_refused", "succeeded: ", "ignores x-amz-mp-object-size"),
    row(
        Ministack,
        ALL,
        "get_returns_the_range_of_a_version",
        "failed: ",
        "answers the whole object if the request names a version",
    ),
    row(Ministack, ALL, "small_part_is_entity_too_small", "succeeded: ", "accepts small parts"),
    row(
        Ministack,
        ALL,
        "copy_if_absent_keeps_the_object",
        "succeeded: ",
        "ignores If-None-Match of CopyObject",
    ),
    row(Ministack, ALL, "one_of_sixteen_copies_if_absent_wins", "16 ", "ignores If-None-Match of CopyObject"),
    row(
        Ministack,
        ALL,
        "full_object_crc64nvme_is_compared",
        "failed: 400 BadDigest",
        "refuses the right checksum of an object, too",
    ),
    row(
        Ministack,
        ALL,
        "full_object_crc32_is_compared",
        "failed: 400 BadDigest",
        "refuses the right checksum of an object, too",
    ),
    row(
        Ministack,
        &[Sdk],
        "wrong_secret_is_signature_does_not_match",
        "\"404 NoSuchKey\"",
        "checks the signature of presigned URLs only",
    ),
];
