//! Multipart uploads, with a mocked store: how they begin, and every outcome of the four calls that continue them.

mod abort;
mod begin;
mod call_headers;
mod complete;
mod complete_failures;
mod free_parts;
mod limits;
mod parts;
mod parts_of_unknown_size;
mod status;
mod time;
mod tokens;

use upsign::objects::{CallFailure, ETag, ObjectError, ObjectHead, PartList, StoreError, UploadedPart};
use upsign::policy::{
    ChecksumAlgorithm, ChecksumKind, Checksums, MultipartChecksum, MultipartMode, MultipartOptions,
    PlannedSize, UploadPolicyBuilder,
};
use upsign::session::{
    ClientPart, CompleteRequest, ResumeWindow, SessionError, SessionMethod, SessionUpload, TokenKeys,
    UploadSession,
};
use upsign::types::{Capabilities, MultipartPlan, PartNumber, Provider};
use upsign::{
    Bodyless, Identity, Route, Target, Timestamp, UploadIssuer, UploadPolicy, UploadRequest, UploadService,
};
use upsign_testing::RecordingObserver;
use upsign_testing::mocks::MockObjectCalls;

use crate::fixture::{Signer, signer};

const MIB: u64 = 1 << 20;
const PART_SIZE: u64 = 5 * MIB;
/// Three parts: two of 5 MiB, and one of 2.
const SIZE: u64 = 12 * MIB;
const DIGEST: &str = "ef2c5f0e74f5f9224fa8cec6c947d732";

fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn alice() -> Identity {
    Identity::from_verified("https://issuer.example", "alice").unwrap().with_groups(["editors"])
}

fn keys() -> TokenKeys {
    TokenKeys::new("production", [[7; 32]]).unwrap()
}

fn target() -> Target {
    Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap())
}

fn number(number: u64) -> PartNumber {
    PartNumber::new(number).unwrap()
}

/// A policy for videos of up to 1 GiB in parts of 5 MiB.
fn policy_with(
    mode: MultipartMode,
    store: Capabilities,
    configure: impl FnOnce(UploadPolicyBuilder) -> UploadPolicyBuilder,
) -> UploadPolicy {
    let options = MultipartOptions::new(mode, store).with_part_size(PART_SIZE);
    let builder =
        UploadPolicy::builder(target(), "videos/{sub}/{id}.{ext}".parse().unwrap(), Bodyless::Refuse)
            .content_types(["video/mp4"])
            .max_size(1 << 30)
            .multipart(options);
    configure(builder).build().unwrap()
}

fn policy() -> UploadPolicy {
    policy_with(MultipartMode::Always, Provider::Aws.capabilities(), |builder| builder)
}

fn issuer(policy: UploadPolicy, store: MockObjectCalls) -> UploadIssuer<Signer> {
    UploadIssuer::new(policy, signer()).unwrap().with_store(store, keys())
}

/// A service with one unnamed route.
fn service_of(policy: UploadPolicy, store: MockObjectCalls) -> UploadService<Signer> {
    UploadService::new([Route::unnamed(issuer(policy, store))]).unwrap()
}

fn service(store: MockObjectCalls) -> UploadService<Signer> {
    service_of(policy(), store)
}

fn observed(service: UploadService<Signer>) -> (UploadService<Signer>, RecordingObserver) {
    let observer = RecordingObserver::new();
    (service.with_observer(observer.clone()), observer)
}

fn plan(size: u64) -> MultipartPlan {
    MultipartPlan::restore(size, PART_SIZE).unwrap()
}

const fn checksum(algorithm: ChecksumAlgorithm, kind: ChecksumKind) -> Option<MultipartChecksum> {
    Some(MultipartChecksum { algorithm, kind })
}

const FULL_CRC64: Option<MultipartChecksum> =
    checksum(ChecksumAlgorithm::Crc64nvme, ChecksumKind::FullObject);
const COMPOSITE_SHA256: Option<MultipartChecksum> =
    checksum(ChecksumAlgorithm::Sha256, ChecksumKind::Composite);

/// An upload of alice through the unnamed route.
fn upload(size: PlannedSize, checksum: Option<MultipartChecksum>) -> SessionUpload {
    SessionUpload {
        route: None,
        bucket: target().resource(),
        endpoint: target().endpoint_url().into(),
        key: "videos/alice/1.mp4".parse().unwrap(),
        method: SessionMethod::Multipart("VXBsb2FkSWQ".parse().unwrap()),
        content_type: "video/mp4".parse().unwrap(),
        size,
        min_size: 0,
        checksum,
        checksum_value: None,
        gate: upsign::session::SessionGate::None,
        account: None,
    }
}

fn sign(upload: SessionUpload) -> String {
    let session = UploadSession::begin(upload, &alice(), at(), ResumeWindow::from_secs(86_400).unwrap());
    keys().sign(&session).unwrap().expose().to_owned()
}

/// A token of an upload of 12 MiB.
fn token(checksum: Option<MultipartChecksum>) -> String {
    sign(upload(PlannedSize::Exact(plan(SIZE)), checksum))
}

fn etag(number: u64) -> ETag {
    format!("\"{number:032x}\"").parse().unwrap()
}

fn uploaded(number: u64, size: u64) -> UploadedPart {
    UploadedPart::new(self::number(number), etag(number), size)
}

/// All three parts.
fn all_uploaded() -> PartList {
    PartList::new(vec![uploaded(1, PART_SIZE), uploaded(2, PART_SIZE), uploaded(3, 2 * MIB)])
}

fn client_parts(count: u64) -> Vec<ClientPart> {
    (1..=count).map(|it| ClientPart::new(number(it), etag(it))).collect()
}

fn complete_request() -> CompleteRequest {
    CompleteRequest::new(client_parts(3)).unwrap()
}

/// The finished object of 12 MiB.
fn head() -> ObjectHead {
    ObjectHead::new(SIZE, format!("{DIGEST}-3").parse().unwrap())
}

fn store_error(operation: &'static str, status: u16, code: Option<&str>) -> ObjectError {
    let answer = StoreError::new(status);
    let answer = match code {
        Some(code) => answer.with_code(code),
        None => answer,
    };
    ObjectError::new(operation, CallFailure::Store(answer))
}

fn no_such_upload(operation: &'static str) -> ObjectError {
    store_error(operation, 404, Some("NoSuchUpload"))
}

fn absent() -> ObjectError {
    store_error("HeadObject", 404, None)
}

fn video(size: u64) -> UploadRequest {
    UploadRequest::described().with_content_type("video/mp4").with_content_length(size)
}

/// Returns code and status, as an adapter answers.
fn answer<T: std::fmt::Debug>(result: Result<T, SessionError>) -> (&'static str, u16) {
    let error = result.unwrap_err();
    assert_eq!(error.is_service_fault(), error.status() >= 500);
    (error.code(), error.status())
}

fn requiring(algorithm: ChecksumAlgorithm) -> UploadPolicy {
    policy_with(MultipartMode::Always, Provider::Aws.capabilities(), |builder| {
        builder.checksums(Checksums::Required([algorithm].into()))
    })
}
