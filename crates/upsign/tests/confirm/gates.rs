//! Pending keys and tags: what readers find, and what happens if the object is replaced at any moment.

use upsign::confirm::{ConfirmReason, ConfirmState};
use upsign::policy::{TagOptions, Tags};

use super::*;
use crate::store::{Fault, etag_of};

#[tokio::test]
async fn pending_object_moves_to_its_final_key() {
    for is_versioned in [true, false] {
        let store = Store::new(is_versioned);
        let service = service(pending(), &store);
        let grant = grant(&service).await;
        let key = upload_key(&grant);
        assert!(key.starts_with("pending/") && grant.key.as_str().starts_with("images/"), "{key}");
        assert_eq!(confirm(&service, &grant).await.unwrap().state, ConfirmState::Missing);
        store.put(&key, GOOD, JPEG);
        let first = confirm(&service, &grant).await.unwrap();
        assert_eq!(outcome(&first), (ConfirmState::Confirmed, None));
        assert_eq!((&first.key, first.was_confirmed), (&grant.key, false));
        assert_eq!(first.etag, Some(etag_of(GOOD)));
        assert_eq!(store.keys(), [grant.key.as_str()]);
        assert_eq!(
            first.version_id.as_ref().map(|it| it.as_str().to_owned()),
            store.get(grant.key.as_str()).unwrap().id
        );

        let again = confirm(&service, &grant).await.unwrap();
        assert!(again.was_confirmed);
        assert_eq!((again.receipt, again.version_id), (first.receipt, first.version_id));
        // What is uploaded to the pending key afterwards stays there.
        store.put(&key, EVIL, JPEG);
        assert_eq!(confirm(&service, &grant).await.unwrap().state, ConfirmState::Confirmed);
        assert_eq!(store.get(grant.key.as_str()).unwrap().bytes, GOOD);
    }
}

#[tokio::test]
async fn verdict_of_the_inspector_decides() {
    for options in [pending(), tagged()] {
        for (bytes, expected, retry_after) in [
            (EVIL, (ConfirmState::Rejected, Some(ConfirmReason::Malware)), None),
            (b"soon", (ConfirmState::Pending, Some(ConfirmReason::Inspecting)), Some(7)),
            // A reason that explains another state.
            (b"size", (ConfirmState::Rejected, Some(ConfirmReason::Application)), None),
        ] {
            let store = Store::new(true);
            let service = service(options.clone(), &store);
            let grant = grant(&service).await;
            store.put(&upload_key(&grant), bytes, JPEG);
            for _ in 0..2 {
                let answer = confirm(&service, &grant).await.unwrap();
                assert_eq!((outcome(&answer), answer.retry_after), (expected, retry_after));
                assert_eq!(answer.receipt, None);
            }
            let readable = readable(&store, &options, grant.key.as_str());
            assert!(readable.is_empty(), "{readable:?}");
        }
        let store = Store::new(true);
        let service = service(options, &store);
        let grant = grant(&service).await;
        store.put(&upload_key(&grant), b"????", JPEG);
        let error = confirm(&service, &grant).await.unwrap_err();
        assert_eq!(
            (error.code(), error.status(), error.retry_after()),
            ("inspection-unavailable", 503, Some(10))
        );
    }
}

/// Returns what readers find under a final key: everything if the gate is a key, what has the tag otherwise.
fn readable(store: &Store, options: &ConfirmationOptions, key: &str) -> Vec<Vec<u8>> {
    let has_tag =
        |tags: &[(String, String)]| tags.iter().any(|(key, value)| key == "upsign" && value == "confirmed");
    let is_readable = |tags: &[(String, String)]| options.gate() != &Gate::Tag || has_tag(tags);
    let versions = store.versions(key).into_iter();
    versions.filter(|version| is_readable(&version.tags)).map(|version| version.bytes).collect()
}

/// Accepts everything.
#[derive(Debug)]
struct Accepting;

#[async_trait]
impl Inspect for Accepting {
    async fn inspect(&self, _: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
        Ok(InspectVerdict::Accept)
    }
}

/// Refuses everything, and before it does, another request has confirmed the upload.
#[derive(Debug)]
struct Overtaken {
    other: Service,
    token: String,
}

#[async_trait]
impl Inspect for Overtaken {
    async fn inspect(&self, _: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
        let answer = self.other.confirm_upload(&alice(), &self.token, at()).await;
        assert!(answer.unwrap().is_confirmed());
        Ok(InspectVerdict::Reject(ConfirmReason::Malware))
    }
}

#[tokio::test]
async fn object_that_was_confirmed_during_its_inspection_is_not_rejected() {
    for (options, is_versioned) in [(pending(), true), (pending(), false), (tagged(), true)] {
        let store = Store::new(is_versioned);
        let service_with = |inspector: Arc<dyn Inspect>| {
            let issuer = UploadIssuer::new(policy(options.clone()), signer()).unwrap();
            let issuer = issuer.with_store(store.clone(), keys()).with_inspector(inspector);
            UploadService::new([Route::named("images".parse().unwrap(), issuer)]).unwrap()
        };
        let other = service_with(Arc::new(Accepting));
        let grant = grant(&other).await;
        store.put(&upload_key(&grant), GOOD, JPEG);
        let overtaken = Overtaken { other, token: token(&grant).to_owned() };
        let answer = confirm(&service_with(Arc::new(overtaken)), &grant).await.unwrap();
        assert_eq!((outcome(&answer), answer.was_confirmed), ((ConfirmState::Confirmed, None), true));
        let again = confirm(&service_with(Arc::new(Accepting)), &grant).await.unwrap();
        assert_eq!((again.receipt, again.was_confirmed), (answer.receipt, true));
        assert_eq!(readable(&store, &options, grant.key.as_str()), [GOOD]);
    }
}

#[tokio::test]
async fn tag_is_set_on_the_confirmed_version_next_to_the_fixed_tags() {
    let mut tags = Tags::new();
    tags.insert("team", "press").unwrap();
    let store = Store::new(true);
    let policy = policy_with(tagged(), |builder| builder.tags(TagOptions::new().fixed(tags)));
    let service = service_of(policy, &store);
    let grant = grant(&service).await;
    let key = upload_key(&grant);
    assert_eq!(key, grant.key.as_str());
    store.put(&key, GOOD, JPEG);
    let first = confirm(&service, &grant).await.unwrap();
    store.put(&key, EVIL, JPEG);
    let second = confirm(&service, &grant).await.unwrap();
    assert_eq!((first.state, second.state), (ConfirmState::Confirmed, ConfirmState::Rejected));
    let tags: Vec<_> = store.versions(&key).into_iter().map(|version| version.tags).collect();
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(
        tags,
        [
            [pair("team", "press"), pair("upsign", "confirmed")],
            [pair("team", "press"), pair("upsign", "rejected")],
        ]
    );
    assert_eq!(first.version_id.unwrap(), *"v1");
}

#[tokio::test]
async fn tag_needs_versions_that_do_not_change() {
    let store = Store::new(false);
    let service = service(tagged(), &store);
    let grant = grant(&service).await;
    store.put(&upload_key(&grant), GOOD, JPEG);
    let error = confirm(&service, &grant).await.unwrap_err();
    assert_eq!((error.code(), error.status(), error.retry_after()), ("versions-required", 500, None));
    assert!(store.get(grant.key.as_str()).unwrap().tags.is_empty());
}

#[tokio::test]
async fn object_that_is_replaced_before_any_call_is_never_readable() {
    for options in [pending(), tagged()] {
        for is_versioned in [true, false] {
            if !is_versioned && options.gate() == &Gate::Tag {
                continue;
            }
            for position in 0..12 {
                let store = Store::new(is_versioned);
                let service = service(options.clone(), &store);
                let grant = grant(&service).await;
                let key = upload_key(&grant);
                store.put(&key, GOOD, JPEG);
                let replaced = key.clone();
                store.on_call(move |store, number, _| {
                    if number == position {
                        store.put(&replaced, EVIL, JPEG);
                    }
                    Fault::None
                });
                let answer = confirm(&service, &grant).await.unwrap();
                store.answer_all();
                // Whatever the first request answered, nobody reads the other object, neither now nor after a repetition.
                for answer in [answer, confirm(&service, &grant).await.unwrap()] {
                    if let Some(version) = &answer.version_id {
                        let versions = store.versions(grant.key.as_str());
                        let named = versions.iter().find(|it| it.id.as_deref() == Some(version.as_str()));
                        assert_eq!(named.unwrap().bytes, GOOD, "call {position}");
                    }
                    if answer.receipt.is_some() {
                        assert_eq!(answer.etag, Some(etag_of(GOOD)), "call {position}");
                    }
                }
                let readable = readable(&store, &options, grant.key.as_str());
                assert!(readable.iter().all(|bytes| bytes == GOOD), "call {position}: {readable:?}");
            }
        }
    }
}

#[tokio::test]
async fn object_that_is_replaced_all_the_time_is_a_mismatch() {
    let store = Store::new(false);
    let service = service(pending(), &store);
    let grant = grant(&service).await;
    let key = upload_key(&grant);
    store.put(&key, GOOD, JPEG);
    let mut round = 0_u8;
    store.on_call(move |store, _, name| {
        if name == "CopyObject" {
            round += 1;
            store.put(&key, &[b'g', b'o', b'o', round], JPEG);
        }
        Fault::None
    });
    let answer = confirm(&service, &grant).await.unwrap();
    assert_eq!(outcome(&answer), (ConfirmState::Mismatch, Some(ConfirmReason::Changed)));
    assert_eq!(store.get(grant.key.as_str()), None);
}

#[tokio::test]
async fn another_object_at_the_final_key_is_neither_confirmed_nor_replaced() {
    let store = Store::new(true);
    let service = service(pending(), &store);
    let grant = grant(&service).await;
    store.put(&upload_key(&grant), GOOD, JPEG);
    store.put(grant.key.as_str(), b"something else", "text/plain");
    let answer = confirm(&service, &grant).await.unwrap();
    assert_eq!(outcome(&answer), (ConfirmState::Mismatch, Some(ConfirmReason::Changed)));
    assert_eq!(store.get(grant.key.as_str()).unwrap().bytes, b"something else");
}

#[tokio::test]
async fn copy_has_both_conditions_and_the_settings_that_s3_does_not_copy() {
    use upsign::policy::{StorageClass, StorageOptions};
    let store = Store::new(true);
    let policy = policy_with(pending(), |builder| {
        builder.storage(StorageOptions::new().storage_class(StorageClass::StandardIa))
    });
    let service = service_of(policy, &store);
    let grant = grant(&service).await;
    // The upload itself does not carry the storage class: the pending object is short-lived.
    assert_eq!(grant.upload.put().unwrap().headers.get("x-amz-storage-class"), None);
    store.put(&upload_key(&grant), GOOD, JPEG);
    assert_eq!(confirm(&service, &grant).await.unwrap().state, ConfirmState::Confirmed);
}

#[tokio::test]
async fn object_that_is_inspected_is_the_one_that_is_copied() {
    // The refused object is looked at and copied, and an accepted one is there while the inspector reads.
    for is_versioned in [true, false] {
        let store = Store::new(is_versioned);
        let service = service(pending(), &store);
        let grant = grant(&service).await;
        let key = upload_key(&grant);
        store.put(&key, EVIL, JPEG);
        store.on_call(move |store, _, name| {
            match name {
                "GetObject" => store.put(&key, GOOD, JPEG),
                "CopyObject" => store.put(&key, EVIL, JPEG),
                _ => {}
            }
            Fault::None
        });
        let answer = confirm(&service, &grant).await.unwrap();
        assert_ne!(answer.state, ConfirmState::Confirmed);
        assert_eq!(store.get(grant.key.as_str()), None);
    }
}

#[tokio::test]
async fn two_requests_promote_one_object() {
    for is_versioned in [true, false] {
        let store = Store::new(is_versioned);
        let service = service(pending(), &store);
        let grant = grant(&service).await;
        store.put(&upload_key(&grant), GOOD, JPEG);
        let final_key = grant.key.as_str().to_owned();
        let mut is_first = true;
        store.on_call(move |store, _, name| {
            if name == "CopyObject" && std::mem::take(&mut is_first) {
                store.put(&final_key, GOOD, JPEG);
            }
            Fault::None
        });
        let answer = confirm(&service, &grant).await.unwrap();
        assert_eq!((answer.state, answer.was_confirmed), (ConfirmState::Confirmed, true));
        assert_eq!(store.versions(grant.key.as_str()).len(), 1);
    }
}

#[tokio::test]
async fn copy_of_another_object_with_the_same_bytes_is_discarded() {
    // In a bucket without versions, only the entity tag pins the source, and the type is not part of it.
    let store = Store::new(false);
    let service = service(pending(), &store);
    let grant = grant(&service).await;
    let key = upload_key(&grant);
    store.put(&key, GOOD, JPEG);
    store.on_call(move |store, _, name| {
        if name == "CopyObject" {
            store.put(&key, GOOD, "text/html");
        }
        Fault::None
    });
    let answer = confirm(&service, &grant).await.unwrap();
    assert_eq!(outcome(&answer), (ConfirmState::Mismatch, Some(ConfirmReason::Changed)));
    assert_eq!(store.get(grant.key.as_str()), None);
}

/// Accepts everything until it has learned of a virus.
#[derive(Clone, Debug, Default)]
struct Learning(Arc<std::sync::atomic::AtomicBool>);

#[async_trait]
impl Inspect for Learning {
    async fn inspect(&self, _: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
        let has_learned = self.0.load(std::sync::atomic::Ordering::Relaxed);
        Ok(if has_learned { InspectVerdict::Reject(ConfirmReason::Malware) } else { InspectVerdict::Accept })
    }
}

#[tokio::test]
async fn confirmed_version_stays_confirmed_when_the_inspector_changes_its_mind() {
    for options in [pending(), tagged()] {
        let (store, scanner) = (Store::new(true), Learning::default());
        let issuer = UploadIssuer::new(policy(options.clone()), signer()).unwrap();
        let issuer = issuer.with_store(store.clone(), keys()).with_inspector(scanner.clone());
        let service = UploadService::new([Route::named("images".parse().unwrap(), issuer)]).unwrap();
        let (first, second) = (grant(&service).await, grant(&service).await);
        for grant in [&first, &second] {
            store.put(&upload_key(grant), GOOD, JPEG);
        }
        let confirmed = confirm(&service, &first).await.unwrap();
        assert!(confirmed.is_confirmed() && !confirmed.was_confirmed);
        scanner.0.store(true, std::sync::atomic::Ordering::Relaxed);
        let again = confirm(&service, &first).await.unwrap();
        assert_eq!((again.state, again.was_confirmed), (ConfirmState::Confirmed, true));
        assert_eq!(again.receipt, confirmed.receipt);
        assert_eq!(readable(&store, &options, first.key.as_str()), [GOOD]);
        // One that was not confirmed before is refused, and accepted once the inspector has changed its mind again.
        assert_eq!(confirm(&service, &second).await.unwrap().state, ConfirmState::Rejected);
        assert!(readable(&store, &options, second.key.as_str()).is_empty());
        scanner.0.store(false, std::sync::atomic::Ordering::Relaxed);
        assert!(confirm(&service, &second).await.unwrap().is_confirmed());
    }
}

#[tokio::test]
async fn wrong_copy_that_a_request_left_is_discarded_and_no_other_object() {
    let store = Store::new(false);
    let service = service(pending(), &store);
    let grant = grant(&service).await;
    let key = upload_key(&grant);
    // The process has ended after it copied an object whose type is not the granted one.
    store.put(&key, GOOD, "text/html");
    store.put(grant.key.as_str(), GOOD, "text/html");
    let answer = confirm(&service, &grant).await.unwrap();
    assert_eq!(outcome(&answer), (ConfirmState::Mismatch, Some(ConfirmReason::Changed)));
    assert_eq!(store.get(grant.key.as_str()), None);
    // The client uploads again, and is confirmed.
    store.put(&key, GOOD, JPEG);
    assert!(confirm(&service, &grant).await.unwrap().is_confirmed());
    // What the application has stored at the key since then stays.
    store.put(grant.key.as_str(), b"edited", "image/webp");
    let answer = confirm(&service, &grant).await.unwrap();
    assert_eq!(outcome(&answer), (ConfirmState::Mismatch, Some(ConfirmReason::Changed)));
    assert_eq!(store.get(grant.key.as_str()).unwrap().bytes, b"edited");
}

#[tokio::test]
async fn object_that_the_application_gave_another_type_is_not_taken_for_a_wrong_copy() {
    let store = Store::new(false);
    let service = service(pending(), &store);
    let grant = grant(&service).await;
    store.put(&upload_key(&grant), GOOD, JPEG);
    assert!(confirm(&service, &grant).await.unwrap().is_confirmed());
    store.put(grant.key.as_str(), GOOD, "image/pjpeg");
    // The URL still works, and its client uploads the same bytes again.
    store.put(&upload_key(&grant), GOOD, JPEG);
    let answer = confirm(&service, &grant).await.unwrap();
    assert_eq!(outcome(&answer), (ConfirmState::Mismatch, Some(ConfirmReason::Changed)));
    assert_eq!(store.get(grant.key.as_str()).unwrap().content_type, "image/pjpeg");
}
