//! The course of a multipart upload.

use upsign_objects::{
    AbortMultipartUpload, CompleteMultipartUpload, ETag, HeadObject, ListParts, ObjectError, PartList,
};

use crate::cases::{FULL_PART, create, create_with_part, key, ok, part, refused, same, summary};
use crate::store::{TestBucket, now};

pub(super) async fn upload_is_listed_and_completed(bucket: &TestBucket) -> Result<(), String> {
    let key = key("multipart/a b+c&d=é.bin");
    let id = create(bucket, &key, &[]).await?;
    let list = ListParts::new(key.clone(), id.clone());
    same(&ok(bucket.calls.list_parts(&list, now()).await)?.parts.len(), &0)?;

    let bodies = [vec![b'1'; FULL_PART], vec![b'2'; FULL_PART], b"3".to_vec()];
    let mut etags = Vec::new();
    // The last part first: the list is in the order of the numbers.
    for (number, body) in [1, 2, 3].into_iter().zip(&bodies).rev() {
        etags.insert(0, bucket.put_part(&key, &id, number, body).await?);
    }
    let listed = ok(bucket.calls.list_parts(&list, now()).await)?;
    same(&numbers(&listed), &vec![1, 2, 3])?;
    same(&listed.parts.iter().map(|part| part.size).collect(), &vec![FULL_PART as u64, FULL_PART as u64, 1])?;
    same(&listed.parts.iter().map(|part| part.etag.clone()).collect(), &etags)?;

    let parts = (1..).zip(etags).map(|(number, etag)| part(number, etag));
    let complete = CompleteMultipartUpload::new(key.clone(), id, parts);
    let completed = ok(bucket.calls.complete_multipart_upload(&complete, now()).await)?;
    let head = ok(bucket.calls.head_object(&HeadObject::new(key.clone()), now()).await)?;
    same(&(head.size, &head.etag), &(2 * FULL_PART as u64 + 1, &completed.etag))?;
    same(&head.version_id, &completed.version_id)?;
    same(&(bucket.bytes(&key).await? == bodies.concat()), &true)
}

fn numbers(list: &PartList) -> Vec<u16> {
    list.parts.iter().map(|part| part.number.get()).collect()
}

/// A page has 1,000 parts.
pub(super) async fn all_pages_of_parts_are_listed(bucket: &TestBucket) -> Result<(), String> {
    let key = key("multipart/pages");
    let id = create(bucket, &key, &[]).await?;
    for number in (1..=2_004).step_by(2) {
        bucket.put_part(&key, &id, number, b"x").await?;
    }
    let listed = ok(bucket.calls.list_parts(&ListParts::new(key.clone(), id.clone()), now()).await)?;
    same(&numbers(&listed), &(1..=2_004).step_by(2).collect())?;
    ok(bucket.calls.abort_multipart_upload(&AbortMultipartUpload::new(key, id), now()).await)
}

pub(super) async fn upload_that_is_gone_is_no_such_upload(bucket: &TestBucket) -> Result<(), String> {
    let key = key("multipart/aborted");
    let (id, part) = create_with_part(bucket, &key, b"x").await?;
    let abort = AbortMultipartUpload::new(key.clone(), id.clone());
    ok(bucket.calls.abort_multipart_upload(&abort, now()).await)?;

    let again = bucket.calls.abort_multipart_upload(&abort, now()).await;
    let listed = bucket.calls.list_parts(&ListParts::new(key.clone(), id.clone()), now()).await;
    let complete = CompleteMultipartUpload::new(key, id, [part]);
    let completed = bucket.calls.complete_multipart_upload(&complete, now()).await;
    let found = [outcome(&again), outcome(&listed), outcome(&completed)].join(", ");
    same(&found, &["404 NoSuchUpload"; 3].join(", "))
}

fn outcome<T>(result: &Result<T, ObjectError>) -> String {
    result.as_ref().map_or_else(summary, |_| "succeeded".to_owned())
}

pub(super) async fn upload_of_another_key_is_no_such_upload(bucket: &TestBucket) -> Result<(), String> {
    let (id, part) = create_with_part(bucket, &key("multipart/one"), b"x").await?;
    let listed = bucket.calls.list_parts(&ListParts::new(key("multipart/two"), id.clone()), now()).await;
    let complete = CompleteMultipartUpload::new(key("multipart/two"), id.clone(), [part]);
    let completed = bucket.calls.complete_multipart_upload(&complete, now()).await;
    let abort = AbortMultipartUpload::new(key("multipart/two"), id);
    let aborted = bucket.calls.abort_multipart_upload(&abort, now()).await;
    let found = [outcome(&listed), outcome(&completed), outcome(&aborted)].join(", ");
    same(&found, &["404 NoSuchUpload"; 3].join(", "))
}

pub(super) async fn headers_of_the_upload_become_those_of_the_object(
    bucket: &TestBucket,
) -> Result<(), String> {
    let key = key("multipart/headers");
    let headers = [("content-type", "video/mp4"), ("x-amz-meta-article", "17")];
    let id = create(bucket, &key, &headers).await?;
    let etag = bucket.put_part(&key, &id, 1, b"x").await?;
    let complete = CompleteMultipartUpload::new(key.clone(), id, [part(1, etag)]);
    ok(bucket.calls.complete_multipart_upload(&complete, now()).await)?;
    let head = ok(bucket.calls.head_object(&HeadObject::new(key), now()).await)?;
    same(&head.content_type.as_deref(), &Some("video/mp4"))?;
    same(&head.metadata, &vec![("article".into(), "17".into())])
}

/// The second call, as after a lost answer, is answered like the first, or refused because the upload or the condition is gone.
pub(super) async fn completing_twice_changes_nothing(bucket: &TestBucket) -> Result<(), String> {
    for (name, is_conditional) in [("multipart/twice", false), ("multipart/twice-if-absent", true)] {
        let key = key(name);
        let (id, part) = create_with_part(bucket, &key, b"once").await?;
        let complete = CompleteMultipartUpload::new(key.clone(), id, [part]);
        let complete = if is_conditional { complete.with_if_absent() } else { complete };
        let first = ok(bucket.calls.complete_multipart_upload(&complete, now()).await)?;
        match bucket.calls.complete_multipart_upload(&complete, now()).await {
            Ok(again) => same(&again.etag, &first.etag)?,
            Err(error) if is_conditional && error.is_precondition_failed() => {}
            error => refused(error, 404, "NoSuchUpload")?,
        }
        let head = ok(bucket.calls.head_object(&HeadObject::new(key), now()).await)?;
        same(&(head.etag, head.version_id), &(first.etag, first.version_id))?;
    }
    Ok(())
}

pub(super) async fn complete_if_absent_keeps_the_object(bucket: &TestBucket) -> Result<(), String> {
    let key = key("multipart/if-absent");
    let etag = bucket.put(&key, &[], b"first").await?;
    let (id, part) = create_with_part(bucket, &key, b"second").await?;
    let complete = CompleteMultipartUpload::new(key.clone(), id.clone(), [part]).with_if_absent();
    refused(bucket.calls.complete_multipart_upload(&complete, now()).await, 412, "PreconditionFailed")?;
    let head = ok(bucket.calls.head_object(&HeadObject::new(key.clone()), now()).await)?;
    same(&head.etag, &etag)?;
    // The upload remains, so that a client can abort it.
    same(&ok(bucket.calls.list_parts(&ListParts::new(key, id), now()).await)?.parts.len(), &1)?;

    let absent = super::key("multipart/was-absent");
    let (id, part) = create_with_part(bucket, &absent, b"only").await?;
    let complete = CompleteMultipartUpload::new(absent, id, [part]).with_if_absent();
    ok(bucket.calls.complete_multipart_upload(&complete, now()).await).map(|_| ())
}

pub(super) async fn complete_with_if_match_replaces_that_object_only(
    bucket: &TestBucket,
) -> Result<(), String> {
    let key = key("multipart/if-match");
    let etag = bucket.put(&key, &[], b"first").await?;
    let (id, part) = create_with_part(bucket, &key, b"second").await?;
    let complete = CompleteMultipartUpload::new(key.clone(), id, [part]);
    let other: ETag = "0123456789abcdef0123456789abcdef".parse().unwrap();
    let wrong = complete.clone().with_if_match(other);
    refused(bucket.calls.complete_multipart_upload(&wrong, now()).await, 412, "PreconditionFailed")?;
    ok(bucket.calls.complete_multipart_upload(&complete.with_if_match(etag), now()).await)?;
    same(&bucket.bytes(&key).await?, &b"second".to_vec())
}
