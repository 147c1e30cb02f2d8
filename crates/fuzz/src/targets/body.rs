//! Request bodies through the whole API: the response is one of the documented ones and a grant never exceeds the policy.

use std::sync::LazyLock;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt;
use http::Request;
use serde_json::Value;
use upsign::{SigV4, UploadIssuer};
use upsign_core::{CorsOrigins, Credentials, Identity, Target, Timestamp, WithCredentials};
use upsign_http::{Api, Authenticate, AuthenticateError, AuthenticateRequest};
use upsign_policy::{Bodyless, ContentRules, IdName, KeyTemplate, SizeLimit, UploadPolicy};

use crate::within_time_limit;

const MAX_BYTES: u64 = 10 << 20;

type Presigner = WithCredentials<SigV4, Credentials>;

static API: LazyLock<Api<Presigner>> = LazyLock::new(|| {
    let id: IdName = "article_id".parse().unwrap();
    let template = KeyTemplate::parse("articles/{article_id}/raw/{id}.{ext}", &[id]).unwrap();
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let policy = UploadPolicy::builder(target, template, Bodyless::Refuse)
        .content(ContentRules::new(["image/jpeg", "image/png"]).unwrap())
        .size(SizeLimit::up_to(MAX_BYTES).unwrap())
        .build()
        .unwrap();
    let credentials = Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "secret").unwrap();
    let issuer = UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials)).unwrap();
    Api::new(issuer, CorsOrigins::listed([]))
});

#[derive(Debug)]
struct AlwaysAlice;

#[async_trait]
impl Authenticate for AlwaysAlice {
    async fn authenticate(
        &self,
        _: &AuthenticateRequest<'_>,
        _: Timestamp,
    ) -> Result<Identity, AuthenticateError> {
        Ok(Identity::from_verified("https://issuer.example", "alice").unwrap())
    }
}

pub(super) fn run(body: &[u8]) {
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let request = Request::post("/upload-url").body(Bytes::copy_from_slice(body)).unwrap();
    let response =
        within_time_limit(|| API.handle(&request, at, &AlwaysAlice).now_or_never()).expect("no I/O");
    let status = response.status().as_u16();
    let json: Value = serde_json::from_str(response.body()).expect("every response is JSON");
    if status != 200 {
        assert!([400, 403, 413, 415].contains(&status), "{status} {json}");
        assert!(json["code"].is_string(), "{json}");
        return;
    }
    let sent: Value = serde_json::from_slice(body).expect("only JSON is granted");
    let length = sent["contentLength"].as_u64().expect("only a body with a length is granted");
    assert!((1..=MAX_BYTES).contains(&length), "{length}");
    assert_eq!(json["headers"]["content-type"], sent["contentType"].as_str().unwrap().to_ascii_lowercase());
    let key = json["key"].as_str().unwrap();
    assert!(key.starts_with("articles/") && !key.contains(".."), "{key}");
}
