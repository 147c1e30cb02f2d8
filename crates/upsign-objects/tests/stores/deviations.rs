//! What stores are known to do differently from S3.

use crate::store::Caller::{AwsSigner, Http, Sdk};
use crate::store::StoreName::{Embedded, Ministack, SeaweedFs};
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
const OURS: &[Caller] = &[Http, AwsSigner];

const fn row(
    store: StoreName,
    callers: &'static [Caller],
    case: &'static str,
    found: &'static str,
    behavior: &'static str,
) -> Deviation {
    Deviation { store, callers, case, found, behavior }
}

const NO_COPY: &str = "does not implement CopyObject";
/// The SDK sends no `Content-Length` with CopyObject, which has no body.
const NO_LENGTH: &str = "demands Content-Length of a request without a body";
const NO_TAGS: &str = "does not implement PutObjectTagging";
const NO_VERSIONS: &str = "has no versions";

pub(crate) const KNOWN: &[Deviation] = &[
    row(Embedded, OURS, "copy_has_the_bytes_and_the_type", "failed: 501 NotImplemented", NO_COPY),
    row(Embedded, &[Sdk], "copy_has_the_bytes_and_the_type", "failed: 411 MissingContentLength", NO_LENGTH),
    row(Embedded, OURS, "copy_of_a_key_with_special_characters", "failed: 501 NotImplemented", NO_COPY),
    row(
        Embedded,
        &[Sdk],
        "copy_of_a_key_with_special_characters",
        "failed: 411 MissingContentLength",
        NO_LENGTH,
    ),
    row(Embedded, OURS, "copy_of_a_missing_object_is_no_such_key", "\"501 NotImplemented\"", NO_COPY),
    row(
        Embedded,
        &[Sdk],
        "copy_of_a_missing_object_is_no_such_key",
        "\"411 MissingContentLength\"",
        NO_LENGTH,
    ),
    row(Embedded, OURS, "copy_of_a_changed_source_is_412", "\"501 NotImplemented\"", NO_COPY),
    row(Embedded, &[Sdk], "copy_of_a_changed_source_is_412", "\"411 MissingContentLength\"", NO_LENGTH),
    row(Embedded, OURS, "copy_if_absent_keeps_the_object", "\"501 NotImplemented\"", NO_COPY),
    row(Embedded, &[Sdk], "copy_if_absent_keeps_the_object", "\"411 MissingContentLength\"", NO_LENGTH),
    row(Embedded, ALL, "copy_of_an_old_version", "the bucket has no versions", NO_VERSIONS),
    row(Embedded, ALL, "deleted_version_is_gone", "the bucket has no versions", NO_VERSIONS),
    row(Embedded, ALL, "tags_are_replaced", "failed: 501 NotImplemented", NO_TAGS),
    row(Embedded, ALL, "tags_have_special_characters", "failed: 501 NotImplemented", NO_TAGS),
    row(Embedded, ALL, "tags_of_a_missing_object_is_no_such_key", "\"501 NotImplemented\"", NO_TAGS),
    row(
        SeaweedFs,
        ALL,
        "upload_that_is_gone_is_no_such_upload",
        "\"succeeded, 404 NoSuchUpload, 404 NoSuchUpload\"",
        "answers 204 if an upload is aborted again",
    ),
    row(SeaweedFs, ALL, "wrong_object_size_is_refused", "succeeded: ", "ignores x-amz-mp-object-size"),
    row(Ministack, ALL, "small_part_is_entity_too_small", "succeeded: ", "accepts small parts"),
    row(
        Ministack,
        ALL,
        "copy_if_absent_keeps_the_object",
        "succeeded: ",
        "ignores If-None-Match of CopyObject",
    ),
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
