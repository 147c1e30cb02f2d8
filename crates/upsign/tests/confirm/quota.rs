//! What a confirmation counts, and what it announces.

use upsign::confirm::ConfirmState;
use upsign::quota::{FailMode, MemoryQuota, Quota, QuotaLimit, Window};

use super::*;

fn limited(service: Service, bytes: u64) -> Service {
    let limit = QuotaLimit::for_all_routes(Window::DAY).with_bytes(bytes);
    service.with_quota(Quota::new(MemoryQuota::new(), FailMode::Closed).with_limit(limit))
}

#[tokio::test]
async fn confirmation_counts_the_real_size_once() {
    let store = Store::new(true);
    // A form reserves its largest size, 1,000 bytes.
    let policy = policy_with(pending(), |builder| builder.method(upsign::policy::UploadMethod::Post));
    let service = limited(service_of(policy, &store), 1_500);
    let upload = UploadRequest::described().with_content_type(JPEG);
    let grant = service.issue(&alice(), Some("images"), &upload, at()).await.unwrap();
    let key =
        grant.upload.post().unwrap().fields.iter().find(|(name, _)| **name == *"key").unwrap().1.to_string();
    assert!(
        service.issue(&alice(), Some("images"), &upload, at()).await.is_err(),
        "1,000 of 1,500 are reserved"
    );
    store.put(&key, GOOD, JPEG);
    for _ in 0..3 {
        assert_eq!(confirm(&service, &grant).await.unwrap().state, ConfirmState::Confirmed);
    }
    // 4 bytes are settled, so a whole reservation fits again, and no second one.
    assert!(service.issue(&alice(), Some("images"), &upload, at()).await.is_ok());
    assert!(service.issue(&alice(), Some("images"), &upload, at()).await.is_err());
}

#[tokio::test]
async fn confirmation_and_rejection_are_announced_before_the_answer() {
    let store = Store::new(true);
    let announcer = Announcer::failing(1);
    let service = service(pending(), &store).with_announcer(announcer.clone());
    let (good, evil) = (grant(&service).await, grant(&service).await);
    store.put(&upload_key(&good), GOOD, JPEG);
    store.put(&upload_key(&evil), EVIL, JPEG);
    let error = confirm(&service, &good).await.unwrap_err();
    assert_eq!(
        (error.code(), error.status(), error.retry_after()),
        ("announcement-unavailable", 503, Some(10))
    );
    for _ in 0..2 {
        assert!(confirm(&service, &good).await.unwrap().is_confirmed());
        assert_eq!(confirm(&service, &evil).await.unwrap().state, ConfirmState::Rejected);
    }
    let lines = announcer.lines();
    let starts = [format!("confirmed {} alice ", good.key), format!("rejected {} alice ", evil.key)];
    assert!(lines[0].starts_with(&starts[0]) && lines[1].starts_with(&starts[1]), "{lines:?}");
    assert_eq!((&lines[0], &lines[1]), (&lines[2], &lines[3]), "repetitions have the same id");
    let other = grant(&service).await;
    store.put(&upload_key(&other), b"longer", JPEG);
    assert_eq!(confirm(&service, &other).await.unwrap().state, ConfirmState::Mismatch);
    assert_eq!(announcer.lines().len(), 4, "a mismatch is not announced");
}
