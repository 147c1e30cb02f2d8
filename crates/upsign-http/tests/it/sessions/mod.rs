//! Multipart uploads over HTTP, with a mocked store: an API with a route for videos, and callers by name.

mod abort;
mod begin;
mod complete;
pub(crate) mod confirm;
mod contract;
pub(crate) mod delete;
mod files;
mod logs;
mod openapi;
mod parts;
mod paths;
pub(crate) mod read;
mod status;
mod tokens;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use serde_json::{Value, json};
use upsign::session::TokenKeys;
use upsign::{SigV4, UploadIssuer, UploadService};
use upsign_core::{
    CorsOrigins, Credentials, Identity, PartNumber, Provider, Target, Timestamp, WithCredentials,
};
use upsign_http::{Api, Authenticate, AuthenticateError, AuthenticateRequest};
use upsign_objects::{
    CallFailure, Checksum, ChecksumAlgorithm as StoreAlgorithm, ChecksumType, CompletedUpload, ErrorCode,
    InvalidAnswer, ObjectError, ObjectHead, PartList, StoreError, UploadedPart,
};
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, Checksums, ContentRules, KeyTemplate, MultipartMode, MultipartOptions,
    SizeLimit, UploadPolicy, UploadPolicyBuilder,
};
use upsign_testing::CountingIds;
use upsign_testing::mocks::MockObjectCalls;

use crate::fixture::{ORIGIN, at, json as body_of};

pub(crate) type Signer = WithCredentials<SigV4, Credentials>;

pub(crate) const PARTS: &str = "/uploads/parts";
pub(crate) const STATUS: &str = "/uploads/status";
pub(crate) const COMPLETE: &str = "/uploads/complete";
pub(crate) const ABORT: &str = "/uploads/abort";

/// The id of every upload that [`store`] creates, which no log and no problem document may contain.
pub(crate) const UPLOAD_ID: &str = "UPLOAD-ID-OF-THE-STORE";

const SECRET: [u8; 32] = [7; 32];
const MIB: u64 = 1 << 20;
/// The size of the file of most tests: three parts of 5, 5 and 2 MiB and 1 byte.
pub(crate) const SIZE: u64 = 12 * MIB + 1;

/// Accepts `Bearer NAME` for every name, and nothing else.
#[derive(Debug)]
pub(crate) struct ByName;

#[async_trait]
impl Authenticate for ByName {
    async fn authenticate(
        &self,
        request: &AuthenticateRequest<'_>,
        _at: Timestamp,
    ) -> Result<Identity, AuthenticateError> {
        let value = request.headers.get("authorization").and_then(|value| value.to_str().ok());
        match value.and_then(|value| value.strip_prefix("Bearer ")) {
            Some(name) => Ok(Identity::from_verified("https://issuer.example", name).unwrap()),
            None => Err(AuthenticateError::Rejected { code: "no-authorization", reason: String::new() }),
        }
    }

    fn challenge(&self) -> Option<HeaderValue> {
        Some(HeaderValue::from_static("Bearer"))
    }
}

pub(crate) fn options(mode: MultipartMode) -> MultipartOptions {
    MultipartOptions::new(mode, Provider::Aws.capabilities()).with_part_size(5 * MIB)
}

/// A policy whose files above 6 MiB are uploaded in parts.
pub(crate) fn policy(build: impl FnOnce(UploadPolicyBuilder) -> UploadPolicyBuilder) -> UploadPolicy {
    let target = Target::aws("videos-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let builder = UploadPolicy::builder(
        target,
        KeyTemplate::parse("videos/{id}.{ext}", &[]).unwrap(),
        Bodyless::Refuse,
    )
    .content(ContentRules::new(["video/mp4"]).unwrap())
    .size(SizeLimit::up_to(100 * MIB).unwrap())
    .multipart(options(MultipartMode::Auto).with_above(6 * MIB));
    build(builder).build().unwrap()
}

pub(crate) fn keys(deployment: &str, secrets: &[[u8; 32]]) -> TokenKeys {
    TokenKeys::new(deployment, secrets.iter().copied()).unwrap()
}

pub(crate) fn issuer(policy: UploadPolicy, calls: MockObjectCalls, keys: TokenKeys) -> UploadIssuer<Signer> {
    let credentials =
        Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    let presigner = WithCredentials::new(SigV4::new(), credentials.unwrap());
    UploadIssuer::new(policy, presigner).unwrap().with_ids(CountingIds::new()).with_store(calls, keys)
}

pub(crate) fn api_of(service: impl Into<UploadService<Signer>>) -> Api<Signer> {
    Api::new(service, CorsOrigins::listed([ORIGIN.parse().unwrap()]))
}

/// The API of [`policy`] with these calls to the store.
pub(crate) fn api(calls: MockObjectCalls) -> Api<Signer> {
    api_of(issuer(policy(|builder| builder), calls, keys("default", &[SECRET])))
}

/// The API of a policy whose clients may choose SHA-256, which S3 knows for parts only.
pub(crate) fn with_sha256(calls: MockObjectCalls) -> Api<Signer> {
    let algorithms = [ChecksumAlgorithm::Crc64nvme, ChecksumAlgorithm::Sha256];
    let policy = policy(|builder| builder.checksums(Checksums::Optional(algorithms.into())));
    api_of(issuer(policy, calls, keys("default", &[SECRET])))
}

/// A store that creates uploads and expects no other call.
pub(crate) fn store() -> MockObjectCalls {
    let mut store = MockObjectCalls::new();
    store.expect_create_multipart_upload().returning(|_, _| Ok(UPLOAD_ID.parse().unwrap()));
    store
}

pub(crate) async fn send_as(
    api: &Api<Signer>,
    caller: &str,
    path: &str,
    body: &Value,
    at: Timestamp,
) -> Response<String> {
    let request = Request::post(path).header("authorization", format!("Bearer {caller}"));
    let request = request.header("content-type", "application/json").header("origin", ORIGIN);
    let response = api.handle(&request.body(Bytes::from(body.to_string())).unwrap(), at, &ByName).await;
    openapi::assert_described(api, path, &response);
    response
}

/// Sends a request of alice.
pub(crate) async fn send(api: &Api<Signer>, path: &str, body: &Value) -> Response<String> {
    send_as(api, "alice", path, body, at()).await
}

/// Begins alice's upload of [`SIZE`] bytes and returns the grant.
pub(crate) async fn begin(api: &Api<Signer>) -> Value {
    let response =
        send(api, "/upload-url", &json!({ "contentType": "video/mp4", "contentLength": SIZE })).await;
    assert_eq!(response.status(), 200, "{}", response.body());
    body_of(&response)
}

/// Begins alice's upload and returns its token.
pub(crate) async fn token(api: &Api<Signer>) -> String {
    begin(api).await["uploadToken"].as_str().unwrap().to_owned()
}

pub(crate) fn number(number: u64) -> PartNumber {
    PartNumber::new(number).unwrap()
}

pub(crate) fn part(n: u64, size: u64, etag: &str) -> UploadedPart {
    UploadedPart::new(number(n), etag.parse().unwrap(), size)
}

/// The three parts of the file as the store lists them.
pub(crate) fn three_parts() -> PartList {
    PartList::new(vec![part(1, 5 * MIB, "e1"), part(2, 5 * MIB, "e2"), part(3, 2 * MIB + 1, "e3")])
}

/// The request that completes the upload of [`three_parts`].
pub(crate) fn completion(token: &str) -> Value {
    let parts: Vec<Value> =
        (1..=3).map(|n| json!({ "partNumber": n, "etag": format!("\"e{n}\"") })).collect();
    json!({ "uploadToken": token, "parts": parts, "checksum": { "crc64nvme": "AAAAAAAAAAA=" } })
}

/// The entity tag of an object of three parts, in the form of S3's.
pub(crate) const ETAG: &str = "0123456789abcdef0123456789abcdef-3";

/// The checksum that [`completion`] states.
fn checksum() -> Checksum {
    Checksum::parse(StoreAlgorithm::Crc64nvme, "AAAAAAAAAAA=").unwrap()
}

/// The object of [`three_parts`].
pub(crate) fn head() -> ObjectHead {
    let mut head = ObjectHead::new(SIZE, ETAG.parse().unwrap());
    head.checksums = vec![checksum()];
    head.checksum_type = Some(ChecksumType::FullObject);
    head
}

/// The answer of a store that has compared the checksum.
pub(crate) fn completed() -> CompletedUpload {
    let mut completed = CompletedUpload::new(ETAG.parse().unwrap());
    completed.checksums = vec![checksum()];
    completed.checksum_type = Some(ChecksumType::FullObject);
    completed
}

/// The error answer of the store to `operation`.
pub(crate) fn refused(operation: &'static str, status: u16, code: &str) -> ObjectError {
    let answer = StoreError::new(status).with_request_id("REQUEST-ID-OF-THE-STORE");
    let answer = if code.is_empty() { answer } else { answer.with_code(code) };
    ObjectError::new(operation, CallFailure::Store(answer))
}

pub(crate) fn no_such_upload(operation: &'static str) -> ObjectError {
    refused(operation, 404, "NoSuchUpload")
}

pub(crate) fn no_object() -> ObjectError {
    refused("HeadObject", 404, "")
}

/// A call that was sent and whose answer was lost.
pub(crate) fn lost(operation: &'static str) -> ObjectError {
    ObjectError::new(operation, CallFailure::Answer(InvalidAnswer::Incomplete)).with_uncertainty(true)
}

#[track_caller]
pub(crate) fn assert_problem(response: &Response<String>, status: u16, code: &str) -> Value {
    let problem = body_of(response);
    assert_eq!((response.status().as_u16(), problem["code"].as_str()), (status, Some(code)), "{problem}");
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
    for secret in [UPLOAD_ID, "videos-bucket", "STORE", "AKIA"] {
        assert!(!response.body().contains(secret), "{secret} in {problem}");
    }
    problem
}

#[test]
fn codes_of_the_store_are_those_that_the_service_distinguishes() {
    assert_eq!(no_such_upload("ListParts").code(), Some(&ErrorCode::NoSuchUpload));
    assert!(no_object().is_not_found() && lost("CompleteMultipartUpload").may_have_happened());
}
