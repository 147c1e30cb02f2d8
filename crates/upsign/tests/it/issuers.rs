//! Callers of several issuers with the same subject: keys, the rate limit, authorization and events stay separate.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use upsign::policy::KeyOptions;
use upsign::{
    Bodyless, Decision, GrantEvent, Identity, IssueError, PerCallerRateLimit, RateLimit, Refusal, Route,
    Target, UploadObserver, UploadPolicy, UploadService, authorize_fn,
};

use crate::fixture::{Signer, at, described, issuer};

const ISSUERS: [(&str, &str); 2] =
    [("staff", "https://id.example.com/staff"), ("customers", "https://id.example.com/customers")];

/// Returns the caller `7` of an issuer.
fn caller((name, url): (&str, &str)) -> Identity {
    Identity::from_verified(url, "7").unwrap().with_issuer_name(name.parse().unwrap())
}

fn policy() -> UploadPolicy {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, "{issuer}/{sub}/{id}".parse().unwrap(), Bodyless::Refuse)
        .content_types(["image/jpeg"])
        .max_size(1 << 20)
        .keys(KeyOptions::new().issuers(ISSUERS.map(|(name, _)| name.parse().unwrap())))
        .build()
        .unwrap()
}

/// Records the issuer and the code, or the folder of the key, of every event.
#[derive(Clone, Debug, Default)]
struct Events(Arc<Mutex<Vec<(String, String)>>>);

impl UploadObserver for Events {
    fn granted(&self, event: &GrantEvent<'_>) {
        let folder = event.grant.key.as_str().rsplit_once('/').unwrap().0.to_owned();
        self.0.lock().unwrap().push((event.caller.issuer().to_string(), folder));
    }

    fn refused(&self, refusal: &Refusal) {
        let issuer = refusal.caller.as_ref().unwrap().issuer().to_string();
        self.0.lock().unwrap().push((issuer, refusal.code.to_owned()));
    }
}

fn service(events: &Events) -> UploadService<Signer> {
    let route = Route::unnamed(issuer(policy()));
    UploadService::new([route]).unwrap().with_observer(events.clone())
}

#[tokio::test]
async fn callers_with_the_same_subject_share_neither_folder_nor_limit() {
    let events = Events::default();
    let one = NonZeroU32::MIN;
    let service = service(&events).with_rate_limit(PerCallerRateLimit::new(one, one));
    let [(_, staff), (_, customers)] = ISSUERS;
    for issuer in ISSUERS {
        assert!(service.issue(&caller(issuer), None, &described(), at()).await.is_ok(), "{issuer:?}");
    }
    // Each has used its own limit.
    for issuer in ISSUERS {
        let refused = service.issue(&caller(issuer), None, &described(), at()).await;
        assert!(matches!(refused, Err(IssueError::TooManyRequests(_))), "{issuer:?}");
    }
    let expected = [
        (staff, "staff/7"),
        (customers, "customers/7"),
        (staff, "too-many-requests"),
        (customers, "too-many-requests"),
    ];
    let expected = expected.map(|(issuer, event)| (issuer.to_owned(), event.to_owned()));
    assert_eq!(*events.0.lock().unwrap(), expected);
}

/// The limit counts by the issuer itself, so that two issuers to which a program gives one name do not share it.
#[tokio::test]
async fn issuers_with_the_same_name_have_separate_limits() {
    let limit = PerCallerRateLimit::new(NonZeroU32::MIN, NonZeroU32::MIN);
    for (_, url) in ISSUERS {
        let caller = caller(("main", url));
        assert!(limit.count(&caller, at()).await.is_ok());
        assert!(limit.count(&caller, at()).await.is_err());
    }
    assert_eq!(limit.tracked_callers(), 2);
}

#[tokio::test]
async fn application_learns_the_issuer_of_the_caller() {
    let staff_only = authorize_fn(|request| {
        let is_staff = request.caller.issuer_name().is_some_and(|name| *name == "staff");
        async move { Ok(if is_staff { Decision::Allow } else { Decision::Deny }) }
    });
    let issuer = issuer(policy()).with_authorizer(staff_only);
    let [staff, customers] = ISSUERS.map(caller);
    assert!(issuer.issue(&staff, &described(), at()).await.is_ok());
    assert!(matches!(issuer.issue(&customers, &described(), at()).await, Err(IssueError::Forbidden)));
}

#[tokio::test]
async fn caller_of_an_issuer_without_a_name_is_a_fault_of_the_service() {
    let events = Events::default();
    let unnamed = Identity::from_verified("https://id.example.com", "7").unwrap();
    let error = service(&events).issue(&unnamed, None, &described(), at()).await.unwrap_err();
    assert_eq!((error.code(), error.status(), error.is_service_fault()), ("issuer-name-missing", 500, true));
    let expected = ("https://id.example.com".to_owned(), "issuer-name-missing".to_owned());
    assert_eq!(*events.0.lock().unwrap(), [expected]);
}
