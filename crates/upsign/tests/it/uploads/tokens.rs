//! Every way to misuse a token, with each of the four calls: the answer is the same, and the store is not called.

use upsign::session::{PartsRequest, ResumeWindow};
use upsign::types::Addressing;
use upsign_testing::mocks::MockObjectCalls;

use super::*;

/// A service with the routes `videos` and `films`, which store in the same bucket.
fn two_routes(keys: &TokenKeys) -> UploadService<Signer> {
    let issuer =
        || UploadIssuer::new(policy(), signer()).unwrap().with_store(MockObjectCalls::new(), keys.clone());
    let routes = ["videos", "films"].map(|name| Route::named(name.parse().unwrap(), issuer()));
    UploadService::new(routes).unwrap()
}

fn of_route(name: &str) -> SessionUpload {
    SessionUpload { route: Some(name.parse().unwrap()), ..upload(PlannedSize::Exact(plan(SIZE)), None) }
}

fn sign_with(keys: &TokenKeys, upload: SessionUpload) -> String {
    let session = UploadSession::begin(upload, &alice(), at(), ResumeWindow::MAX);
    keys.sign(&session).unwrap().expose().to_owned()
}

/// Makes all four calls, and returns the reasons in the log.
async fn refused_by_all(
    service: UploadService<Signer>,
    caller: &Identity,
    token: &str,
    time: Timestamp,
) -> Vec<String> {
    let (service, observer) = observed(service);
    let request = PartsRequest::new(vec![number(1)]).unwrap();
    let errors = [
        service.presign_parts(caller, token, &request, time).await.map(|_| ()).unwrap_err(),
        service.upload_status(caller, token, time).await.map(|_| ()).unwrap_err(),
        service.complete_upload(caller, token, &complete_request(), time).await.map(|_| ()).unwrap_err(),
        service.abort_upload(caller, token, time).await.map(|_| ()).unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.code(), error.status(), error.retry_after()), ("upload-token-invalid", 403, None));
        assert_eq!(error.to_string(), "the upload token is not valid for this request");
    }
    assert_eq!(observer.codes(), ["upload-token-invalid"; 4]);
    assert!(observer.store_calls().is_empty());
    let refusals = observer.refusals();
    assert!(refusals.iter().all(|refusal| refusal.caller.as_ref() == Some(caller) && !refusal.service_fault));
    refusals.into_iter().map(|refusal| refusal.reason.unwrap().into()).collect()
}

#[tokio::test]
async fn misused_tokens_are_refused_alike_by_every_call() {
    let secrets = |secrets: &[[u8; 32]]| TokenKeys::new("production", secrets).unwrap();
    let bob = Identity::from_verified("https://issuer.example", "bob").unwrap();
    let elsewhere = Identity::from_verified("https://other.example", "alice").unwrap();
    let good = sign_with(&keys(), of_route("videos"));
    let other_bucket = SessionUpload { bucket: "another-bucket".parse().unwrap(), ..of_route("videos") };
    let endpoint = "http://127.0.0.1:9000".parse().unwrap();
    let store = Target::at(
        &endpoint,
        Addressing::Path,
        "article-images-bucket".parse().unwrap(),
        "us-east-1".parse().unwrap(),
    );
    let other_store = SessionUpload { endpoint: store.unwrap().endpoint_url().into(), ..of_route("videos") };
    let staging = TokenKeys::new("staging", [[7; 32]]).unwrap();
    let late = at().saturating_add(ResumeWindow::MAX.as_secs());
    let truncated = good.get(..good.len() - 1).unwrap();
    let huge = "A".repeat(1 << 20);
    for (name, caller, token, time, reason) in [
        ("another subject", &bob, good.clone(), at(), "was issued to another caller"),
        ("another issuer", &elsewhere, good.clone(), at(), "was issued to another caller"),
        (
            "unknown route",
            &alice(),
            sign_with(&keys(), of_route("images")),
            at(),
            "another route or for one that does not exist",
        ),
        ("unnamed route", &alice(), token(None), at(), "another route or for one that does not exist"),
        (
            "another bucket",
            &alice(),
            sign_with(&keys(), other_bucket),
            at(),
            "a bucket that the route does not use",
        ),
        (
            "another store",
            &alice(),
            sign_with(&keys(), other_store),
            at(),
            "a bucket that the route does not use",
        ),
        (
            "another deployment",
            &alice(),
            sign_with(&staging, of_route("videos")),
            at(),
            "a key that is not configured",
        ),
        (
            "removed key",
            &alice(),
            sign_with(&secrets(&[[8; 32]]), of_route("videos")),
            at(),
            "a key that is not configured",
        ),
        ("expired", &alice(), good.clone(), late, "expired at 2026-01-08T00:00:00Z"),
        ("truncated", &alice(), truncated.to_owned(), at(), "the upload token"),
        ("padded", &alice(), format!("{good}="), at(), "canonical base64url"),
        ("empty", &alice(), String::new(), at(), "too short"),
        ("huge", &alice(), huge, at(), "has 1048576 characters"),
    ] {
        for found in refused_by_all(two_routes(&keys()), caller, &token, time).await {
            assert!(found.contains(reason), "{name}: {found}");
            assert!(token.is_empty() || !found.contains(&token), "{name}: the token is in the log");
        }
    }
}

#[tokio::test]
async fn token_with_any_changed_character_is_refused_by_every_call() {
    let good = sign_with(&keys(), of_route("videos"));
    for position in 0..good.len() {
        let mut changed = good.clone().into_bytes();
        changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        refused_by_all(two_routes(&keys()), &alice(), &changed, at()).await;
    }
}

#[tokio::test]
async fn old_key_verifies_until_it_is_removed() {
    let token = sign_with(&keys(), of_route("videos"));
    let request = PartsRequest::new(vec![number(1)]).unwrap();
    let rotated = TokenKeys::new("production", [[8; 32], [7; 32]]).unwrap();
    assert!(two_routes(&rotated).presign_parts(&alice(), &token, &request, at()).await.is_ok());
    let removed = TokenKeys::new("production", [[8; 32]]).unwrap();
    refused_by_all(two_routes(&removed), &alice(), &token, at()).await;
}

#[tokio::test]
async fn routes_with_different_keys_do_not_accept_each_others_tokens() {
    let (one, other) = (keys(), TokenKeys::new("production", [[8; 32]]).unwrap());
    let service = || {
        let issuer = |keys: &TokenKeys| {
            UploadIssuer::new(policy(), signer()).unwrap().with_store(MockObjectCalls::new(), keys.clone())
        };
        let videos = Route::named("videos".parse().unwrap(), issuer(&one));
        let films = Route::named("films".parse().unwrap(), issuer(&other));
        UploadService::new([videos, films]).unwrap()
    };
    let request = PartsRequest::new(vec![number(1)]).unwrap();
    for (keys, name) in [(&one, "videos"), (&other, "films")] {
        let token = sign_with(keys, of_route(name));
        assert!(service().presign_parts(&alice(), &token, &request, at()).await.is_ok(), "{name}");
    }
    for (keys, name) in [(&other, "videos"), (&one, "films")] {
        refused_by_all(service(), &alice(), &sign_with(keys, of_route(name)), at()).await;
    }
}

#[tokio::test]
async fn status_token_of_a_put_is_good_for_nothing_else() {
    let plan = MultipartPlan::restore(SIZE, SIZE).unwrap();
    let put = SessionUpload { method: SessionMethod::Put, ..upload(PlannedSize::Exact(plan), None) };
    let service = service(MockObjectCalls::new());
    let (service, observer) = observed(service);
    let request = PartsRequest::new(vec![number(1)]).unwrap();
    let token = sign(put);
    let invalid = ("upload-token-invalid", 403);
    assert_eq!(answer(service.presign_parts(&alice(), &token, &request, at()).await), invalid);
    assert_eq!(answer(service.complete_upload(&alice(), &token, &complete_request(), at()).await), invalid);
    assert_eq!(answer(service.abort_upload(&alice(), &token, at()).await), invalid);
    for refusal in observer.refusals() {
        assert!(refusal.reason.unwrap().contains("an upload with one request"));
    }
}

#[tokio::test]
async fn service_without_parts_accepts_no_token() {
    let single =
        UploadPolicy::builder(target(), "videos/{sub}/{id}.{ext}".parse().unwrap(), Bodyless::Refuse)
            .content_types(["video/mp4"])
            .max_size(1 << 30)
            .build()
            .unwrap();
    let service = UploadService::from(UploadIssuer::new(single, signer()).unwrap());
    let (service, _) = observed(service);
    assert_eq!(
        answer(service.upload_status(&alice(), &token(None), at()).await),
        ("upload-token-invalid", 403)
    );
}
