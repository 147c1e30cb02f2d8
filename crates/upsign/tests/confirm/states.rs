//! The five states without a gate, and who may confirm.

use upsign::confirm::{ConfirmReason, ConfirmState};
use upsign::policy::{Checksum, ChecksumAlgorithm, Checksums, SizeLimit, UploadMethod};
use upsign::session::{SessionCall, TokenRejection};
use upsign::{Authorize, AuthorizeError, AuthorizeRequest, Decision, LaterRequest, RouteName, UploadService};
use upsign_testing::RecordingObserver;

use super::*;

#[tokio::test]
async fn object_as_granted_is_confirmed_with_a_receipt_for_its_version() {
    for is_versioned in [true, false] {
        let store = Store::new(is_versioned);
        let observer = RecordingObserver::new();
        let service = service(options(), &store).with_observer(observer.clone());
        let grant = grant(&service).await;
        assert_eq!(confirm(&service, &grant).await.unwrap().state, ConfirmState::Missing);
        store.put(&upload_key(&grant), GOOD, JPEG);
        let first = confirm(&service, &grant).await.unwrap();
        assert_eq!(outcome(&first), (ConfirmState::Confirmed, None));
        assert_eq!((&first.key, first.size, first.retry_after), (&grant.key, Some(4), None));
        assert_eq!(first.version_id.is_some(), is_versioned);

        let receipt = first.receipt.as_ref().unwrap();
        let target_of = |route: Option<&RouteName>| route.filter(|it| **it == "images").map(|_| target());
        let receipt = keys().verify_receipt(receipt.expose(), target_of).unwrap();
        assert_eq!(
            (receipt.key(), receipt.size(), receipt.version_id()),
            (&grant.key, 4, first.version_id.as_ref())
        );
        assert!(keys().is_owner(&alice(), receipt.owner()) && !keys().is_owner(&bob(), receipt.owner()));
        // The time is that of the store, so a repeated request gets the same receipt.
        assert_ne!(receipt.confirmed_at(), at());
        let later = service.confirm_upload(&alice(), token(&grant), at().saturating_add(60)).await.unwrap();
        assert_eq!(later, first);
        assert_eq!(observer.codes(), ["granted", "confirm", "confirm", "confirm"]);
    }
}

#[tokio::test]
async fn object_that_differs_is_a_mismatch_with_its_reason() {
    let store = Store::new(true);
    let service = service(options(), &store);
    let grant = grant(&service).await;
    let cases: [(&[u8], &str, ConfirmReason); 4] = [
        (b"goo", JPEG, ConfirmReason::Size),
        (b"good!", JPEG, ConfirmReason::Size),
        (GOOD, "text/html", ConfirmReason::ContentType),
        (GOOD, "not a type", ConfirmReason::ContentType),
    ];
    for (bytes, content_type, reason) in cases {
        store.put(&upload_key(&grant), bytes, content_type);
        let answer = confirm(&service, &grant).await.unwrap();
        assert_eq!(outcome(&answer), (ConfirmState::Mismatch, Some(reason)), "{content_type}");
        assert_eq!((answer.receipt, answer.version_id), (None, None));
        assert_eq!(answer.size, Some(bytes.len() as u64));
    }
}

#[tokio::test]
async fn checksum_that_the_store_lacks_is_a_mismatch_if_one_is_required() {
    let request = image().with_checksum("sha256", Checksum::zero(ChecksumAlgorithm::Sha256).as_base64());
    for (checksums, expected) in [
        (Checksums::Optional([ChecksumAlgorithm::Sha256].into()), ConfirmState::Confirmed),
        (Checksums::Required([ChecksumAlgorithm::Sha256].into()), ConfirmState::Mismatch),
    ] {
        let store = Store::new(true);
        let policy = policy_with(options(), |builder| builder.checksums(checksums));
        let service = service_of(policy, &store);
        let grant = service.issue(&alice(), Some("images"), &request, at()).await.unwrap();
        store.put(&upload_key(&grant), GOOD, JPEG);
        assert_eq!(confirm(&service, &grant).await.unwrap().state, expected);
    }
}

#[tokio::test]
async fn form_confirms_a_size_in_its_range() {
    let store = Store::new(true);
    let policy = policy_with(options(), |builder| {
        builder.method(UploadMethod::Post).size(SizeLimit::between(3, 5).unwrap())
    });
    let service = service_of(policy, &store);
    let upload = UploadRequest::described().with_content_type(JPEG);
    let grant = service.issue(&alice(), Some("images"), &upload, at()).await.unwrap();
    for (bytes, state) in [
        (&b"12"[..], ConfirmState::Mismatch),
        (b"123", ConfirmState::Confirmed),
        (b"12345", ConfirmState::Confirmed),
        (b"123456", ConfirmState::Mismatch),
    ] {
        store.put(grant.key.as_str(), bytes, JPEG);
        assert_eq!(confirm(&service, &grant).await.unwrap().state, state, "{bytes:?}");
    }
}

#[tokio::test]
async fn token_is_accepted_for_its_caller_until_it_expires() {
    let store = Store::new(true);
    let service = service(options(), &store);
    let grant = grant(&service).await;
    store.put(&upload_key(&grant), GOOD, JPEG);
    let rejection = |error: SessionError| match error {
        SessionError::Token(invalid) => invalid.reason(),
        other => panic!("{other}"),
    };
    let of_bob = service.confirm_upload(&bob(), token(&grant), at()).await.unwrap_err();
    assert_eq!(rejection(of_bob), TokenRejection::Caller);
    // 15 minutes to upload, and 24 hours after that.
    let end = at().saturating_add(900 + 86_400);
    assert!(service.confirm_upload(&alice(), token(&grant), end.saturating_sub(1)).await.is_ok());
    let late = service.confirm_upload(&alice(), token(&grant), end).await.unwrap_err();
    assert_eq!(rejection(late), TokenRejection::Expired(end));
}

#[tokio::test]
async fn route_that_does_not_confirm_gives_no_token_and_accepts_none() {
    let store = Store::new(true);
    let token_of = grant(&service(options(), &store)).await;
    let without = service(ConfirmationOptions::new(), &store);
    assert!(token_of.confirm);
    let other = grant(&without).await;
    assert_eq!((other.upload_token(), other.confirm), (None, false));
    let error = confirm(&without, &token_of).await.unwrap_err();
    let SessionError::Token(invalid) = error else { panic!("{error}") };
    assert_eq!(invalid.reason(), TokenRejection::NotConfirmable);
}

#[derive(Debug)]
struct NoConfirmations;

#[async_trait]
impl Authorize for NoConfirmations {
    async fn authorize(&self, _: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError> {
        Ok(Decision::Allow)
    }

    async fn authorize_later(&self, request: &LaterRequest<'_>) -> Result<Decision, AuthorizeError> {
        assert_eq!(request.call, SessionCall::Confirm);
        Ok(Decision::Deny)
    }
}

#[tokio::test]
async fn application_can_refuse_a_confirmation() {
    let store = Store::new(true);
    let issuer = issuer(policy(options()), &store).with_authorizer(NoConfirmations);
    let service = UploadService::new([Route::named("images".parse().unwrap(), issuer)]).unwrap();
    let grant = grant(&service).await;
    store.answer_all();
    let error = confirm(&service, &grant).await.unwrap_err();
    assert_eq!((error.code(), error.status()), ("forbidden", 403));
    assert!(store.calls().is_empty());
}

#[tokio::test]
async fn inspection_needs_an_inspector() {
    let store = Store::new(true);
    let issuer = UploadIssuer::new(policy(pending()), signer()).unwrap().with_store(store.clone(), keys());
    let refused = UploadService::new([Route::unnamed(issuer.clone())]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the unnamed route has objects inspected: give its issuer an Inspect implementation by with_inspector"
    );
    let service = UploadService::from(issuer);
    let grant = service.issue(&alice(), None, &image(), at()).await.unwrap();
    store.put(&upload_key(&grant), GOOD, JPEG);
    let error = confirm(&service, &grant).await.unwrap_err();
    assert!(matches!(error, SessionError::MissingInspector), "{error}");
    assert_eq!((error.code(), error.status()), ("internal", 500));
    assert_eq!(store.get(grant.key.as_str()), None);
}
