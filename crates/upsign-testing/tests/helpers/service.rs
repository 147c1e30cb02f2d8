//! Clock, ids and observer in a service.

use upsign::{
    Bodyless, Clock, IdSource, SigV4, UploadIssuer, UploadObserver, UploadPolicy, UploadRequest,
    UploadService,
};
use upsign_core::{Credentials, Identity, Target, WithCredentials};
use upsign_testing::{CountingIds, FixedClock, RecordingObserver, UploadEvent};

#[tokio::test]
async fn grants_and_refusals_of_a_service_are_recorded() {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let policy = UploadPolicy::builder(target, "raw/{id}.{ext}".parse().unwrap(), Bodyless::Refuse);
    let policy = policy.content_types(["image/png"]).max_size(100).build().unwrap();
    let signer = WithCredentials::new(SigV4::new(), Credentials::long_term("AKIDEXAMPLE", "secret").unwrap());
    let issuer = UploadIssuer::new(policy, signer).unwrap().with_ids(CountingIds::new());
    let (clock, observer) = (FixedClock::new("2026-01-01T00:00:00Z"), RecordingObserver::new());
    let service = UploadService::from(issuer).with_observer(observer.clone());
    let alice = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let upload = |bytes| UploadRequest::described().with_content_type("image/png").with_content_length(bytes);
    let grant = service.issue(&alice, None, &upload(7), clock.now()).await.unwrap();
    clock.advance(60);
    service.issue(&alice, None, &upload(101), clock.now()).await.unwrap_err();
    assert_eq!(observer.codes(), ["granted", "too-large"]);
    let granted = &observer.grants()[0];
    assert_eq!((&granted.grant, &granted.caller, granted.route.as_deref()), (&grant, &alice, None));
    assert_eq!(granted.grant.key.as_str(), "raw/00000000-0000-4000-8000-000000000000.png");
    assert_eq!(
        (granted.at.to_string(), observer.refusals()[0].at),
        ("2026-01-01T00:00:00Z".into(), clock.now())
    );
    assert!(matches!(observer.take()[..], [UploadEvent::Granted(_), UploadEvent::Refused(_)]));
    assert!(observer.events().is_empty());
}

#[test]
fn clones_share_their_state() {
    let clock = FixedClock::new("2026-01-01T00:00:00Z");
    clock.clone().set("2025-12-31T00:00:00Z".parse().unwrap());
    assert_eq!(clock.now().to_string(), "2025-12-31T00:00:00Z");
    let ids = CountingIds::new();
    let all: Vec<_> = (0..300).map(|_| ids.clone().next(clock.now()).unwrap()).collect();
    assert_eq!(all[299], CountingIds::nth(299));
    assert!(all.is_sorted_by(|first, second| first < second));
    assert!(all.iter().all(|id| id.get_version_num() == 4 && id.get_variant() == uuid::Variant::RFC4122));
    let observer = RecordingObserver::new();
    observer.clone().refused(&upsign::Refusal::new("too-large", false, clock.now()));
    assert_eq!(observer.codes(), ["too-large"]);
}
