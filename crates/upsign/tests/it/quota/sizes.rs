//! How many bytes a service reserves, and until when.

use std::sync::{Arc, Mutex};

use upsign::policy::{Checksum, ChecksumAlgorithm, Checksums, ConfirmationOptions, UploadMethod};
use upsign::quota::{
    AtExpiry, FailMode, MemoryQuota, ObjectMark, Quota, QuotaAccount, QuotaDenied, QuotaLimit, QuotaStore,
    QuotaStoreError, Reservation, ReservationId, Reserved, Settled, Window,
};
use upsign::session::TokenKeys;
use upsign::{
    Bodyless, Rate, Target, Timestamp, TooManyRequests, UploadIssuer, UploadPolicy, UploadRequest,
    UploadService, async_trait,
};
use upsign_testing::mocks::MockObjectCalls;

use crate::fixture::{Signer, at, caller, issuer, policy};

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
    reserved_by(issuer(policy("images", false, method)), request).await
}

async fn reserved_by(issuer: UploadIssuer<Signer>, request: &UploadRequest) -> Reservation {
    let recorder = Recorder::default();
    let limit = QuotaLimit::for_all_routes(Window::DAY).with_bytes(1 << 40);
    let quota = Quota::new(recorder.clone(), FailMode::Closed).with_limit(limit);
    let service = UploadService::from(issuer).with_quota(quota);
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

/// Objects that are found by their content are read without a confirmation. If they expired, a caller who never
/// confirms would have no quota.
#[tokio::test]
async fn unconfirmed_uploads_expire_unless_they_are_found_by_their_content() {
    let content = Checksum::sha256([7; 32]);
    let request = UploadRequest::described()
        .with_content_type("image/jpeg")
        .with_content_length(1_000)
        .with_checksum("sha256", content.as_base64());
    for (key, expected) in [
        ("lfs/{sub}/{sha256}", AtExpiry::Keep),
        ("images/{sub}/{id}", AtExpiry::Release),
        ("images/{sub}/{date}/{sha256}", AtExpiry::Release),
    ] {
        let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
        let policy = UploadPolicy::builder(target, key.parse().unwrap(), Bodyless::Refuse)
            .content_types(["image/jpeg"])
            .max_size(1 << 20)
            .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()))
            .confirmation(ConfirmationOptions::new().with_confirm(true))
            .build()
            .unwrap();
        let keys = TokenKeys::new("quota", [[7; 32]]).unwrap();
        let issuer = issuer(policy).with_store(MockObjectCalls::new(), keys);
        assert_eq!(reserved_by(issuer, &request).await.at_expiry, expected, "{key}");
    }
}
