//! Extension points made of closures.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use upsign::policy::{LifetimeOptions, UploadMethod};
use upsign::{
    AuthorizeError, Bodyless, Clock, Credentials, Decision, ExpiresIn, IdSource, Target, Timestamp,
    TooManyRequests, UploadIssuer, UploadPolicy, UploadService, Uuid, authorize_fn, clock_fn, ids_fn,
    rate_limit_fn,
};

use crate::fixture::{OWN_ARTICLE, at, caller, described, issuer, policy, simple};

#[tokio::test]
async fn closure_authorizes_uploads() {
    let owner = Arc::new("alice".to_owned());
    let authorize = authorize_fn(move |request| {
        let (owner, subject) = (Arc::clone(&owner), request.caller.subject().clone());
        let article = request.id("articleId");
        async move {
            tokio::task::yield_now().await;
            match article {
                Some(id) if id.to_string() == OWN_ARTICLE && subject == owner.as_str() => Ok(Decision::Allow),
                Some(id) if id.is_nil() => Err(AuthorizeError::new("the database is unreachable")),
                _ => Ok(Decision::Deny),
            }
        }
    });
    let issuer = issuer(policy("a", true, UploadMethod::Put)).with_authorizer(authorize);
    let code = async |id: &str| {
        let upload = described().with_id("articleId", id);
        issuer.issue(&caller(), &upload, at()).await.map_err(|error| error.code())
    };
    assert!(code(OWN_ARTICLE).await.is_ok());
    assert_eq!(code("5b5d819a-b077-4419-af90-f3ad76700929").await.err(), Some("forbidden"));
    assert_eq!(code(&Uuid::nil().to_string()).await.err(), Some("authorization-unavailable"));
}

/// The application can store when a pending upload ends.
#[tokio::test]
async fn authorization_receives_the_lifetime_of_the_policy() {
    let seen = Arc::new(AtomicU64::new(0));
    let authorize = authorize_fn({
        let seen = Arc::clone(&seen);
        move |request| {
            seen.store(request.expires_in.as_secs().into(), Ordering::Relaxed);
            async { Ok(Decision::Allow) }
        }
    });
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let policy = UploadPolicy::builder(target, "a/{id}".parse().unwrap(), Bodyless::Refuse)
        .content_types(["image/jpeg"])
        .max_size(1 << 20)
        .lifetime(LifetimeOptions::new().expires_in(ExpiresIn::from_secs(300).unwrap()))
        .build()
        .unwrap();
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let issuer = UploadIssuer::sigv4(policy, credentials).unwrap().with_authorizer(authorize);
    let grant = issuer.issue(&caller(), &described(), at()).await.unwrap();
    assert_eq!((seen.load(Ordering::Relaxed), grant.expires_in.as_secs()), (300, 300));
}

#[tokio::test]
async fn closure_limits_the_rate() {
    let left = AtomicU64::new(1);
    let limit = rate_limit_fn(move |caller, _| {
        assert_eq!(caller.subject(), "alice");
        let exhausted =
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err();
        async move { if exhausted { Err(TooManyRequests::new(9)) } else { Ok(()) } }
    });
    let service = UploadService::from(simple("a")).with_rate_limit(limit);
    assert!(service.issue(&caller(), None, &described(), at()).await.is_ok());
    let error = service.issue(&caller(), None, &described(), at()).await.unwrap_err();
    assert_eq!((error.status(), error.retry_after()), (429, Some(9)));
}

#[test]
fn closures_make_clocks_and_ids() {
    let seconds = AtomicU64::new(at().as_unix());
    let clock = clock_fn(move || Timestamp::from_unix(seconds.fetch_add(1, Ordering::Relaxed)).unwrap());
    assert_eq!((clock.now(), clock.now()), (at(), at().saturating_add(1)));
    let ids = ids_fn(|at| Ok(Uuid::from_u128(at.as_unix().into())));
    assert_eq!(ids.next(at()).unwrap().as_u128(), u128::from(at().as_unix()));
    assert_eq!(format!("{clock:?} {ids:?}"), "ClockFn { .. } IdsFn { .. }");
}
