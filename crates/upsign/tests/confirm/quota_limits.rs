//! What a caller can have confirmed: never more than the limits, whatever was released before.

use upsign::confirm::{ConfirmState, DeleteProof, StoredObjectRef};
use upsign::policy::{Replace, UploadMethod};
use upsign::quota::{FailMode, MemoryQuota, Quota, QuotaLimit, Window};

use super::*;
use crate::store::Fault;

const DAY: u64 = 86_400;

/// A service whose callers may upload up to `objects` objects per day.
fn limited(policy: UploadPolicy, store: &Store, objects: u64) -> Service {
    let limit = QuotaLimit::for_all_routes(Window::DAY).with_objects(objects);
    service_of(policy, store).with_quota(Quota::new(MemoryQuota::new(), FailMode::Closed).with_limit(limit))
}

fn deletable(options: ConfirmationOptions) -> UploadPolicy {
    policy(options.with_delete(true))
}

async fn is_granted_at(service: &Service, at: Timestamp) -> bool {
    match service.issue(&alice(), Some("images"), &image(), at).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.code(), "quota-exceeded");
            false
        }
    }
}

async fn is_granted(service: &Service) -> bool {
    is_granted_at(service, at()).await
}

async fn delete(service: &Service, grant: &UploadGrant, at: Timestamp) {
    service.delete_upload(&alice(), DeleteProof::Token(token(grant)), at).await.unwrap();
}

#[tokio::test]
async fn urls_of_deleted_uploads_do_not_exceed_the_quota() {
    for options in [pending(), tagged()] {
        let store = Store::new(true);
        let service = limited(deletable(options.clone()), &store, 20);
        let mut grants = Vec::new();
        for _ in 0..2 {
            for _ in 0..20 {
                grants.push(grant(&service).await);
            }
            assert!(!is_granted(&service).await);
            if grants.len() == 20 {
                for grant in &grants {
                    delete(&service, grant, at()).await;
                }
            }
        }
        let (mut confirmed, mut refused) = (0, 0);
        for grant in &grants {
            store.put(&upload_key(grant), GOOD, JPEG);
            match confirm(&service, grant).await {
                Ok(answer) if answer.is_confirmed() => confirmed += 1,
                Ok(answer) => panic!("{answer:?}"),
                Err(error) => {
                    refused += 1;
                    assert_eq!(
                        (error.code(), error.status(), error.retry_after()),
                        ("quota-exceeded", 429, Some(86_400))
                    );
                    assert!(!error.is_service_fault());
                }
            }
        }
        assert_eq!((confirmed, refused), (20, 20));
        let confirmed_tag = ("upsign".to_owned(), "confirmed".to_owned());
        let is_readable = |key: &&String| match options.gate() {
            Gate::Pending(_) => key.starts_with("images/"),
            _ => store.get(key).unwrap().tags.contains(&confirmed_tag),
        };
        assert_eq!(store.keys().iter().filter(is_readable).count(), 20);
    }
}

#[tokio::test]
async fn refused_object_is_confirmed_once_the_quota_has_room() {
    let store = Store::new(true);
    let service = limited(deletable(pending()), &store, 1);
    let first = grant(&service).await;
    delete(&service, &first, at()).await;
    let second = grant(&service).await;
    store.put(&upload_key(&first), GOOD, JPEG);
    assert_eq!(confirm(&service, &first).await.unwrap_err().code(), "quota-exceeded");
    assert!(store.get(first.key.as_str()).is_none() && store.get(&upload_key(&first)).is_some());
    delete(&service, &second, at()).await;
    assert!(confirm(&service, &first).await.unwrap().is_confirmed());
    assert!(!is_granted(&service).await);
}

#[tokio::test]
async fn rejected_upload_is_released_and_what_its_url_uploads_next_is_counted() {
    for options in [pending(), tagged()] {
        let store = Store::new(true);
        let policy = policy_with(options, |builder| builder.replace(Replace::Allow));
        let service = limited(policy, &store, 1);
        let first = grant(&service).await;
        assert!(!is_granted(&service).await);
        store.put(&upload_key(&first), b"longer", JPEG);
        assert_eq!(confirm(&service, &first).await.unwrap().state, ConfirmState::Mismatch);
        assert!(!is_granted(&service).await, "an upload that differs is not rejected");
        store.put(&upload_key(&first), EVIL, JPEG);
        assert_eq!(confirm(&service, &first).await.unwrap().state, ConfirmState::Rejected);
        assert!(is_granted(&service).await);
        store.put(&upload_key(&first), GOOD, JPEG);
        assert_eq!(confirm(&service, &first).await.unwrap_err().code(), "quota-exceeded");
        assert_eq!(store.get(&upload_key(&first)).unwrap().tags, []);
    }
}

#[tokio::test]
async fn without_a_gate_an_upload_is_counted_as_long_as_its_url_can_be_used() {
    let store = Store::new(true);
    let service = limited(deletable(options()), &store, 1);
    let first = grant(&service).await;
    // The URL is valid for 15 minutes, and clocks may differ by as much.
    let lifetime = u64::from(policy(options()).expires_in().as_secs());
    delete(&service, &first, at()).await;
    assert!(!is_granted(&service).await);
    let before = at().saturating_add(lifetime + 899);
    delete(&service, &first, before).await;
    assert!(!is_granted_at(&service, before).await);
    let after = at().saturating_add(lifetime + 900);
    delete(&service, &first, after).await;
    assert!(is_granted_at(&service, after).await);
}

#[tokio::test]
async fn each_version_that_is_confirmed_counts() {
    for options in [options(), tagged()] {
        let store = Store::new(true);
        let service = limited(policy_with(options, |builder| builder.replace(Replace::Allow)), &store, 2);
        let only = grant(&service).await;
        for (bytes, expected) in [(&b"good"[..], true), (b"gold", true), (b"goal", false)] {
            store.put(&upload_key(&only), bytes, JPEG);
            for _ in 0..2 {
                let answer = confirm(&service, &only).await;
                assert_eq!(answer.is_ok_and(|answer| answer.is_confirmed()), expected, "{bytes:?}");
            }
        }
        assert!(!is_granted(&service).await);
    }
}

#[tokio::test]
async fn object_that_is_uploaded_after_the_first_was_deleted_counts() {
    let store = Store::new(false);
    let policy =
        policy_with(pending().with_delete(true), |builder| builder.method(UploadMethod::Post).max_size(30));
    let limit = QuotaLimit::for_all_routes(Window::DAY).with_bytes(40);
    let quota = Quota::new(MemoryQuota::new(), FailMode::Closed).with_limit(limit);
    let service = service_of(policy, &store).with_quota(quota);
    let upload = UploadRequest::described().with_content_type(JPEG);
    let grant = service.issue(&alice(), Some("images"), &upload, at()).await.unwrap();
    let fields = &grant.upload.post().unwrap().fields;
    let key = fields.iter().find(|(name, _)| **name == *"key").unwrap().1.to_string();
    let receipt_of = async |bytes: &[u8]| {
        store.put(&key, bytes, JPEG);
        confirm(&service, &grant).await.map(|answer| answer.receipt.unwrap().expose().to_owned())
    };
    let receipt = receipt_of(GOOD).await.unwrap();
    service.delete_upload(&alice(), DeleteProof::Receipt(&receipt), at()).await.unwrap();
    // 4 bytes are counted. 30 more fit, and no further 30.
    let receipt = receipt_of(&[b'g'; 30]).await.unwrap();
    service.delete_upload(&alice(), DeleteProof::Receipt(&receipt), at()).await.unwrap();
    assert_eq!(receipt_of(&[b'h'; 30]).await.unwrap_err().code(), "quota-exceeded");
}

#[tokio::test]
async fn upload_that_a_sealed_key_alone_confirms_stays_counted() {
    let key = |template: &str| -> upsign::KeyTemplate { template.parse().unwrap() };
    for is_claimed in [false, true] {
        let gate = Gate::Pending(key("pending/{id:sealed}"));
        let options = pending().with_gate(gate).with_claim(is_claimed).with_delete(true);
        let builder = UploadPolicy::builder(target(), key("images/{id:sealed}"), Bodyless::Refuse);
        let policy = builder.content_types([JPEG]).max_size(1_000).confirmation(options).build().unwrap();
        let store = Store::new(true);
        let service = limited(policy, &store, 1);
        let first = grant(&service).await;
        // Neither a deletion nor a rejection releases it: an event could confirm what the URL uploads, without an account.
        delete(&service, &first, at()).await;
        assert_eq!(is_granted(&service).await, is_claimed);
        let object = StoredObjectRef::new("article-images-bucket", upload_key(&first).parse().unwrap());
        if !is_claimed {
            store.put(object.key.as_str(), EVIL, JPEG);
            assert_eq!(confirm(&service, &first).await.unwrap().state, ConfirmState::Rejected);
            assert!(!is_granted(&service).await);
            store.put(object.key.as_str(), GOOD, JPEG);
            let outcome = service.confirm_object(&object, at()).await.unwrap();
            assert!(format!("{outcome:?}").contains("Confirmed("), "{outcome:?}");
            assert!(!is_granted(&service).await);
        }
        assert!(is_granted_at(&service, at().saturating_add(DAY)).await, "another day");
    }
}

#[tokio::test]
async fn object_that_is_replaced_while_it_is_confirmed_stays_counted() {
    for is_versioned in [true, false] {
        for limit in [1, 2, 3] {
            let store = Store::new(is_versioned);
            let service = limited(policy(pending()), &store, limit);
            let first = grant(&service).await;
            let key = upload_key(&first);
            store.put(&key, GOOD, JPEG);
            let mut is_replaced = false;
            store.on_call(move |store, _, name| {
                if name == "CopyObject" && !is_replaced {
                    is_replaced = true;
                    store.remove(&key);
                    store.put(&key, b"gold", JPEG);
                }
                Fault::None
            });
            let answer = confirm(&service, &first).await;
            store.answer_all();
            if limit == 1 {
                assert_eq!(answer.unwrap_err().code(), "quota-exceeded");
                assert_eq!(store.get(first.key.as_str()), None);
            } else {
                assert!(answer.unwrap().is_confirmed());
                assert_eq!(store.get(first.key.as_str()).unwrap().bytes, b"gold");
            }
            assert_eq!(is_granted(&service).await, limit == 3, "two objects are counted");
        }
    }
}
