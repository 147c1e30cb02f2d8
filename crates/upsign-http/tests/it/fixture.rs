//! A complete API with counted ids, a fixed time and a fake authenticator.

use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use serde_json::Value;
use upsign::{IdSource, NoEntropy, SigV4, UploadIssuer};
use upsign_core::{CorsOrigins, Credentials, Identity, Target, Timestamp, WithCredentials};
use upsign_http::{Api, Authenticate, AuthenticateError, AuthenticateRequest};
use upsign_policy::{Bodyless, ContentRules, KeyTemplate, SizeLimit, UploadPolicy, uuid_v4};

pub(crate) const ORIGIN: &str = "https://app.example.com";
pub(crate) const TOKEN: &str = "Bearer good";

pub(crate) fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

#[derive(Debug, Default)]
struct CountingIds(AtomicU8);

impl IdSource for CountingIds {
    fn next(&self, _at: Timestamp) -> Result<uuid::Uuid, NoEntropy> {
        Ok(uuid_v4([self.0.fetch_add(1, Ordering::Relaxed); 16]))
    }
}

/// Accepts [`TOKEN`], is unavailable for `Bearer later`, and rejects everything else.
#[derive(Debug)]
pub(crate) struct FakeAuthenticator;

#[async_trait]
impl Authenticate for FakeAuthenticator {
    async fn authenticate(
        &self,
        request: &AuthenticateRequest<'_>,
        _at: Timestamp,
    ) -> Result<Identity, AuthenticateError> {
        let value = request.headers.get("authorization").map(|value| value.to_str().unwrap());
        match value {
            Some(TOKEN) => Ok(Identity::from_verified("https://issuer.example", "alice").unwrap()),
            Some("Bearer later") => {
                Err(AuthenticateError::Unavailable { reason: "the key endpoint is unreachable".into() })
            }
            _ => Err(AuthenticateError::Rejected { code: "token-signature", reason: "bad signature".into() }),
        }
    }

    fn challenge(&self) -> Option<HeaderValue> {
        Some(HeaderValue::from_static("Bearer"))
    }
}

pub(crate) fn policy(bodyless: Bodyless) -> UploadPolicy {
    let ids = ["article_id".parse().unwrap()];
    let template = KeyTemplate::parse("articles/{article_id}/raw/{id}.{ext}", &ids).unwrap();
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, template, bodyless)
        .content(ContentRules::new(["image/jpeg", "image/png", "image/webp"]).unwrap())
        .size(SizeLimit::up_to(10 << 20).unwrap())
        .build()
        .unwrap()
}

pub(crate) type Signer = WithCredentials<SigV4, Credentials>;

pub(crate) fn issuer(bodyless: Bodyless) -> UploadIssuer<Signer> {
    let credentials =
        Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    let presigner = WithCredentials::new(SigV4::new(), credentials.unwrap());
    UploadIssuer::new(policy(bodyless), presigner).unwrap().with_ids(CountingIds::default())
}

pub(crate) fn api(bodyless: Bodyless) -> Api<Signer> {
    Api::new(issuer(bodyless), CorsOrigins::listed([ORIGIN.parse().unwrap()]))
}

pub(crate) fn post(headers: &[(&str, &str)], body: &str) -> Request<Bytes> {
    let mut request = Request::post("/upload-url");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

pub(crate) async fn send(request: Request<Bytes>) -> Response<String> {
    api(Bodyless::Allow).handle(&request, at(), &FakeAuthenticator).await
}

pub(crate) fn json(response: &Response<String>) -> Value {
    serde_json::from_str(response.body()).unwrap()
}
