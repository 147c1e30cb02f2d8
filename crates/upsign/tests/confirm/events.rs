//! Objects that events name: what proves that they were granted, and what an expiry announces.

use upsign::confirm::{ConfirmReason, ConfirmState, ObjectOutcome, StoredObjectRef};
use upsign::policy::UploadPolicyBuilder;

use super::*;
use crate::store::Fault;

fn object(key: &str) -> StoredObjectRef {
    StoredObjectRef::new("article-images-bucket", key.parse().unwrap())
}

/// Uploads as the grant demands, with the metadata that it signs.
fn upload(store: &Store, grant: &UploadGrant, bytes: &[u8], content_type: &str) -> String {
    let headers = &grant.upload.put().unwrap().headers;
    let claim = headers.get("x-amz-meta-upsign");
    let metadata: Vec<_> = claim.map(|claim| ("upsign", claim)).into_iter().collect();
    let key = upload_key(grant);
    store.put_with(&key, bytes, content_type, &metadata);
    key
}

async fn handle(service: &Service, key: &str) -> ObjectOutcome {
    service.confirm_object(&object(key), at()).await.unwrap()
}

fn confirmed(outcome: ObjectOutcome) -> Confirmation {
    let confirmation = match outcome {
        ObjectOutcome::Confirmed(confirmation) => Some(*confirmation),
        _ => None,
    };
    confirmation.expect("a proven object")
}

fn sealed(options: ConfirmationOptions) -> UploadPolicy {
    let template = match options.gate() {
        Gate::Pending(_) => Gate::Pending("pending/{id:sealed}.{ext}".parse().unwrap()),
        gate => gate.clone(),
    };
    let options = options.with_gate(template);
    UploadPolicy::builder(target(), "images/{id:sealed}.{ext}".parse().unwrap(), Bodyless::Refuse)
        .content_types([JPEG, "text/html"])
        .max_size(1_000)
        .confirmation(options)
        .build()
        .unwrap()
}

#[tokio::test]
async fn claim_confirms_like_the_token() {
    for options in [options(), pending(), tagged()] {
        let store = Store::new(true);
        let announcer = Announcer::default();
        let service = service(options.with_claim(true), &store).with_announcer(announcer.clone());
        let grant = grant(&service).await;
        let key = upload(&store, &grant, GOOD, JPEG);
        let by_event = confirmed(handle(&service, &key).await);
        assert_eq!(outcome(&by_event), (ConfirmState::Confirmed, None));
        let by_token = confirm(&service, &grant).await.unwrap();
        assert_eq!((&by_event.receipt, &by_event.version_id), (&by_token.receipt, &by_token.version_id));
        let lines = announcer.lines();
        assert!(lines[0].contains("nobody") && lines[1].contains("alice"), "{lines:?}");
        assert_eq!(lines[0].split(' ').next_back(), lines[1].split(' ').next_back(), "one id");
    }
}

#[tokio::test]
async fn claim_states_the_granted_size_and_type() {
    let store = Store::new(true);
    let service = service(pending().with_claim(true), &store);
    let grant = grant(&service).await;
    for (bytes, content_type, expected) in [
        (&b"good!"[..], JPEG, (ConfirmState::Mismatch, Some(ConfirmReason::Size))),
        (GOOD, "text/html", (ConfirmState::Mismatch, Some(ConfirmReason::ContentType))),
        (EVIL, JPEG, (ConfirmState::Rejected, Some(ConfirmReason::Malware))),
    ] {
        let key = upload(&store, &grant, bytes, content_type);
        assert_eq!(outcome(&confirmed(handle(&service, &key).await)), expected);
    }
    assert_eq!(store.get(grant.key.as_str()), None);
}

#[tokio::test]
async fn sealed_key_confirms_within_the_limits_of_the_route() {
    for options in [options(), pending(), tagged()] {
        let store = Store::new(true);
        let service = service_of(sealed(options), &store);
        let grant = grant(&service).await;
        // Another size than the granted one: only the limits of the route are known.
        let key = upload(&store, &grant, b"ok", JPEG);
        let answer = confirmed(handle(&service, &key).await);
        assert_eq!(outcome(&answer), (ConfirmState::Confirmed, None));
        let receipt = keys().verify_receipt(answer.receipt.unwrap().expose(), |_| Some(target())).unwrap();
        assert!(keys().is_owner(&alice(), receipt.owner()));
        let html = upload(&store, &grant, b"ok", "application/x-other");
        let other = confirmed(handle(&service, &html).await);
        let is_promoted = other.was_confirmed;
        assert!(is_promoted || outcome(&other) == (ConfirmState::Mismatch, Some(ConfirmReason::ContentType)));
    }
}

#[tokio::test]
async fn object_without_a_proof_is_observed_and_never_confirmed() {
    for options in [options(), pending(), tagged()] {
        let store = Store::new(true);
        let plain = service(options.clone(), &store);
        let grant = grant(&plain).await;
        let key = upload(&store, &grant, GOOD, JPEG);
        assert!(matches!(handle(&plain, &key).await, ObjectOutcome::Observed(head) if head.size == 4));
        let metadata = [("upsign", "AAAA")];
        store.put_with(&key, GOOD, JPEG, &metadata);
        assert!(matches!(handle(&plain, &key).await, ObjectOutcome::Observed(_)));
        assert!(store.versions(&key).iter().all(|version| version.tags.is_empty()));
        assert!(key == grant.key.as_str() || store.get(grant.key.as_str()).is_none());
    }
}

#[tokio::test]
async fn claim_of_another_object_proves_nothing() {
    let store = Store::new(true);
    let service = service(pending().with_claim(true), &store);
    let (mine, other) = (grant(&service).await, grant(&service).await);
    let claim = mine.upload.put().unwrap().headers.get("x-amz-meta-upsign").unwrap();
    store.put_with(&upload_key(&other), GOOD, JPEG, &[("upsign", claim)]);
    assert!(matches!(handle(&service, &upload_key(&other)).await, ObjectOutcome::Observed(_)));
}

#[tokio::test]
async fn object_of_no_route_is_foreign_without_a_call() {
    let store = Store::new(true);
    let confirming = service(pending(), &store);
    store.answer_all();
    for key in ["other/1.jpg", "pending/a/b.jpg", "pending/1.jpg"] {
        assert!(matches!(handle(&confirming, key).await, ObjectOutcome::Foreign), "{key}");
    }
    let grant = grant(&confirming).await;
    let elsewhere = StoredObjectRef::new("another-bucket", upload_key(&grant).parse().unwrap());
    assert_eq!(confirming.confirm_object(&elsewhere, at()).await.unwrap(), ObjectOutcome::Foreign);
    let without = service(ConfirmationOptions::new(), &store);
    assert_eq!(handle(&without, grant.key.as_str()).await, ObjectOutcome::Foreign);
    assert!(store.calls().is_empty());
}

#[tokio::test]
async fn repeated_and_late_events_give_the_same_answer() {
    let store = Store::new(true);
    let service = service(pending().with_claim(true), &store);
    let grant = grant(&service).await;
    let key = upload(&store, &grant, GOOD, JPEG);
    let version = store.get(&key).unwrap().id.map(|id| id.parse().unwrap());
    let event = object(&key).with_version_id(version);
    let first = confirmed(service.confirm_object(&event, at()).await.unwrap());
    // The pending object is gone, as is its version.
    let second = confirmed(service.confirm_object(&event, at()).await.unwrap());
    assert_eq!((first.receipt, second.was_confirmed), (second.receipt, true));
    // The event of the copy itself.
    assert!(confirmed(handle(&service, grant.key.as_str()).await).was_confirmed);
    store.remove(grant.key.as_str());
    let missing = confirmed(service.confirm_object(&event, at()).await.unwrap());
    assert_eq!(outcome(&missing), (ConfirmState::Missing, None));
}

#[tokio::test]
async fn event_confirms_the_version_that_it_names() {
    let store = Store::new(true);
    let service = service(tagged().with_claim(true), &store);
    let grant = grant(&service).await;
    let key = upload(&store, &grant, GOOD, JPEG);
    let version = store.get(&key).unwrap().id.unwrap();
    upload(&store, &grant, EVIL, JPEG);
    let event = object(&key).with_version_id(Some(version.parse().unwrap()));
    let answer = confirmed(service.confirm_object(&event, at()).await.unwrap());
    assert_eq!(answer.version_id.unwrap().as_str(), version);
    let tags: Vec<_> = store.versions(&key).iter().map(|version| version.tags.len()).collect();
    assert_eq!(tags, [1, 0]);
}

#[tokio::test]
async fn expiry_is_announced_once_for_objects_that_were_never_confirmed() {
    let store = Store::new(true);
    let announcer = Announcer::default();
    let service = service_of(sealed(pending()), &store).with_announcer(announcer.clone());
    let (expired, promoted) = (grant(&service).await, grant(&service).await);
    let key = upload(&store, &promoted, GOOD, JPEG);
    assert!(confirmed(handle(&service, &key).await).is_confirmed());
    for key in [upload_key(&expired), key, promoted.key.as_str().to_owned(), "other/1.jpg".to_owned()] {
        service.expire_object(&object(&key), at()).await.unwrap();
    }
    let marker = object(&upload_key(&expired)).with_version_id(Some("marker".parse().unwrap()));
    service.expire_object(&marker, at()).await.unwrap();
    let lines = announcer.lines();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[1].starts_with(&format!("expired {} nobody", expired.key)), "{lines:?}");
    assert_eq!(lines[1], lines[2], "one id for the marker and the version");
    // One that was uploaded again is not expired.
    upload(&store, &expired, GOOD, JPEG);
    service.expire_object(&object(&upload_key(&expired)), at()).await.unwrap();
    assert_eq!(announcer.lines().len(), 3);
}

#[tokio::test]
async fn rejected_upload_that_expires_is_announced_with_the_same_id() {
    let (store, announcer) = (Store::new(true), Announcer::default());
    let service = service(pending().with_claim(true), &store).with_announcer(announcer.clone());
    let grant = grant(&service).await;
    for bytes in [EVIL, EVIL] {
        let key = upload(&store, &grant, bytes, JPEG);
        assert!(!confirmed(handle(&service, &key).await).is_confirmed());
        store.remove(&key);
        service.expire_object(&object(&key), at()).await.unwrap();
    }
    let lines = announcer.lines();
    let ids: Vec<&str> = lines.iter().map(|line| line.rsplit(' ').next().unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(kinds, ["rejected", "expired", "rejected", "expired"]);
    assert!(ids.iter().all(|id| *id == ids[0]), "{lines:?}");
}

#[tokio::test]
async fn failures_are_errors_so_that_the_event_is_handled_again() {
    let store = Store::new(true);
    let service = service(pending().with_claim(true), &store).with_announcer(Announcer::failing(1));
    let grant = grant(&service).await;
    let key = upload(&store, &grant, GOOD, JPEG);
    store.on_call(|_, number, _| if number == 0 { Fault::Refused(503, "SlowDown") } else { Fault::None });
    assert_eq!(service.confirm_object(&object(&key), at()).await.unwrap_err().code(), "store-unavailable");
    let error = service.confirm_object(&object(&key), at()).await.unwrap_err();
    assert_eq!((error.code(), error.status()), ("announcement-unavailable", 503));
    assert!(confirmed(handle(&service, &key).await).is_confirmed());
}

#[tokio::test]
async fn routes_with_equal_keys_are_told_apart_by_the_proof() {
    let store = Store::new(true);
    let build = |builder: UploadPolicyBuilder| builder.build().unwrap();
    let policy = || {
        let template = "images/{id:sealed}.{ext}".parse().unwrap();
        let builder = UploadPolicy::builder(target(), template, Bodyless::Refuse).content_types([JPEG]);
        build(builder.max_size(1_000).confirmation(options()))
    };
    let routes =
        ["first", "images"].map(|name| Route::named(name.parse().unwrap(), issuer(policy(), &store)));
    let service = UploadService::new(routes).unwrap();
    let grant = grant(&service).await;
    let key = upload(&store, &grant, GOOD, JPEG);
    let answer = confirmed(handle(&service, &key).await);
    let receipt = keys().verify_receipt(answer.receipt.unwrap().expose(), |_| Some(target())).unwrap();
    assert_eq!(receipt.route().unwrap().as_str(), "images");
}
