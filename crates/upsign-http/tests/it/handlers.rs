//! A handler of the application's own, built from the parts of the API: body reader, server-chosen id, grant, problem.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::json;
use upsign::{UploadService, Uuid};
use upsign_core::{Identity, Timestamp};
use upsign_http::{GrantBody, Problem, UploadBody};
use upsign_policy::Bodyless;

use crate::fixture::{Signer, at, issuer, json as read, post};

const ARTICLE: Uuid = Uuid::from_u128(0x0f0e_0d0c_0b0a_4908_8706_0504_0302_0100);

/// `POST /articles/{article}/image`: the image of an article whose id is in the path.
async fn upload_image(
    service: &UploadService<Signer>,
    caller: &Identity,
    article: Uuid,
    request: &Request<Bytes>,
    at: Timestamp,
) -> Result<Response<String>, Problem> {
    let body = UploadBody::read(request.headers(), request.body(), &[])?;
    let (route, ids) = (body.route.as_deref(), [("articleId", article)]);
    let grant = service.issue_under(caller, route, &body.upload, ids, at).await?;
    Ok(GrantBody::new(&grant).response())
}

async fn send(body: &str) -> Response<String> {
    let service = UploadService::from(issuer(Bodyless::Allow));
    let alice = Identity::from_verified("https://app.example.com", "alice").unwrap();
    let answer = upload_image(&service, &alice, ARTICLE, &post(&[], body), at()).await;
    answer.unwrap_or_else(|problem| problem.response())
}

#[tokio::test]
async fn own_handler_issues_under_an_id_that_the_server_chose() {
    let response = send(r#"{"contentType":"image/jpeg","contentLength":7}"#).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["cache-control"]),
        (200, &"no-store".parse().unwrap())
    );
    assert_eq!(response.headers()["content-type"], "application/json");
    let grant = read(&response);
    assert_eq!(grant["articleId"], ARTICLE.to_string());
    assert!(grant["key"].as_str().unwrap().starts_with(&format!("articles/{ARTICLE}/raw/")), "{grant}");
}

#[tokio::test]
async fn own_handler_answers_with_the_problems_of_the_api() {
    for (body, status, code) in [
        ("{", 400, "body-syntax"),
        (r#"{"articleId":"0f0e0d0c-0b0a-4908-8706-050403020100"}"#, 400, "body-unknown-member"),
        (r#"{"contentType":"text/html","contentLength":7}"#, 415, "content-type-not-allowed"),
        (r#"{"route":"other"}"#, 400, "route-unknown"),
    ] {
        let response = send(body).await;
        assert_eq!((response.status().as_u16(), &read(&response)["code"]), (status, &json!(code)), "{body}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn grant_body_equals_that_of_the_api() {
    let alice = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let upload = upsign::UploadRequest::bodyless();
    let grant = issuer(Bodyless::Allow).issue(&alice, &upload, at()).await.unwrap();
    let golden = include_str!("golden/bodyless.json").trim_end();
    assert_eq!(serde_json::to_string(&GrantBody::from(&grant)).unwrap(), golden);
}

#[tokio::test]
async fn members_that_the_api_defines_cannot_be_added_to_a_grant() {
    let alice = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let upload = upsign::UploadRequest::bodyless();
    let grant = issuer(Bodyless::Allow).issue(&alice, &upload, at()).await.unwrap();
    for name in ["uploadUrl", "key", "articleId", "fields", "expiresAtIs", "method", "status"] {
        let error = GrantBody::new(&grant).with_members([(name.to_owned(), json!(1))]).unwrap_err();
        assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
    }
    let members =
        [("publicUrl".to_owned(), json!("https://cdn.example.com/x")), ("draft".to_owned(), json!(true))];
    let body = GrantBody::new(&grant).with_members(members).unwrap();
    let body = serde_json::to_value(&body).unwrap();
    assert_eq!((&body["draft"], body["uploadUrl"].is_string()), (&json!(true), true));
}
