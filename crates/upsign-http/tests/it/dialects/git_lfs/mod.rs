//! The batch API of Git LFS with a mocked store: what is signed, what exists, who may read, and what is refused.

mod batches;
mod verify;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::{Value, json};
use upsign::session::TokenKeys;
use upsign::{Access, Route, SigV4, TooManyRequests, UploadIssuer, UploadService, rate_limit_fn};
use upsign_core::{
    CorsOrigins, Credentials, Dialect, Identity, Target, Timestamp, TokenHeader, WithCredentials,
};
use upsign_http::{Api, Authenticate, AuthenticateError, AuthenticateRequest, InvalidDialect};
use upsign_objects::{
    CallFailure, Checksum as StoreChecksum, ChecksumAlgorithm as StoreAlgorithm, ChecksumType, ObjectError,
    ObjectHead, StoreError,
};
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, Checksums, ConfirmationOptions, Gate, KeyOptions, Replace, SharedContent,
    UploadMethod, UploadPolicy, UploadPolicyBuilder,
};
use upsign_testing::RecordingObserver;
use upsign_testing::mocks::MockObjectCalls;

use crate::fixture::{at, json as body_of};
use crate::sessions::{ByName, Signer};

const BATCH: &str = "/info/lfs/objects/batch";
const MIB: u64 = 1 << 20;

/// The objects of the store, by their keys.
type Objects = Arc<Mutex<BTreeMap<String, ObjectHead>>>;

fn builder(key: &str) -> UploadPolicyBuilder {
    let target = Target::aws("lfs-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, key.parse().unwrap(), Bodyless::Refuse)
        .content_types(["application/octet-stream"])
        .max_size(100 * MIB)
        .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()))
        .keys(KeyOptions::new().shared_content(SharedContent::Danger))
        .confirmation(ConfirmationOptions::new().with_confirm(true))
}

/// A store that answers only `HeadObject`, and counts these calls.
fn store(objects: &Objects, calls: &Arc<AtomicUsize>) -> MockObjectCalls {
    let (objects, calls) = (Arc::clone(objects), Arc::clone(calls));
    let mut store = MockObjectCalls::new();
    store.expect_head_object().returning(move |call, _| {
        calls.fetch_add(1, Ordering::Relaxed);
        objects.lock().unwrap().get(call.key().as_str()).cloned().ok_or_else(|| failed(404, "NoSuchKey"))
    });
    store
}

fn failed(status: u16, code: &str) -> ObjectError {
    ObjectError::new("HeadObject", CallFailure::Store(StoreError::new(status).with_code(code)))
}

fn issuer(policy: UploadPolicy, store: MockObjectCalls) -> UploadIssuer<Signer> {
    let credentials =
        Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    let presigner = WithCredentials::new(SigV4::new(), credentials.unwrap());
    UploadIssuer::new(policy, presigner).unwrap().with_store(store, TokenKeys::new("lfs", [[7; 32]]).unwrap())
}

fn api_of(service: impl Into<UploadService<Signer>>) -> Result<Api<Signer>, InvalidDialect> {
    Api::new(service, CorsOrigins::listed([])).with_dialects([Dialect::GitLfs])
}

/// [`ByName`], for tokens in `Authorization`.
#[derive(Debug)]
struct WithToken;

static AUTHORIZATION: LazyLock<TokenHeader> = LazyLock::new(TokenHeader::default);

#[async_trait]
impl Authenticate for WithToken {
    async fn authenticate(
        &self,
        request: &AuthenticateRequest<'_>,
        at: Timestamp,
    ) -> Result<Identity, AuthenticateError> {
        ByName.authenticate(request, at).await
    }

    fn challenge(&self) -> Option<HeaderValue> {
        ByName.challenge()
    }

    fn token_header(&self) -> Option<&TokenHeader> {
        Some(&AUTHORIZATION)
    }
}

/// An API with one unnamed route, the objects of its store, and the number of calls to it.
struct Fixture {
    api: Api<Signer>,
    objects: Objects,
    calls: Arc<AtomicUsize>,
}

impl Fixture {
    fn new(key: &str) -> Self {
        let (objects, calls) = (Objects::default(), Arc::default());
        let issuer = issuer(builder(key).build().unwrap(), store(&objects, &calls));
        Self { api: api_of(issuer).unwrap().with_read_urls(true), objects, calls }
    }

    fn with_api(self, change: impl FnOnce(Api<Signer>) -> Api<Signer>) -> Self {
        Self { api: change(self.api), ..self }
    }

    /// Stores an object as an upload would.
    fn put(&self, key: &str, oid: &str, size: u64) {
        let mut head = ObjectHead::new(size, "etag".parse().unwrap());
        head.content_type = Some("application/octet-stream".into());
        head.checksums = vec![StoreChecksum::parse(StoreAlgorithm::Sha256, &base64_of(oid)).unwrap()];
        head.checksum_type = Some(ChecksumType::FullObject);
        self.objects.lock().unwrap().insert(key.to_owned(), head);
    }

    async fn batch(&self, caller: &str, operation: &str, objects: &[(&str, u64)]) -> Response<String> {
        send(&self.api, BATCH, &bearer(caller), &batch(operation, objects)).await
    }

    /// Returns the only object of the answer.
    async fn object(&self, caller: &str, operation: &str, oid: &str, size: u64) -> Value {
        let response = self.batch(caller, operation, &[(oid, size)]).await;
        assert_eq!(response.status(), StatusCode::OK, "{}", response.body());
        body_of(&response)["objects"][0].clone()
    }
}

/// The oid whose bytes are all `byte`.
fn oid(byte: u8) -> String {
    format!("{byte:02x}").repeat(32)
}

fn base64_of(oid: &str) -> String {
    STANDARD.encode([u8::from_str_radix(oid.get(..2).unwrap(), 16).unwrap(); 32])
}

fn bearer(caller: &str) -> String {
    format!("Bearer {caller}")
}

fn batch(operation: &str, objects: &[(&str, u64)]) -> Value {
    let objects: Vec<_> = objects.iter().map(|(oid, size)| json!({ "oid": oid, "size": size })).collect();
    json!({ "operation": operation, "transfers": ["basic"], "objects": objects, "hash_algo": "sha256" })
}

fn request(path: &str, authorization: &str) -> http::request::Builder {
    Request::post(path)
        .header("host", "lfs.example.com")
        .header("authorization", authorization)
        .header("content-type", "application/vnd.git-lfs+json; charset=utf-8")
}

async fn send(api: &Api<Signer>, path: &str, authorization: &str, body: &Value) -> Response<String> {
    let request = request(path, authorization).body(Bytes::from(body.to_string())).unwrap();
    api.handle(&request, at(), &WithToken).await
}

async fn send_verify(
    fixture: &Fixture,
    caller: &str,
    token: Option<&str>,
    oid: &str,
    size: u64,
) -> Response<String> {
    let body = json!({ "oid": oid, "size": size });
    let mut request = request("/info/lfs/verify", &bearer(caller));
    if let Some(token) = token {
        request = request.header("upsign-upload-token", token);
    }
    fixture.api.handle(&request.body(Bytes::from(body.to_string())).unwrap(), at(), &WithToken).await
}
