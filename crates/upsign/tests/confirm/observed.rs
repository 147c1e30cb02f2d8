//! What observers receive about quotas, inspections and announcements.

use upsign::quota::{MemoryQuota, Quota, QuotaLimit, QuotaStoreError, Window};
use upsign::{AnnouncementEvent, FailMode, InspectionEvent, QuotaEvent, UploadObserver};
use upsign_testing::mocks::MockQuotaStore;

use super::*;

/// Records events as lines.
#[derive(Clone, Debug, Default)]
struct Recorded(Arc<Mutex<Vec<String>>>);

impl Recorded {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn add(&self, route: Option<&str>, text: &str) {
        assert_eq!(route, Some("images"));
        self.0.lock().unwrap().push(text.to_owned());
    }
}

impl UploadObserver for Recorded {
    fn quota_decided(&self, event: &QuotaEvent<'_>) {
        self.add(event.route, &format!("quota {}", event.decision.as_str()));
    }

    fn inspected(&self, event: &InspectionEvent<'_>) {
        self.add(event.route, &format!("inspection {}", event.result.as_str()));
    }

    fn announced(&self, event: &AnnouncementEvent<'_>) {
        let result = if event.is_accepted { "accepted" } else { "failed" };
        self.add(event.route, &format!("{} {result}", event.kind.as_str()));
    }
}

fn limit() -> QuotaLimit {
    QuotaLimit::for_all_routes(Window::DAY).with_objects(1)
}

#[tokio::test]
async fn decisions_of_the_quota_are_observed() {
    let (recorded, store) = (Recorded::default(), Store::new(true));
    let service = service(pending(), &store).with_observer(recorded.clone());
    let counted = Quota::new(MemoryQuota::new(), FailMode::Closed).with_limit(limit());
    let counted = service.clone().with_quota(counted);
    assert!(counted.issue(&alice(), Some("images"), &image(), at()).await.is_ok());
    assert!(counted.issue(&alice(), Some("images"), &image(), at()).await.is_err());
    assert_eq!(recorded.take(), ["quota granted", "quota denied"]);

    for (fail, expected) in [(FailMode::Closed, "quota unavailable"), (FailMode::Open, "quota skipped")] {
        let mut down = MockQuotaStore::new();
        down.expect_reserve().returning(|_, _| Err(QuotaStoreError::new("connection refused")));
        let service = service.clone().with_quota(Quota::new(down, fail).with_limit(limit()));
        let granted = service.issue(&alice(), Some("images"), &image(), at()).await.is_ok();
        assert_eq!((granted, recorded.take()), (fail == FailMode::Open, vec![expected.to_owned()]));
    }
}

#[tokio::test]
async fn inspections_and_announcements_are_observed() {
    for (bytes, expected) in [
        (GOOD, vec!["inspection accepted", "confirmed accepted"]),
        (EVIL, vec!["inspection rejected", "rejected accepted"]),
        (b"soon", vec!["inspection later"]),
        (b"????", vec!["inspection unavailable"]),
    ] {
        let (recorded, store) = (Recorded::default(), Store::new(true));
        let service = service(pending(), &store).with_observer(recorded.clone());
        let service = service.with_announcer(Announcer::default());
        let grant = grant(&service).await;
        store.put(&upload_key(&grant), bytes, JPEG);
        let _ = confirm(&service, &grant).await;
        assert_eq!(recorded.take(), expected);
    }
}

#[tokio::test]
async fn announcement_that_fails_is_observed_and_repeated() {
    let (recorded, store) = (Recorded::default(), Store::new(true));
    let service = service(pending(), &store).with_observer(recorded.clone());
    let service = service.with_announcer(Announcer::failing(1));
    let grant = grant(&service).await;
    store.put(&upload_key(&grant), GOOD, JPEG);
    assert!(confirm(&service, &grant).await.is_err());
    assert!(confirm(&service, &grant).await.is_ok());
    // The object is at its final key then, so it is not inspected again.
    assert_eq!(recorded.take(), ["inspection accepted", "confirmed failed", "confirmed accepted"]);
}
