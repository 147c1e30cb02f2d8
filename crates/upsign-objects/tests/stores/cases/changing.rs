//! CopyObject, PutObjectTagging and DeleteObject.

use futures_util::future::join_all;
use upsign_core::{ObjectKey, Operation};
use upsign_objects::{
    CopyObject, CopySource, DeleteObject, ETag, GetObjectTagging, HeadObject, PutObjectTagging,
};

use crate::cases::{key, ok, refused, same};
use crate::store::{TestBucket, now};

fn source(bucket: &TestBucket, key: &ObjectKey) -> CopySource {
    CopySource::new(bucket.name.clone(), key.clone())
}

fn other_etag() -> ETag {
    "0123456789abcdef0123456789abcdef".parse().unwrap()
}

pub(super) async fn copy_has_the_bytes_and_the_type(bucket: &TestBucket) -> Result<(), String> {
    let (from, to) = (key("copy/from"), key("copy/to"));
    let etag = bucket.put(&from, &[("content-type", "text/x-test")], b"copied").await?;
    let call = CopyObject::new(source(bucket, &from).with_if_match(etag), to.clone()).with_if_absent();
    let copied = ok(bucket.calls.copy_object(&call, now()).await)?;
    let head = ok(bucket.calls.head_object(&HeadObject::new(to.clone()), now()).await)?;
    same(&(&head.etag, head.content_type.as_deref()), &(&copied.etag, Some("text/x-test")))?;
    same(&head.version_id, &copied.version_id)?;
    same(&bucket.bytes(&to).await?, &b"copied".to_vec())
}

pub(super) async fn copy_of_a_key_with_special_characters(bucket: &TestBucket) -> Result<(), String> {
    let (from, to) = (key("copy/a b+c%2Fd&e=f?g#h'é.txt"), key("copy/special/a b+c%2Fd&e=f?g#h'é.txt"));
    bucket.put(&from, &[], b"special").await?;
    ok(bucket.calls.copy_object(&CopyObject::new(source(bucket, &from), to.clone()), now()).await)?;
    same(&bucket.bytes(&to).await?, &b"special".to_vec())
}

pub(super) async fn copy_of_a_missing_object_is_no_such_key(bucket: &TestBucket) -> Result<(), String> {
    let call = CopyObject::new(source(bucket, &key("copy/none")), key("copy/from-none"));
    refused(bucket.calls.copy_object(&call, now()).await, 404, "NoSuchKey")
}

pub(super) async fn copy_of_a_changed_source_is_412(bucket: &TestBucket) -> Result<(), String> {
    let from = key("copy/changed");
    bucket.put(&from, &[], b"changed").await?;
    let call = CopyObject::new(source(bucket, &from).with_if_match(other_etag()), key("copy/from-changed"));
    refused(bucket.calls.copy_object(&call, now()).await, 412, "PreconditionFailed")
}

pub(super) async fn copy_if_absent_keeps_the_object(bucket: &TestBucket) -> Result<(), String> {
    let (from, to) = (key("copy/second"), key("copy/first"));
    bucket.put(&from, &[], b"second").await?;
    bucket.put(&to, &[], b"first").await?;
    let call = CopyObject::new(source(bucket, &from), to.clone()).with_if_absent();
    refused(bucket.calls.copy_object(&call, now()).await, 412, "PreconditionFailed")?;
    same(&bucket.bytes(&to).await?, &b"first".to_vec())
}

pub(super) async fn copy_of_an_old_version(bucket: &TestBucket) -> Result<(), String> {
    let (from, to) = (key("copy/versions"), key("copy/old-version"));
    bucket.put(&from, &[], b"old").await?;
    let old = ok(bucket.calls.head_object(&HeadObject::new(from.clone()), now()).await)?.version_id;
    bucket.put(&from, &[], b"new").await?;
    let old = old.ok_or("the bucket has no versions")?;
    let call = CopyObject::new(source(bucket, &from).with_version_id(old), to.clone());
    ok(bucket.calls.copy_object(&call, now()).await)?;
    same(&bucket.bytes(&to).await?, &b"old".to_vec())
}

/// Of several copies to one key that must not exist, exactly one is stored.
pub(super) async fn one_of_sixteen_copies_if_absent_wins(bucket: &TestBucket) -> Result<(), String> {
    for round in 0..5 {
        let to = key(&format!("copy/won/{round}"));
        let mut calls = Vec::new();
        for number in 0..16 {
            let from = key(&format!("copy/race/{round}/{number}"));
            let etag = bucket.put(&from, &[], format!("source {number}").as_bytes()).await?;
            let source = source(bucket, &from).with_if_match(etag);
            calls.push(CopyObject::new(source, to.clone()).with_if_absent());
        }
        let copies = calls.iter().map(|call| bucket.calls.copy_object(call, now()));
        let copied = join_all(copies).await.into_iter().filter_map(Result::ok).collect::<Vec<_>>();
        same(&copied.len(), &1)?;
        let head = ok(bucket.calls.head_object(&HeadObject::new(to), now()).await)?;
        same(&copied.first().map(|copied| copied.etag.clone()), &Some(head.etag))?;
    }
    Ok(())
}

/// GetObject returns the number of tags.
async fn tag_count(bucket: &TestBucket, key: &ObjectKey) -> Result<String, String> {
    let answer = bucket.send(Operation::GetObject, key, &[], b"").await?;
    let count = answer.headers().get("x-amz-tagging-count");
    Ok(count.map_or("none", |count| count.to_str().unwrap()).to_owned())
}

pub(super) async fn tags_are_replaced(bucket: &TestBucket) -> Result<(), String> {
    let key = key("tags/replaced");
    bucket.put(&key, &[], b"x").await?;
    let tag = async |tags: &[(&str, &str)]| {
        let call = PutObjectTagging::new(key.clone(), tags.iter().copied());
        ok(bucket.calls.put_object_tagging(&call, now()).await)
    };
    tag(&[("scan", "clean"), ("article", "17")]).await?;
    same(&tag_count(bucket, &key).await?.as_str(), &"2")?;
    tag(&[("scan", "infected")]).await?;
    same(&tag_count(bucket, &key).await?.as_str(), &"1")?;
    tag(&[]).await?;
    same(&tag_count(bucket, &key).await?.as_str(), &"none")
}

pub(super) async fn tags_have_special_characters(bucket: &TestBucket) -> Result<(), String> {
    let key = key("tags/special");
    bucket.put(&key, &[], b"x").await?;
    let call = PutObjectTagging::new(key.clone(), [("a b+c-d=e.f_g:h/i@j", "k é")]);
    ok(bucket.calls.put_object_tagging(&call, now()).await)?;
    same(&tag_count(bucket, &key).await?.as_str(), &"1")?;
    let tags = ok(bucket.calls.get_object_tagging(&GetObjectTagging::new(key), now()).await)?;
    same(&tags.get("a b+c-d=e.f_g:h/i@j"), &Some("k é"))
}

pub(super) async fn tags_of_a_missing_object_is_no_such_key(bucket: &TestBucket) -> Result<(), String> {
    let call = PutObjectTagging::new(key("tags/none"), [("a", "b")]);
    refused(bucket.calls.put_object_tagging(&call, now()).await, 404, "NoSuchKey")
}

pub(super) async fn tags_are_those_of_a_version(bucket: &TestBucket) -> Result<(), String> {
    let key = key("tags/version");
    bucket.put(&key, &[], b"old").await?;
    let old = ok(bucket.calls.head_object(&HeadObject::new(key.clone()), now()).await)?.version_id;
    bucket.put(&key, &[], b"new").await?;
    let old = old.ok_or("the bucket has no versions")?;
    let call = PutObjectTagging::new(key.clone(), [("scan", "clean")]).with_version_id(old.clone());
    ok(bucket.calls.put_object_tagging(&call, now()).await)?;
    same(&tag_count(bucket, &key).await?.as_str(), &"none")?;
    let of_old = GetObjectTagging::new(key.clone()).with_version_id(old);
    let tags = ok(bucket.calls.get_object_tagging(&of_old, now()).await)?;
    same(&tags.get("scan"), &Some("clean"))?;
    let of_new = ok(bucket.calls.get_object_tagging(&GetObjectTagging::new(key), now()).await)?;
    same(&of_new.iter().count(), &0)
}

pub(super) async fn deleted_object_is_gone(bucket: &TestBucket) -> Result<(), String> {
    let key = key("delete/current");
    bucket.put(&key, &[], b"x").await?;
    let deleted = ok(bucket.calls.delete_object(&DeleteObject::current(key.clone()), now()).await)?;
    same(&(deleted.delete_marker, deleted.version_id.is_some()), &(true, true))?;
    let error = bucket.calls.head_object(&HeadObject::new(key), now()).await.unwrap_err();
    same(&error.is_not_found(), &true)
}

pub(super) async fn delete_of_a_missing_object_succeeds(bucket: &TestBucket) -> Result<(), String> {
    ok(bucket.calls.delete_object(&DeleteObject::current(key("delete/none")), now()).await).map(|_| ())
}

pub(super) async fn delete_of_another_entity_tag_is_412(bucket: &TestBucket) -> Result<(), String> {
    let key = key("delete/changed");
    bucket.put(&key, &[], b"old").await?;
    let old = ok(bucket.calls.head_object(&HeadObject::new(key.clone()), now()).await)?.etag;
    bucket.put(&key, &[], b"new").await?;
    let delete = |etag| DeleteObject::current(key.clone()).with_if_match(etag);
    refused(bucket.calls.delete_object(&delete(old), now()).await, 412, "PreconditionFailed")?;
    same(&bucket.bytes(&key).await?, &b"new".to_vec())?;
    let new = ok(bucket.calls.head_object(&HeadObject::new(key.clone()), now()).await)?.etag;
    ok(bucket.calls.delete_object(&delete(new), now()).await)?;
    let error = bucket.calls.head_object(&HeadObject::new(key), now()).await.unwrap_err();
    same(&error.is_not_found(), &true)
}

pub(super) async fn deleted_version_is_gone(bucket: &TestBucket) -> Result<(), String> {
    let key = key("delete/version");
    bucket.put(&key, &[], b"old").await?;
    bucket.put(&key, &[], b"new").await?;
    let head = ok(bucket.calls.head_object(&HeadObject::new(key.clone()), now()).await)?;
    let version = head.version_id.ok_or("the bucket has no versions")?;
    let call = DeleteObject::version(key.clone(), version.clone());
    same(&ok(bucket.calls.delete_object(&call, now()).await)?.version_id, &Some(version))?;
    // Again, as after a lost answer.
    ok(bucket.calls.delete_object(&call, now()).await)?;
    same(&bucket.bytes(&key).await?, &b"old".to_vec())
}
