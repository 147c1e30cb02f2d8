//! Several routes, forms, client-supplied ids and the rate limit.

use async_trait::async_trait;
use http::Response;
use serde_json::{Value, json};
use upsign::{
    Access, Authorize, AuthorizeError, AuthorizeRequest, Decision, RateLimit, RateLimitError, Route, SigV4,
    TooManyRequests, UploadIssuer, UploadPolicy, UploadService,
};
use upsign_core::{CorsOrigins, Credentials, Identity, Timestamp, WithCredentials};
use upsign_http::Api;
use upsign_policy::{
    Bodyless, ClientMetadata, ContentRules, Disposition, IdName, KeyOptions, KeyTemplate, MetadataOptions,
    SizeLimit, TagOptions, UploadMethod,
};

use crate::fixture::{FakeAuthenticator, ORIGIN, TOKEN, at, json as read, post};

type Signer = WithCredentials<SigV4, Credentials>;

const OWN_ARTICLE: &str = "0f0e0d0c-0b0a-4908-8706-050403020100";

fn issuer(policy: UploadPolicy) -> UploadIssuer<Signer> {
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials)).unwrap()
}

fn policy(folder: &str, bucket: &str, method: UploadMethod) -> UploadPolicy {
    let ids: [IdName; 1] = ["article_id".parse().unwrap()];
    let template = KeyTemplate::parse(&format!("{folder}/{{article_id}}/{{id}}.{{ext}}"), &ids).unwrap();
    let target = upsign_core::Target::aws(bucket.parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, template, Bodyless::Allow)
        .content(ContentRules::new(["image/jpeg"]).unwrap())
        .size(SizeLimit::between(1, 1 << 20).unwrap())
        .keys(KeyOptions::new().client_may_supply(ids.into_iter().filter(|_| folder == "articles")))
        .metadata(MetadataOptions::new().client(ClientMetadata::Named(["camera".into()].into())))
        .tags(TagOptions::new().client(true))
        .disposition(Disposition::FromClient)
        .method(method)
        .build()
        .unwrap()
}

#[derive(Debug)]
struct Owner;

#[async_trait]
impl Authorize for Owner {
    async fn authorize(&self, request: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError> {
        let owned = request.ids.iter().any(|(_, id)| id.to_string() == OWN_ARTICLE);
        Ok(if owned || !request.client_supplied_ids { Decision::Allow } else { Decision::Deny })
    }
}

#[derive(Debug)]
struct AlwaysLimited;

#[async_trait]
impl RateLimit for AlwaysLimited {
    async fn count(&self, _caller: &Identity, _at: Timestamp) -> Result<(), RateLimitError> {
        Err(TooManyRequests::new(7).into())
    }
}

pub(crate) fn service() -> UploadService<Signer> {
    UploadService::new([
        Route::unnamed(
            issuer(policy("articles", "article-images", UploadMethod::Put)).with_authorizer(Owner),
        ),
        Route::named("avatars".parse().unwrap(), issuer(policy("avatars", "avatars", UploadMethod::Post))),
        Route::named("videos".parse().unwrap(), issuer(policy("videos", "videos", UploadMethod::Put)))
            .with_access(Access::unrestricted().with_groups(["crew"])),
    ])
    .unwrap()
}

async fn send(service: UploadService<Signer>, body: &Value) -> Response<String> {
    let api = Api::new(service, CorsOrigins::listed([ORIGIN.parse().unwrap()]));
    api.handle(&post(&[("authorization", TOKEN)], &body.to_string()), at(), &FakeAuthenticator).await
}

#[track_caller]
fn refused(response: &Response<String>, status: u16, code: &str) {
    assert_eq!((response.status().as_u16(), read(response)["code"].as_str().unwrap()), (status, code));
}

#[tokio::test]
async fn form_without_size_gets_the_size_range() {
    for body in [json!({"route": "avatars"}), json!({"route": "avatars", "contentType": "image/jpeg"})] {
        let response = send(service(), &body).await;
        assert_eq!(response.status(), 200);
        let response = read(&response);
        assert_eq!(response["method"], "POST");
        assert_eq!(response["uploadUrl"], "https://avatars.s3.ap-southeast-1.amazonaws.com/");
        assert_eq!(response["fields"]["key"], response["key"]);
        assert_eq!(response["fields"]["Content-Type"], "image/jpeg");
        assert!(response.get("headers").is_none());
        let policy = response["fields"]["policy"].as_str().unwrap();
        let policy: Value = serde_json::from_slice(
            &base64::Engine::decode(&base64::prelude::BASE64_STANDARD, policy).unwrap(),
        )
        .unwrap();
        let conditions = policy["conditions"].as_array().unwrap();
        assert!(conditions.contains(&json!(["content-length-range", 1, 1 << 20])), "{policy}");
    }
}

#[tokio::test]
async fn routes_check_name_and_access() {
    let forbidden = send(service(), &json!({"route": "videos"})).await;
    refused(&forbidden, 403, "route-forbidden");
    // RFC 6750 section 3.1: the token is valid, and its caller lacks a group or scope.
    assert_eq!(forbidden.headers()["www-authenticate"], r#"Bearer error="insufficient_scope""#);
    refused(&send(service(), &json!({"route": "nowhere"})).await, 400, "route-unknown");
    let named = UploadService::new([Route::named(
        "a".parse().unwrap(),
        issuer(policy("a", "abc", UploadMethod::Put)),
    )]);
    refused(&send(named.unwrap(), &json!({})).await, 400, "route-required");
}

#[tokio::test]
async fn client_supplied_id_needs_authorization() {
    let body = |id: &str| json!({"contentType": "image/jpeg", "contentLength": 7, "articleId": id});
    let response = send(service(), &body(OWN_ARTICLE)).await;
    assert_eq!(read(&response)["articleId"], OWN_ARTICLE);
    assert!(read(&response)["key"].as_str().unwrap().starts_with(&format!("articles/{OWN_ARTICLE}/")));
    let denied = send(service(), &body("00000000-0000-4000-8000-000000000000")).await;
    refused(&denied, 403, "forbidden");
    assert!(!denied.headers().contains_key("www-authenticate"), "no token helps");
    refused(&send(service(), &body("../../x")).await, 400, "id-invalid");
    let mut elsewhere = body(OWN_ARTICLE);
    elsewhere["route"] = json!("avatars");
    refused(&send(service(), &elsewhere).await, 400, "id-not-allowed");
}

#[tokio::test]
async fn client_metadata_and_tags_are_signed() {
    let body = json!({
        "contentType": "image/jpeg", "contentLength": 7, "contentDisposition": "attachment",
        "metadata": {"camera": "x100"}, "tags": {"team": "a b"},
    });
    let response = read(&send(service(), &body).await);
    assert_eq!(
        response["headers"],
        json!({
            "content-disposition": "attachment", "content-type": "image/jpeg", "if-none-match": "*",
            "x-amz-meta-camera": "x100", "x-amz-tagging": "team=a%20b",
        })
    );
    let other = json!({"contentType": "image/jpeg", "contentLength": 7, "metadata": {"other": "x"}});
    refused(&send(service(), &other).await, 400, "metadata-not-allowed");
}

#[tokio::test]
async fn rate_limit_returns_429_with_retry_after() {
    let response = send(service().with_rate_limit(AlwaysLimited), &json!({})).await;
    refused(&response, 429, "too-many-requests");
    assert_eq!(response.headers()["retry-after"], "7");
}
