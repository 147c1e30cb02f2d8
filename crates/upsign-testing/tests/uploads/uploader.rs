//! A service for one store, and a client that uploads through it.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use tokio::time::sleep;
use upsign::objects::ETag;
use upsign::policy::{
    ChecksumAlgorithm, ChecksumKind, Checksums, MultipartMode, MultipartOptions, SizeBound,
};
use upsign::session::{ClientPart, CompleteRequest, CompletedObject, PartsRequest, SessionError, TokenKeys};
use upsign::types::{
    Capabilities, ExpiresIn, MultipartPlan, ObjectKey, Operation, PartNumber, VerifiedChecksums,
};
use upsign::{
    Bodyless, Credentials, Identity, PresignRequest, PresignedRequest, Route, SigV4, SignedHeaders, Target,
    UploadGrant, UploadIssuer, UploadPolicy, UploadRequest, UploadService, WithCredentials,
};
use upsign_objects::{HttpObjects, TimeLimits};
use upsign_sigv4::stages::{SigningKey, amz_date, canonical_request, scope, string_to_sign};

use crate::checksums;
use crate::store::{Store, keys, now};

pub(crate) type Signer = WithCredentials<SigV4, Credentials>;

pub(crate) const PART_SIZE: usize = 5 << 20;

/// The sizes of a service's uploads in bytes.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) part_size: u64,
    pub(crate) max_size: u64,
}

/// The service of the tests: videos of up to 64 MiB in parts of 5 MiB.
pub(crate) struct Service {
    pub(crate) service: UploadService<Signer>,
    pub(crate) target: Target,
    pub(crate) caller: Identity,
    pub(crate) http: Client,
}

/// An upload that has begun.
pub(crate) struct Uploader<'a> {
    pub(crate) service: &'a Service,
    pub(crate) grant: UploadGrant,
    pub(crate) token: String,
}

impl Service {
    pub(crate) fn new(store: &Store, mode: MultipartMode, has_checksums: bool) -> Self {
        let mut capabilities = store.capabilities();
        if !has_checksums {
            capabilities.full_object_checksums = VerifiedChecksums::Only(&[]);
            capabilities.part_checksums = VerifiedChecksums::Only(&[]);
        }
        Self::with_capabilities(store, mode, capabilities, has_checksums)
    }

    /// Returns the service for a store of which the policy assumes these capabilities.
    pub(crate) fn with_capabilities(
        store: &Store,
        mode: MultipartMode,
        capabilities: Capabilities,
        has_checksums: bool,
    ) -> Self {
        let limits = Limits { part_size: u64::try_from(PART_SIZE).unwrap(), max_size: 64 << 20 };
        Self::with_limits(store, mode, capabilities, has_checksums, limits)
    }

    pub(crate) fn with_limits(
        store: &Store,
        mode: MultipartMode,
        capabilities: Capabilities,
        has_checksums: bool,
        limits: Limits,
    ) -> Self {
        let options = MultipartOptions::new(mode, capabilities).with_part_size(limits.part_size);
        let mut policy = UploadPolicy::builder(
            store.target.clone(),
            "videos/{sub}/{id}".parse().unwrap(),
            Bodyless::Refuse,
        )
        .content_types(["video/mp4"])
        .size(upsign::policy::SizeLimit::between(0, limits.max_size).unwrap())
        .multipart(options)
        .size_bound(SizeBound::MaxInParts);
        if has_checksums {
            let all = store.algorithms().into_iter().flatten().collect();
            policy = policy.checksums(Checksums::Optional(all));
        }
        let signer = || SigV4::new().with_credentials(keys());
        // These stores show an object as soon as they have confirmed it.
        let limits = TimeLimits::default().with_second_look(Duration::from_millis(1));
        let calls = HttpObjects::new(store.target.clone(), signer()).with_time_limits(limits);
        let token_keys = TokenKeys::new("tests", [[7; 32]]).unwrap();
        let issuer = UploadIssuer::new(policy.build().unwrap(), signer()).unwrap();
        let route = Route::unnamed(issuer.with_store(calls, token_keys));
        Self {
            service: UploadService::new([route]).unwrap(),
            target: store.target.clone(),
            caller: Identity::from_verified("https://issuer.example", "alice").unwrap(),
            http: Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// Begins an upload of `size` bytes, or of any number of bytes.
    pub(crate) async fn begin(
        &self,
        size: Option<usize>,
        algorithm: Option<ChecksumAlgorithm>,
    ) -> Uploader<'_> {
        let mut request = UploadRequest::described().with_content_type("video/mp4");
        if let Some(size) = size {
            request = request.with_content_length(u64::try_from(size).unwrap());
        }
        if let Some(algorithm) = algorithm {
            request = request.with_checksum_algorithm(algorithm.as_str());
        }
        let grant = self.service.issue(&self.caller, None, &request, now()).await.unwrap();
        let token = grant.upload_token().unwrap().expose().to_owned();
        Uploader { service: self, grant, token }
    }

    /// Reads an object.
    pub(crate) async fn read(&self, key: &ObjectKey) -> Response {
        let request = presign(&self.target, Operation::GetObject, key.clone());
        send(&self.http, &request, Vec::new()).await
    }

    /// Returns the bytes of an object, or `None` if it does not exist.
    pub(crate) async fn bytes(&self, key: &ObjectKey) -> Option<Vec<u8>> {
        let answer = self.read(key).await;
        if answer.status() == 404 {
            return None;
        }
        assert!(answer.status().is_success(), "GetObject: {}", answer.status());
        Some(answer.bytes().await.unwrap().to_vec())
    }
}

impl Uploader<'_> {
    pub(crate) fn plan(&self) -> MultipartPlan {
        self.grant.upload.multipart().unwrap().plan.plan()
    }

    pub(crate) fn checksum_kind(&self) -> Option<ChecksumKind> {
        self.grant.upload.multipart().unwrap().checksum.map(|checksum| checksum.kind)
    }

    fn algorithm(&self) -> Option<ChecksumAlgorithm> {
        self.grant.upload.multipart().unwrap().checksum.map(|checksum| checksum.algorithm)
    }

    /// Sends a part, and returns how to name it when the upload is completed.
    ///
    /// # Errors
    /// Returns the status and the answer of the store.
    pub(crate) async fn put(&self, number: u64, bytes: &[u8]) -> Result<ClientPart, String> {
        self.put_as(number, bytes, bytes).await
    }

    /// Requests the URL of a part for some bytes, and sends others.
    pub(crate) async fn put_as(&self, number: u64, stated: &[u8], sent: &[u8]) -> Result<ClientPart, String> {
        let number = PartNumber::new(number).unwrap();
        let checksum = self.algorithm().map(|algorithm| checksums::base64(algorithm, stated));
        let mut request = PartsRequest::new(vec![number]).unwrap();
        if self.grant.upload.multipart().unwrap().plan.exact().is_none() {
            request = request.with_lengths(vec![u64::try_from(stated.len()).unwrap()]).unwrap();
        }
        if checksum.is_some() {
            request = request.with_checksums(vec![checksum.clone()]).unwrap();
        }
        let Service { service, caller, http, .. } = self.service;
        let urls = service.presign_parts(caller, &self.token, &request, now()).await.unwrap();
        let part = urls.parts.first().unwrap();
        let mut put = http.put(part.url.expose()).body(sent.to_vec());
        // That of the sent bytes, which the store must refuse if it is not the signed one.
        put = put.header("content-length", sent.len());
        for (name, value) in part.headers.iter().filter(|(name, _)| *name != "content-length") {
            put = put.header(name, value);
        }
        let answer = send_with_retries(put).await?;
        if !answer.status().is_success() {
            return Err(format!("{}: {}", answer.status(), answer.text().await.unwrap_or_default()));
        }
        let client_part = ClientPart::new(number, etag(&answer));
        Ok(match checksum {
            Some(checksum) => client_part.with_checksum(checksum),
            None => client_part,
        })
    }

    /// Sends all parts of a file.
    pub(crate) async fn put_all(&self, bytes: &[u8]) -> Vec<ClientPart> {
        let mut parts = Vec::new();
        let chunks: Vec<&[u8]> = if bytes.is_empty() { vec![b""] } else { bytes.chunks(PART_SIZE).collect() };
        for (number, chunk) in (1..).zip(chunks) {
            parts.push(self.put(number, chunk).await.unwrap());
        }
        parts
    }

    /// Completes the upload. `total` is the file of which the client states the checksum, if the upload has one.
    pub(crate) async fn complete(
        &self,
        parts: &[ClientPart],
        total: Option<&[u8]>,
    ) -> Result<CompletedObject, SessionError> {
        let mut request = CompleteRequest::new(parts.to_vec()).unwrap();
        if let (Some(bytes), Some(algorithm), Some(ChecksumKind::FullObject)) =
            (total, self.algorithm(), self.checksum_kind())
        {
            request = request.with_checksum(algorithm.as_str(), checksums::base64(algorithm, bytes));
        }
        let Service { service, caller, .. } = self.service;
        service.complete_upload(caller, &self.token, &request, now()).await
    }
}

/// Sends a part again if the store fails, as a client does. SeaweedFS answers 500 while it creates a volume.
async fn send_with_retries(put: RequestBuilder) -> Result<Response, String> {
    let mut pause = Duration::from_millis(100);
    loop {
        let answer =
            put.try_clone().unwrap().send().await.map_err(|error| error.without_url().to_string())?;
        if !answer.status().is_server_error() || pause > Duration::from_secs(5) {
            return Ok(answer);
        }
        sleep(pause).await;
        pause *= 2;
    }
}

impl Uploader<'_> {
    /// Completes the upload with this CRC-64/NVME of the whole object.
    pub(crate) async fn complete_with(
        &self,
        parts: &[ClientPart],
        crc: [u8; 8],
    ) -> Result<CompletedObject, SessionError> {
        use base64::Engine as _;
        let crc = base64::engine::general_purpose::STANDARD.encode(crc);
        let request = CompleteRequest::new(parts.to_vec()).unwrap().with_checksum("crc64nvme", crc);
        let Service { service, caller, .. } = self.service;
        service.complete_upload(caller, &self.token, &request, now()).await
    }
}

fn etag(answer: &Response) -> ETag {
    answer.headers()["etag"].to_str().unwrap().parse().unwrap()
}

pub(crate) fn presign(target: &Target, operation: Operation, key: ObjectKey) -> PresignedRequest {
    let lifetime = ExpiresIn::from_secs(60).unwrap();
    let request = PresignRequest::new(target.clone(), operation, key, lifetime);
    let signer = SigV4::new().with_credentials(keys());
    signer.presign_now(&request.with_headers(SignedHeaders::new()), now()).unwrap()
}

pub(crate) async fn send(http: &Client, request: &PresignedRequest, body: Vec<u8>) -> Response {
    let method: Method = request.method.as_str().parse().unwrap();
    http.request(method, request.url.expose()).body(body).send().await.unwrap()
}

/// Creates the bucket of a target.
pub(crate) async fn create_bucket(target: &Target) {
    put_bucket(target, &[], "").await;
}

/// Turns the versioning of the bucket on.
pub(crate) async fn enable_versions(target: &Target) {
    let document = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                    <Status>Enabled</Status></VersioningConfiguration>";
    put_bucket(target, &[("versioning", "")], document).await;
}

/// Sends a `PUT` to the bucket.
async fn put_bucket(target: &Target, query: &[(&str, &str)], body: &str) {
    let answer = send_signed(Method::PUT, target, "", query, body).await;
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

/// Sends a request that is signed in a header. `key` is percent-encoded and begins with a slash, or is empty for the bucket itself; the
/// query is not encoded.
pub(crate) async fn send_signed(
    method: Method,
    target: &Target,
    key: &str,
    query: &[(&str, &str)],
    body: &str,
) -> Response {
    const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
    let (at, credentials, path) = (now(), keys(), format!("/{}{key}", target.bucket()));
    let date = amz_date(at);
    let headers =
        [("host", target.host()), ("x-amz-content-sha256", UNSIGNED), ("x-amz-date", date.as_str())];
    let scope = scope(at, target.region().as_str(), "s3");
    let request = canonical_request(method.as_str(), &path, query, &headers, UNSIGNED);
    let text = string_to_sign(at, &scope, &request);
    let signing_key = SigningKey::derive(credentials.secret_access_key(), at, target.region().as_str(), "s3");
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={}",
        credentials.access_key_id(),
        signing_key.sign(&text)
    );
    let http = Client::builder().no_proxy().build().unwrap();
    let mut url = url::Url::parse(&format!("{}{path}", target.endpoint_url())).unwrap();
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let mut request = http.request(method, url).body(body.to_owned());
    for (name, value) in headers.iter().skip(1).chain([&("authorization", authorization.as_str())]) {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}
