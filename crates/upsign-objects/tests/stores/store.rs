//! The tested stores, and a bucket with both clients.

use std::fmt;
use std::time::SystemTime;

use reqwest::{Client, Method, Response};
use upsign_aws::AwsSigV4;
use upsign_core::{
    Addressing, Bucket, Credentials, ExpiresIn, ObjectKey, Operation, PartNumber, PresignRequest,
    SignedHeaders, Target, Timestamp, UploadId, WithCredentials,
};
use upsign_local::LocalS3;
use upsign_objects::{ETag, HttpObjects, ObjectCalls};
use upsign_sigv4::SigV4;

use crate::sdk::{self, SdkCalls};

const REGION: &str = "us-east-1";
const ACCESS_KEY: &str = "AKIATESTADMIN0000001";
const SECRET_KEY: &str = "adminSecretKeyForTestsOnly00000000000001";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StoreName {
    /// The embedded server of `upsign-local`.
    Embedded,
    SeaweedFs,
    Ministack,
}

/// Which implementation makes the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Caller {
    /// `HttpObjects`, signed by `SigV4`.
    Http,
    /// `HttpObjects`, signed by `AwsSigV4`, which does not sign every header.
    AwsSigner,
    /// The AWS SDK.
    Sdk,
}

impl fmt::Display for StoreName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Embedded => "upsign-local",
            Self::SeaweedFs => "seaweedfs",
            Self::Ministack => "ministack",
        })
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Http => "http",
            Self::AwsSigner => "aws-sigv4",
            Self::Sdk => "sdk",
        })
    }
}

/// A running store.
pub(crate) struct Store {
    pub(crate) name: StoreName,
    endpoint: String,
    embedded: Option<LocalS3>,
}

/// A bucket, and the calls to it.
#[derive(Debug)]
pub(crate) struct TestBucket {
    pub(crate) calls: Box<dyn ObjectCalls>,
    /// Calls that are signed with a wrong secret.
    pub(crate) wrong_secret: Box<dyn ObjectCalls>,
    pub(crate) name: Bucket,
    target: Target,
    presigner: WithCredentials<SigV4, Credentials>,
    http: Client,
}

impl Store {
    pub(crate) async fn embedded() -> Self {
        let builder = LocalS3::builder(keys(SECRET_KEY), REGION.parse().unwrap(), bucket_name(Caller::Http));
        let builder = builder.additional_bucket(bucket_name(Caller::AwsSigner));
        let builder = builder.additional_bucket(bucket_name(Caller::Sdk)).versioned(true);
        let s3 = builder.start().await.unwrap();
        let endpoint = format!("http://{}", s3.address());
        Self { name: StoreName::Embedded, endpoint, embedded: Some(s3) }
    }

    /// Returns a store that accepts the administrator's keys.
    pub(crate) fn connect(name: StoreName, endpoint: &str) -> Self {
        Self { name, endpoint: endpoint.to_owned(), embedded: None }
    }

    /// Creates an empty bucket with versioning.
    pub(crate) async fn bucket(&self, caller: Caller) -> TestBucket {
        let name = bucket_name(caller);
        // The embedded server has its buckets from the start.
        if self.embedded.is_none() {
            sdk::create_versioned_bucket(&sdk::client(&self.endpoint, &keys(SECRET_KEY)), &name).await;
        }
        let region = REGION.parse().unwrap();
        let target =
            Target::at(&self.endpoint.parse().unwrap(), Addressing::Path, name.clone(), region).unwrap();
        let presigner = SigV4::new().with_credentials(keys(SECRET_KEY));
        let calls = |secret| -> Box<dyn ObjectCalls> {
            match caller {
                Caller::Http => {
                    Box::new(HttpObjects::new(target.clone(), SigV4::new().with_credentials(keys(secret))))
                }
                Caller::AwsSigner => {
                    let presigner = WithCredentials::new(AwsSigV4::new(), keys(secret));
                    Box::new(HttpObjects::new(target.clone(), presigner))
                }
                Caller::Sdk => {
                    Box::new(SdkCalls::new(sdk::client(&self.endpoint, &keys(secret)), name.clone()))
                }
            }
        };
        let http = Client::builder().no_proxy().build().unwrap();
        let wrong = "aWrongSecretKeyForTestsOnly0000000000001";
        let (calls, wrong_secret) = (calls(SECRET_KEY), calls(wrong));
        TestBucket { calls, wrong_secret, name, target, presigner, http }
    }
}

impl TestBucket {
    /// Stores an object and returns its entity tag.
    pub(crate) async fn put(
        &self,
        key: &ObjectKey,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<ETag, String> {
        self.send(Operation::PutObject, key, headers, body).await.map(|answer| etag(&answer))
    }

    /// Uploads a part and returns its entity tag.
    pub(crate) async fn put_part(
        &self,
        key: &ObjectKey,
        id: &UploadId,
        number: u64,
        body: &[u8],
    ) -> Result<ETag, String> {
        let part_number = PartNumber::new(number).unwrap();
        let operation = Operation::UploadPart { upload_id: id.clone(), part_number };
        self.send(operation, key, &[], body).await.map(|answer| etag(&answer))
    }

    /// Reads a whole object.
    pub(crate) async fn bytes(&self, key: &ObjectKey) -> Result<Vec<u8>, String> {
        let answer = self.send(Operation::GetObject, key, &[], b"").await?;
        answer.bytes().await.map(|bytes| bytes.to_vec()).map_err(|error| error.to_string())
    }

    /// Sends a request directly, without either implementation of the calls.
    pub(crate) async fn send(
        &self,
        operation: Operation,
        key: &ObjectKey,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Response, String> {
        let mut signed = SignedHeaders::new();
        for (name, value) in headers {
            signed.insert(name, value).unwrap();
        }
        let lifetime = ExpiresIn::from_secs(60).unwrap();
        let request = PresignRequest::new(self.target.clone(), operation, key.clone(), lifetime);
        let presigned = self.presigner.presign_now(&request.with_headers(signed), now()).unwrap();
        let method: Method = presigned.method.as_str().parse().unwrap();
        let mut request = self.http.request(method.clone(), presigned.url.expose()).body(body.to_vec());
        for (name, value) in &presigned.headers {
            request = request.header(name, value);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        Err(format!("{method} of the test: {status}, {}", response.text().await.unwrap_or_default()))
    }
}

fn etag(answer: &Response) -> ETag {
    answer.headers()["etag"].to_str().unwrap().parse().unwrap()
}

fn keys(secret: &str) -> Credentials {
    Credentials::long_term(ACCESS_KEY, secret).unwrap()
}

/// Returns a name that no earlier run on the same server used.
fn bucket_name(caller: Caller) -> Bucket {
    format!("objects-{caller}-{}", std::process::id()).parse().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a store reads its own clock")]
pub(crate) fn now() -> Timestamp {
    SystemTime::now().try_into().unwrap()
}
