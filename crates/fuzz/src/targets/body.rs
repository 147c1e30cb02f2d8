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
const TYPES: [&str; 2] = ["image/jpeg", "image/png"];

type Presigner = WithCredentials<SigV4, Credentials>;

static API: LazyLock<Api<Presigner>> = LazyLock::new(|| {
    let id: IdName = "article_id".parse().unwrap();
    let template = KeyTemplate::parse("articles/{article_id}/raw/{id}.{ext}", &[id]).unwrap();
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let policy = UploadPolicy::builder(target, template, Bodyless::Refuse)
        .content(ContentRules::new(TYPES).unwrap())
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

/// Returns a content type without its parameters, in lower case.
fn essence(content_type: &Value) -> String {
    let text = content_type.as_str().unwrap_or_default();
    text.split(';').next().unwrap().trim().to_ascii_lowercase()
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
    // Other names of a type, parameters and an empty type are accepted, but what is signed is a type of the policy.
    let signed = essence(&json["headers"]["content-type"]);
    assert!(TYPES.contains(&signed.as_str()), "{signed}");
    let stated = essence(&sent["contentType"]);
    assert!(stated == signed || !TYPES.contains(&stated.as_str()), "{stated} became {signed}");
    let key = json["key"].as_str().unwrap();
    assert!(key.starts_with("articles/") && !key.contains(".."), "{key}");
}
