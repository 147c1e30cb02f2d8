//! Answers that are lost: whichever call it is, a repeated request ends with the same confirmed object.

use upsign::confirm::ConfirmState;

use super::*;
use crate::store::Fault;

/// Repeats the request until it is answered with something else than `pending`, as a client does.
async fn repeat(service: &Service, grant: &UploadGrant) -> Confirmation {
    for _ in 0..5 {
        match confirm(service, grant).await {
            Ok(answer) if answer.state != ConfirmState::Pending => return answer,
            Ok(answer) => assert!(answer.retry_after.is_some()),
            Err(error) => assert!(error.retry_after().is_some(), "{error}"),
        }
    }
    confirm(service, grant).await.expect("an end")
}

#[tokio::test]
async fn every_lost_call_is_repaired_by_a_repetition() {
    for options in [options(), pending(), tagged()] {
        for is_versioned in [true, false] {
            if !is_versioned && options.gate() == &Gate::Tag {
                continue;
            }
            for fault in [Fault::Lost, Fault::AnswerLost, Fault::Refused(503, "SlowDown")] {
                for position in 0..8 {
                    let store = Store::new(is_versioned);
                    let service = service(options.clone(), &store);
                    let grant = grant(&service).await;
                    store.put(&upload_key(&grant), GOOD, JPEG);
                    let mut is_over = false;
                    store.on_call(move |_, number, _| {
                        let is_now = number == position && !is_over;
                        is_over |= is_now;
                        if is_now { fault } else { Fault::None }
                    });
                    let answer = repeat(&service, &grant).await;
                    assert_eq!(answer.state, ConfirmState::Confirmed, "{fault:?} {position}");
                    let versions = store.versions(grant.key.as_str());
                    assert_eq!(versions.len(), 1, "{fault:?} {position}");
                    assert_eq!(versions[0].bytes, GOOD);
                    let receipt = answer.receipt.unwrap();
                    store.answer_all();
                    let again = confirm(&service, &grant).await.unwrap();
                    assert_eq!(again.receipt.unwrap(), receipt, "{fault:?} {position}");
                }
            }
        }
    }
}

#[tokio::test]
async fn copy_of_unknown_outcome_is_pending_until_it_is_seen() {
    for (fault, state) in [(Fault::Lost, ConfirmState::Pending), (Fault::AnswerLost, ConfirmState::Confirmed)]
    {
        let store = Store::new(true);
        let service = service(pending(), &store);
        let grant = grant(&service).await;
        store.put(&upload_key(&grant), GOOD, JPEG);
        store.on_call(move |_, _, name| if name == "CopyObject" { fault } else { Fault::None });
        let answer = confirm(&service, &grant).await.unwrap();
        assert_eq!(answer.state, state);
        if state == ConfirmState::Pending {
            assert_eq!((answer.reason, answer.retry_after), (Some(ConfirmReason::Promoting), Some(5)));
        }
    }
}

#[tokio::test]
async fn refusal_that_repeats_is_an_error_of_the_store() {
    for name in ["HeadObject", "GetObject", "CopyObject"] {
        let store = Store::new(true);
        let service = service(pending(), &store);
        let grant = grant(&service).await;
        store.put(&upload_key(&grant), GOOD, JPEG);
        store.on_call(move |_, _, called| match called == name {
            true => Fault::Refused(403, "AccessDenied"),
            false => Fault::None,
        });
        let error = confirm(&service, &grant).await.unwrap_err();
        let expected =
            if name == "GetObject" { ("inspection-unavailable", 503) } else { ("store-refused", 500) };
        assert_eq!((error.code(), error.status()), expected, "{name}");
        assert_eq!(store.get(grant.key.as_str()), None);
    }
}

#[tokio::test]
async fn pending_object_that_cannot_be_deleted_is_confirmed_all_the_same() {
    let store = Store::new(true);
    let service = service(pending(), &store);
    let grant = grant(&service).await;
    store.put(&upload_key(&grant), GOOD, JPEG);
    store.on_call(|_, _, name| match name {
        "DeleteObject" => Fault::Refused(403, "AccessDenied"),
        _ => Fault::None,
    });
    assert_eq!(confirm(&service, &grant).await.unwrap().state, ConfirmState::Confirmed);
    assert_eq!(store.keys().len(), 2);
}
