//! What S3 documents for each call, as cases that any implementation can run.

mod changing;
mod integrity;
mod multipart;
mod part_checksums;
mod reading;

use std::fmt::Debug;
use std::pin::Pin;

use upsign_core::{ObjectKey, PartNumber, SignedHeaders, UploadId};
use upsign_objects::{CompletedPart, CreateMultipartUpload, ETag, ObjectError};

use crate::store::{TestBucket, now};

/// A case, which fails with what the store did instead.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) run: for<'a> fn(&'a TestBucket) -> Running<'a>,
}

type Running<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// Lists functions as cases of the same names.
macro_rules! cases {
    ($($module:ident: $($name:ident),*;)*) => {
        &[$($(Case { name: stringify!($name), run: |bucket| Box::pin($module::$name(bucket)) }),*),*]
    };
}

pub(crate) const ALL: &[Case] = cases! {
    reading: head_of_a_missing_object_is_404,
        head_describes_the_object,
        head_returns_the_checksum,
        head_with_another_etag_is_412,
        get_returns_ranges,
        get_returns_the_range_of_a_version,
        get_after_the_end_is_invalid_range,
        get_of_a_missing_object_is_no_such_key,
        get_with_another_etag_is_412,
        wrong_secret_is_signature_does_not_match;
    multipart: upload_is_listed_and_completed,
        all_pages_of_parts_are_listed,
        upload_that_is_gone_is_no_such_upload,
        upload_of_another_key_is_no_such_upload,
        headers_of_the_upload_become_those_of_the_object,
        completing_twice_changes_nothing,
        complete_if_absent_keeps_the_object,
        complete_with_if_match_replaces_that_object_only;
    integrity: part_with_another_etag_is_invalid_part,
        missing_part_is_invalid_part,
        small_part_is_entity_too_small,
        wrong_object_size_is_refused,
        right_object_size_is_accepted,
        full_object_crc64nvme_is_compared,
        full_object_crc32_is_compared;
    part_checksums: part_with_wrong_crc32_is_bad_digest,
        part_with_wrong_crc32c_is_bad_digest,
        part_with_wrong_crc64nvme_is_bad_digest,
        part_with_wrong_sha1_is_bad_digest,
        part_with_wrong_sha256_is_bad_digest,
        part_with_wrong_md5_is_bad_digest;
    changing: copy_has_the_bytes_and_the_type,
        copy_of_a_key_with_special_characters,
        copy_of_a_missing_object_is_no_such_key,
        copy_of_a_changed_source_is_412,
        copy_if_absent_keeps_the_object,
        copy_of_an_old_version,
        one_of_sixteen_copies_if_absent_wins,
        tags_are_replaced,
        tags_have_special_characters,
        tags_of_a_missing_object_is_no_such_key,
        tags_are_those_of_a_version,
        deleted_object_is_gone,
        delete_of_a_missing_object_succeeds,
        delete_of_another_entity_tag_is_412,
        deleted_version_is_gone;
};

/// The smallest part that is not the last.
const FULL_PART: usize = 5 << 20;

fn key(text: &str) -> ObjectKey {
    text.parse().unwrap()
}

/// Fails if the values differ.
fn same<T: PartialEq + Debug>(found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{found:?} instead of {expected:?}")) }
}

/// Fails unless the call failed with this status and code.
fn refused<T: Debug>(result: Result<T, ObjectError>, status: u16, code: &str) -> Result<(), String> {
    match result {
        Ok(value) => Err(format!("succeeded: {value:?}")),
        Err(error) => same(&summary(&error), &format!("{status} {code}").trim_end().to_owned()),
    }
}

fn summary(error: &ObjectError) -> String {
    let Some(store) = error.store() else { return upsign_core::error_chain(error).to_string() };
    let code = store.code().map(|code| format!(" {code}")).unwrap_or_default();
    format!("{}{code}", store.status())
}

/// Fails if the call failed.
fn ok<T>(result: Result<T, ObjectError>) -> Result<T, String> {
    result.map_err(|error| format!("failed: {}", summary(&error)))
}

/// Starts an upload with these headers.
async fn create(bucket: &TestBucket, key: &ObjectKey, headers: &[(&str, &str)]) -> Result<UploadId, String> {
    let mut signed = SignedHeaders::new();
    for (name, value) in headers {
        signed.insert(name, value).unwrap();
    }
    ok(bucket.calls.create_multipart_upload(&CreateMultipartUpload::new(key.clone(), signed), now()).await)
}

/// Starts an upload with one part.
async fn create_with_part(
    bucket: &TestBucket,
    key: &ObjectKey,
    body: &[u8],
) -> Result<(UploadId, CompletedPart), String> {
    let id = create(bucket, key, &[]).await?;
    let etag = bucket.put_part(key, &id, 1, body).await?;
    Ok((id, part(1, etag)))
}

fn part(number: u64, etag: ETag) -> CompletedPart {
    CompletedPart::new(PartNumber::new(number).unwrap(), etag)
}
