//! How many bytes a service reserves, and until when.

use std::sync::{Arc, Mutex};

use upsign::policy::UploadMethod;
use upsign::quota::{
    AtExpiry, FailMode, MemoryQuota, ObjectMark, Quota, QuotaAccount, QuotaDenied, QuotaLimit, QuotaStore,
    QuotaStoreError, Reservation, ReservationId, Reserved, Settled, Window,
};
use upsign::{Rate, Timestamp, TooManyRequests, UploadRequest, UploadService, async_trait};

use crate::fixture::{at, caller, issuer, policy};

/// Records what is reserved.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Vec<Reservation>>>, Arc<MemoryQuota>);

#[async_trait]
impl QuotaStore for Recorder {
    async fn reserve(
        &self,
        reservation: &Reservation,
        at: Timestamp,
    ) -> Result<Result<Reserved, QuotaDenied>, QuotaStoreError> {
        self.0.lock().unwrap().push(reservation.clone());
        self.1.reserve(reservation, at).await
    }

    async fn settle(
        &self,
        upload: &Reservation,
        object: ObjectMark,
        at: Timestamp,
    ) -> Result<Result<Settled, QuotaDenied>, QuotaStoreError> {
        self.1.settle(upload, object, at).await
    }

    async fn release(
        &self,
        account: QuotaAccount,
        id: ReservationId,
        at: Timestamp,
    ) -> Result<(), QuotaStoreError> {
        self.1.release(account, id, at).await
    }

    async fn count_request(
        &self,
        account: QuotaAccount,
        kind: &'static str,
        rate: Rate,
        at: Timestamp,
    ) -> Result<Result<(), TooManyRequests>, QuotaStoreError> {
        self.1.count_request(account, kind, rate, at).await
    }
}

/// Returns what a route that takes up to 1 MiB reserves for a request.
async fn reserved(method: UploadMethod, request: &UploadRequest) -> Reservation {
    let recorder = Recorder::default();
    let limit = QuotaLimit::for_all_routes(Window::DAY).with_bytes(1 << 40);
    let quota = Quota::new(recorder.clone(), FailMode::Closed).with_limit(limit);
    let service = UploadService::from(issuer(policy("images", false, method))).with_quota(quota);
    service.issue(&caller(), None, request, at()).await.unwrap();
    let reservations = recorder.0.lock().unwrap();
    assert_eq!(reservations.len(), 1);
    reservations.first().unwrap().clone()
}

#[tokio::test]
async fn the_declared_or_the_largest_size_is_reserved() {
    let image = UploadRequest::described().with_content_type("image/jpeg").with_content_length(1_000);
    assert_eq!(reserved(UploadMethod::Put, &image).await.bytes, 1_000);
    assert_eq!(reserved(UploadMethod::Put, &UploadRequest::bodyless()).await.bytes, 1 << 20);
    let form =
        reserved(UploadMethod::Post, &UploadRequest::described().with_content_type("image/jpeg")).await;
    assert_eq!(form.bytes, 1 << 20);
}

#[tokio::test]
async fn uploads_of_routes_that_do_not_confirm_stay_counted() {
    let image = UploadRequest::described().with_content_type("image/jpeg").with_content_length(1_000);
    let reservation = reserved(UploadMethod::Put, &image).await;
    assert_eq!(reservation.at_expiry, AtExpiry::Keep);
    // The lifetime of the URL, and 15 minutes.
    assert_eq!(reservation.expires_at, at().saturating_add(900 + 900));
}
