//! Several routes, forms, named ids and rates, as the wire has them.

use async_trait::async_trait;
use http::Response;
use serde_json::{Value, json};
use upsign::{
    Access, Asked, Authorize, RateLimit, Route, SigV4, TooMany, Undecided, UploadIssuer, UploadPolicy,
    UploadService, Verdict,
};
use upsign_core::{Credentials, Identity, Timestamp, WithCredentials};
use upsign_documents::CorsOrigins;
use upsign_http::Api;
use upsign_policy::{
    Bodyless, ClientMetadata, ContentRules, Disposition, IdName, KeyTemplate, SizeLimit, UploadMethod,
};

use crate::house::{Door, ORIGIN, TOKEN, at, json as read, post};

type Signer = WithCredentials<SigV4, Credentials>;

const THEIRS: &str = "0f0e0d0c-0b0a-4908-8706-050403020100";

fn issuer(policy: UploadPolicy) -> UploadIssuer<Signer> {
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials)).unwrap()
}

fn policy(folder: &str, bucket: &str, method: UploadMethod) -> UploadPolicy {
    let ids: [IdName; 1] = ["article_id".parse().unwrap()];
    let template = KeyTemplate::parse(&format!("{folder}/{{article_id}}/{{id}}.{{ext}}"), &ids).unwrap();
    let target = upsign_core::Target::aws(bucket.parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, template, Bodyless::Allow)
        .content(ContentRules::of(["image/jpeg"]).unwrap())
        .size(SizeLimit::between(1, 1 << 20).unwrap())
        .client_may_supply(ids.into_iter().filter(|_| folder == "articles"))
        .client_metadata(ClientMetadata::Named(["camera".into()].into()))
        .client_tags(true)
        .disposition(Disposition::FromClient)
        .method(method)
        .build()
        .unwrap()
}

#[derive(Debug)]
struct OnlyTheirs;

#[async_trait]
impl Authorize for OnlyTheirs {
    async fn authorize(&self, asked: &Asked<'_>) -> Result<Verdict, Undecided> {
        let theirs = asked.ids.iter().any(|(_, id)| id.to_string() == THEIRS);
        Ok(if theirs || !asked.names_existing_ids { Verdict::Yes } else { Verdict::No })
    }
}

#[derive(Debug)]
struct NoMore;

#[async_trait]
impl RateLimit for NoMore {
    async fn count(&self, _who: &Identity, _at: Timestamp) -> Result<(), TooMany> {
        Err(TooMany::until(7))
    }
}

fn service() -> UploadService<Signer> {
    UploadService::of([
        Route::unnamed(
            issuer(policy("articles", "article-images", UploadMethod::Put)).with_authorize(OnlyTheirs),
        ),
        Route::named("avatars".parse().unwrap(), issuer(policy("avatars", "avatars", UploadMethod::Post))),
        Route::named("videos".parse().unwrap(), issuer(policy("videos", "videos", UploadMethod::Put)))
            .for_callers(Access::everybody().of_groups(["crew"])),
    ])
    .unwrap()
}

async fn ask(service: UploadService<Signer>, body: &Value) -> Response<Vec<u8>> {
    let api = Api::new(service, CorsOrigins::listed([ORIGIN.parse().unwrap()]));
    api.handle(&post(&[("authorization", TOKEN)], &body.to_string()), at(), &Door).await
}

#[track_caller]
fn refused(answer: &Response<Vec<u8>>, status: u16, code: &str) {
    assert_eq!((answer.status().as_u16(), read(answer)["code"].as_str().unwrap()), (status, code));
}

#[tokio::test]
async fn a_form_for_who_does_not_know_the_size() {
    for body in [json!({"route": "avatars"}), json!({"route": "avatars", "contentType": "image/jpeg"})] {
        let answer = ask(service(), &body).await;
        assert_eq!(answer.status(), 200);
        let answer = read(&answer);
        assert_eq!(answer["method"], "POST");
        assert_eq!(answer["uploadUrl"], "https://avatars.s3.ap-southeast-1.amazonaws.com/");
        assert_eq!(answer["fields"]["key"], answer["key"]);
        assert_eq!(answer["fields"]["Content-Type"], "image/jpeg");
        assert!(answer.get("headers").is_none());
        let policy = answer["fields"]["policy"].as_str().unwrap();
        let policy: Value = serde_json::from_slice(
            &base64::Engine::decode(&base64::prelude::BASE64_STANDARD, policy).unwrap(),
        )
        .unwrap();
        let conditions = policy["conditions"].as_array().unwrap();
        assert!(conditions.contains(&json!(["content-length-range", 1, 1 << 20])), "{policy}");
    }
}

#[tokio::test]
async fn who_may_use_which_route() {
    refused(&ask(service(), &json!({"route": "videos"})).await, 403, "route-forbidden");
    refused(&ask(service(), &json!({"route": "nowhere"})).await, 400, "route-unknown");
    let named = UploadService::of([Route::named(
        "a".parse().unwrap(),
        issuer(policy("a", "abc", UploadMethod::Put)),
    )]);
    refused(&ask(named.unwrap(), &json!({})).await, 400, "route-required");
}

#[tokio::test]
async fn a_second_image_for_the_same_article() {
    let body = |id: &str| json!({"contentType": "image/jpeg", "contentLength": 7, "articleId": id});
    let answer = ask(service(), &body(THEIRS)).await;
    assert_eq!(read(&answer)["articleId"], THEIRS);
    assert!(read(&answer)["key"].as_str().unwrap().starts_with(&format!("articles/{THEIRS}/")));
    refused(&ask(service(), &body("00000000-0000-4000-8000-000000000000")).await, 403, "forbidden");
    refused(&ask(service(), &body("../../x")).await, 400, "id-invalid");
    let mut elsewhere = body(THEIRS);
    elsewhere["route"] = json!("avatars");
    refused(&ask(service(), &elsewhere).await, 400, "id-not-allowed");
}

#[tokio::test]
async fn what_a_client_may_state_is_signed() {
    let body = json!({
        "contentType": "image/jpeg", "contentLength": 7, "contentDisposition": "attachment",
        "metadata": {"camera": "x100"}, "tags": {"team": "a b"},
    });
    let answer = read(&ask(service(), &body).await);
    assert_eq!(
        answer["headers"],
        json!({
            "content-disposition": "attachment", "content-type": "image/jpeg", "if-none-match": "*",
            "x-amz-meta-camera": "x100", "x-amz-tagging": "team=a%20b",
        })
    );
    let other = json!({"contentType": "image/jpeg", "contentLength": 7, "metadata": {"other": "x"}});
    refused(&ask(service(), &other).await, 400, "metadata-not-allowed");
}

#[tokio::test]
async fn too_often() {
    let answer = ask(service().with_rate_limit(NoMore), &json!({})).await;
    refused(&answer, 429, "too-many-requests");
    assert_eq!(answer.headers()["retry-after"], "7");
}
