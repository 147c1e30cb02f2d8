//! Deletions by receipt and by upload token.

use upsign::confirm::{ConfirmState, DeleteProof};
use upsign::session::TokenRejection;

use super::*;
use crate::store::Fault;

fn deletable(options: ConfirmationOptions) -> ConfirmationOptions {
    options.with_delete(true)
}

async fn confirmed(service: &Service, store: &Store) -> (UploadGrant, String) {
    let grant = grant(service).await;
    store.put(&upload_key(&grant), GOOD, JPEG);
    let answer = confirm(service, &grant).await.unwrap();
    assert_eq!(answer.state, ConfirmState::Confirmed);
    (grant, answer.receipt.unwrap().expose().to_owned())
}

#[tokio::test]
async fn receipt_deletes_its_version_and_no_other() {
    for options in [options(), pending(), tagged()] {
        let store = Store::new(true);
        let service = service(deletable(options), &store);
        let (grant, receipt) = confirmed(&service, &store).await;
        store.put(grant.key.as_str(), b"newer", JPEG);
        for _ in 0..2 {
            let deleted =
                service.delete_upload(&alice(), DeleteProof::Receipt(&receipt), at()).await.unwrap();
            assert_eq!(deleted.key, grant.key);
            let left: Vec<_> = store.versions(grant.key.as_str()).into_iter().map(|it| it.bytes).collect();
            assert_eq!(left, [b"newer"]);
        }
    }
}

#[tokio::test]
async fn receipt_of_an_object_that_was_replaced_deletes_nothing() {
    let store = Store::new(false);
    let service = service(deletable(options()), &store);
    let (grant, receipt) = confirmed(&service, &store).await;
    let alice = alice();
    let delete = || service.delete_upload(&alice, DeleteProof::Receipt(&receipt), at());
    store.put(grant.key.as_str(), EVIL, JPEG);
    let error = delete().await.unwrap_err();
    assert_eq!((error.code(), error.status()), ("object-changed", 409));
    assert!(store.get(grant.key.as_str()).is_some());
    store.put(grant.key.as_str(), GOOD, JPEG);
    for _ in 0..2 {
        delete().await.unwrap();
        assert_eq!(store.get(grant.key.as_str()), None);
    }
}

#[tokio::test]
async fn token_deletes_what_was_uploaded_wherever_it_is() {
    for options in [options(), pending(), tagged()] {
        for is_versioned in [true, false] {
            for promote in [true, false] {
                if !is_versioned && options.gate() == &Gate::Tag {
                    continue;
                }
                let store = Store::new(is_versioned);
                let service = service(deletable(options.clone()), &store);
                let grant = grant(&service).await;
                let key = upload_key(&grant);
                for _ in 0..3 {
                    store.put(&key, GOOD, JPEG);
                }
                if promote {
                    assert!(confirm(&service, &grant).await.unwrap().is_confirmed());
                }
                for _ in 0..2 {
                    let proof = DeleteProof::Token(token(&grant));
                    let deleted = service.delete_upload(&alice(), proof, at()).await.unwrap();
                    assert_eq!(deleted.key, grant.key);
                    assert!(store.keys().is_empty(), "{:?}", store.keys());
                }
                assert_eq!(confirm(&service, &grant).await.unwrap().state, ConfirmState::Missing);
            }
        }
    }
}

#[tokio::test]
async fn only_the_uploader_deletes_and_only_where_the_route_permits_it() {
    let store = Store::new(true);
    let service = service(deletable(options()), &store);
    let (grant, receipt) = confirmed(&service, &store).await;
    let by_bob = service.delete_upload(&bob(), DeleteProof::Receipt(&receipt), at()).await.unwrap_err();
    assert_eq!((by_bob.code(), by_bob.status()), ("forbidden", 403));
    let by_bob = service.delete_upload(&bob(), DeleteProof::Token(token(&grant)), at()).await.unwrap_err();
    assert_eq!(by_bob.code(), "upload-token-invalid");

    let without = super::service(options(), &store);
    let by_receipt = without.delete_upload(&alice(), DeleteProof::Receipt(&receipt), at()).await.unwrap_err();
    assert_eq!(by_receipt.code(), "receipt-invalid");
    let by_token =
        without.delete_upload(&alice(), DeleteProof::Token(token(&grant)), at()).await.unwrap_err();
    let SessionError::Token(invalid) = by_token else { panic!("{by_token}") };
    assert_eq!(invalid.reason(), TokenRejection::NotDeletable);
    assert!(store.get(grant.key.as_str()).is_some());
}

#[tokio::test]
async fn deletion_of_unknown_outcome_is_an_error_that_can_be_repeated() {
    let store = Store::new(true);
    let service = service(deletable(pending()), &store);
    let (grant, receipt) = confirmed(&service, &store).await;
    store.on_call(|_, number, _| if number == 0 { Fault::AnswerLost } else { Fault::None });
    let alice = alice();
    let delete = || service.delete_upload(&alice, DeleteProof::Receipt(&receipt), at());
    let error = delete().await.unwrap_err();
    assert_eq!((error.code(), error.status()), ("store-unavailable", 503));
    delete().await.unwrap();
    assert_eq!(store.get(grant.key.as_str()), None);
}

#[tokio::test]
async fn receipt_does_not_delete_an_object_that_is_put_between_the_look_and_the_deletion() {
    for has_condition in [true, false] {
        let store = Store::new(false);
        let service = service(deletable(options()).with_delete_if_match(has_condition), &store);
        let (grant, receipt) = confirmed(&service, &store).await;
        let key = grant.key.as_str().to_owned();
        store.on_call(move |store, _, name| {
            if name == "DeleteObject" {
                store.put(&key, b"newer", JPEG);
            }
            Fault::None
        });
        let deleted = service.delete_upload(&alice(), DeleteProof::Receipt(&receipt), at()).await;
        let left = store.get(grant.key.as_str()).map(|version| version.bytes);
        if has_condition {
            assert_eq!(deleted.unwrap_err().code(), "object-changed");
            assert_eq!(left.as_deref(), Some(&b"newer"[..]));
        } else {
            // A store without the condition deletes it: two requests are not one.
            assert!(deleted.is_ok() && left.is_none());
        }
    }
}

#[tokio::test]
async fn token_does_not_delete_an_object_of_another_upload_that_is_put_between_the_look_and_the_deletion() {
    for has_condition in [true, false] {
        let store = Store::new(false);
        let service = service(deletable(options()).with_delete_if_match(has_condition), &store);
        let grant = grant(&service).await;
        store.put(&upload_key(&grant), GOOD, JPEG);
        let key = grant.key.as_str().to_owned();
        store.on_call(move |store, _, name| {
            if name == "DeleteObject" {
                store.put(&key, b"of another upload", JPEG);
            }
            Fault::None
        });
        let deleted = service.delete_upload(&alice(), DeleteProof::Token(token(&grant)), at()).await;
        let left = store.get(grant.key.as_str()).map(|version| version.bytes);
        if has_condition {
            assert_eq!(deleted.unwrap_err().code(), "object-exists");
            assert_eq!(left.as_deref(), Some(&b"of another upload"[..]));
        } else {
            // A store without the condition deletes it: two requests are not one.
            assert!(deleted.is_ok() && left.is_none());
        }
    }
}

#[tokio::test]
async fn token_deletes_what_replaced_its_object_if_it_is_as_granted_and_ends_if_it_is_replaced_all_the_time()
{
    for (replacements, expected) in [(0, None), (1, None), (7, None), (100, Some("object-exists"))] {
        let store = Store::new(false);
        let service = service(deletable(options()).with_delete_if_match(true), &store);
        let grant = grant(&service).await;
        store.put(&upload_key(&grant), GOOD, JPEG);
        let key = grant.key.as_str().to_owned();
        let mut left = replacements;
        store.on_call(move |store, number, name| {
            if name == "DeleteObject" && left > 0 {
                left -= 1;
                store.put(&key, format!("{number:04}").as_bytes(), JPEG);
            }
            Fault::None
        });
        let deleted = service.delete_upload(&alice(), DeleteProof::Token(token(&grant)), at()).await;
        assert_eq!(deleted.err().map(|error| error.code()), expected, "{replacements}");
        assert_eq!(store.get(grant.key.as_str()).is_some(), expected.is_some());
    }
}
