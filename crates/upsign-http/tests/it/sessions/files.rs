//! `POST /upload-url` with several files: all are granted, or none.

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};
use upsign::{Route, TooManyRequests, UploadRequest, UploadService, rate_limit_fn};
use upsign_http::{Api, FilesBody, GrantsBody, InvalidBody, MAX_BODY_BYTES, OpenApiVersion};
use upsign_policy::{FilesOptions, UploadPolicy};
use upsign_testing::RecordingObserver;

use super::{ByName, SECRET, Signer, api_of, assert_problem, issuer, keys, policy, refused, send, store};
use crate::fixture::{ORIGIN, at, json as body_of};
use crate::openapi_property::validator;

const ISSUE: &str = "/upload-url";

fn gallery() -> UploadPolicy {
    let files = FilesOptions::new().with_max_files(3).with_max_total_size(200 << 20);
    policy(|builder| builder.files(files))
}

/// The API of a route for up to 3 files of 200 MiB together.
fn api() -> Api<Signer> {
    api_of(issuer(gallery(), store(), keys("default", &[SECRET])))
}

fn file(size: u64) -> Value {
    json!({ "contentType": "video/mp4", "contentLength": size })
}

async fn request(api: &Api<Signer>, body: &Value) -> Response<String> {
    send(api, ISSUE, body).await
}

#[tokio::test]
async fn grants_have_the_order_of_the_request() {
    let api = api();
    let mut parts = file(7 << 20);
    parts["multipart"] = json!(true);
    let files = [file(7), parts, file(9)];
    let answer = request(&api, &json!({ "files": files })).await;
    assert_eq!(answer.status(), 200, "{}", answer.body());
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let answer = body_of(&answer);
    let members: Vec<_> = answer.as_object().unwrap().keys().collect();
    assert_eq!(members, ["files"]);
    let grants = answer["files"].as_array().unwrap();
    let methods: Vec<_> = grants.iter().map(|grant| grant["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["PUT", "MULTIPART", "PUT"]);
    let mut keys: Vec<_> = grants.iter().map(|grant| grant["key"].as_str().unwrap()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 3, "each file has a key of its own");
    let url = |n: usize| grants[n]["uploadUrl"].as_str().unwrap().to_owned();
    assert_ne!(url(0), url(2));
}

/// A request with one file in the list has an answer with a list too.
#[tokio::test]
async fn list_of_one_file_is_a_list() {
    let answer = body_of(&request(&api(), &json!({ "files": [file(7)] })).await);
    assert_eq!(answer["files"].as_array().unwrap().len(), 1);
    let single = body_of(&request(&api(), &file(7)).await);
    assert!(single["files"].is_null() && single["key"].is_string());
}

#[tokio::test]
async fn refusal_names_the_file_and_grants_none() {
    let recorder = RecordingObserver::new();
    let service = UploadService::from(issuer(gallery(), store(), keys("default", &[SECRET])));
    let api = api_of(service.with_observer(recorder.clone()));
    let html = json!({ "contentType": "text/html", "contentLength": 7 });
    for (files, status, code, index) in [
        (json!([file(7), html]), 415, "content-type-not-allowed", Some(1)),
        (json!([file(101 << 20)]), 413, "too-large", Some(0)),
        (json!([file(7), file(7), { "contentLength": 7 }]), 400, "content-type-required", Some(2)),
        (json!([file(7), { "contentLength": "7" }]), 400, "content-length-invalid", Some(1)),
        (json!([]), 400, "files-count", None),
        (json!([file(7), file(7), file(7), file(7)]), 400, "files-count", None),
        (json!([file(90 << 20), file(90 << 20), file(90 << 20)]), 413, "files-too-large", None),
    ] {
        let problem = assert_problem(&request(&api, &json!({ "files": files })).await, status, code);
        assert_eq!(problem["file"].as_u64(), index, "{problem}");
    }
    assert!(recorder.grants().is_empty());
    assert_eq!(recorder.refusals().len(), 7, "each is reported once");
}

#[tokio::test]
async fn failure_of_the_store_is_that_of_its_file() {
    let mut calls = upsign_testing::mocks::MockObjectCalls::new();
    calls
        .expect_create_multipart_upload()
        .returning(|_, _| Err(refused("CreateMultipartUpload", 503, "SlowDown")));
    let api = api_of(issuer(gallery(), calls, keys("default", &[SECRET])));
    let files = json!({ "files": [file(7), file(7 << 20)] });
    let problem = assert_problem(&request(&api, &files).await, 503, "store-unavailable");
    assert_eq!(problem["file"], 1);
}

#[tokio::test]
async fn request_counts_once() {
    let counted = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let count = std::sync::Arc::clone(&counted);
    let limit = rate_limit_fn(move |_, _| {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async { Ok::<(), TooManyRequests>(()) }
    });
    let service = UploadService::from(issuer(gallery(), store(), keys("default", &[SECRET])));
    let api = api_of(service.with_rate_limit(limit));
    assert_eq!(request(&api, &json!({ "files": [file(7), file(7), file(7)] })).await.status(), 200);
    assert_eq!(counted.load(std::sync::atomic::Ordering::Relaxed), 1);
}

#[tokio::test]
async fn routes_without_lists_refuse_them() {
    let single = || issuer(policy(|builder| builder), store(), keys("default", &[SECRET]));
    let api = api_of(single());
    let problem =
        assert_problem(&request(&api, &json!({ "files": [file(7)] })).await, 400, "body-unknown-member");
    assert!(!problem["detail"].as_str().unwrap().contains("files"), "{problem}");

    let several = issuer(gallery(), store(), keys("default", &[SECRET]));
    let routes = [
        Route::named("gallery".parse().unwrap(), several),
        Route::named("avatars".parse().unwrap(), single()),
    ];
    let api = api_of(UploadService::new(routes).unwrap());
    let files = |route: &str| json!({ "route": route, "files": [file(7)] });
    assert_eq!(request(&api, &files("gallery")).await.status(), 200);
    assert_problem(&request(&api, &files("avatars")).await, 400, "files-not-offered");
    assert_problem(&request(&api, &files("other")).await, 400, "route-unknown");
    assert_problem(&request(&api, &json!({ "files": [file(7)] })).await, 400, "route-required");
}

/// The body may have 1 KiB more for each further file.
#[tokio::test]
async fn size_of_the_body_depends_on_the_number_of_files() {
    let api = api();
    let max = MAX_BODY_BYTES + 2 * 1024;
    assert_eq!(api.max_body_of(&Method::POST, ISSUE), max);
    assert_eq!(api.clone().with_max_body(0).max_body_of(&Method::POST, ISSUE), 0);
    let padded = |bytes: usize| {
        let body = json!({ "files": [file(7)] }).to_string();
        format!("{body}{}", " ".repeat(bytes - body.len()))
    };
    for (bytes, status) in [(max, 200), (max + 1, 413)] {
        let request = Request::post(ISSUE).header("authorization", "Bearer alice").header("origin", ORIGIN);
        let request = request.body(Bytes::from(padded(bytes))).unwrap();
        assert_eq!(api.handle(&request, at(), &ByName).await.status(), status);
    }
}

#[tokio::test]
async fn members_of_the_application_are_in_each_grant() {
    let api = api().with_grant_members(|upload| {
        let url = format!("https://cdn.example.com/{}", upload.grant.key.as_str());
        [("publicUrl".to_owned(), url.into())].into_iter().collect()
    });
    let answer = body_of(&request(&api, &json!({ "files": [file(7), file(8)] })).await);
    for grant in answer["files"].as_array().unwrap() {
        let url = grant["publicUrl"].as_str().unwrap();
        assert!(url.ends_with(grant["key"].as_str().unwrap()), "{grant}");
    }
}

#[tokio::test]
async fn handlers_of_the_application_grant_several_files_too() {
    let (api, caller) =
        (api(), upsign_core::Identity::from_verified("https://issuer.example", "alice").unwrap());
    let files = vec![UploadRequest::described().with_content_type("video/mp4").with_content_length(7); 2];
    let body = FilesBody::read_up_to(
        1 << 10,
        &http::HeaderMap::new(),
        json!({ "files": [file(7), file(7)] }).to_string().as_bytes(),
        &[],
    );
    assert_eq!(body.as_ref().unwrap().files, files);
    let grants = api.issue_many_under(&caller, body, [], at()).await.unwrap();
    assert_eq!(body_of(&GrantsBody::new(&grants).response())["files"].as_array().unwrap().len(), 2);
    let problem = api.issue_many_under(&caller, Err(InvalidBody::Syntax), [], at()).await.unwrap_err();
    assert_eq!(problem.code(), "body-syntax");
}

/// The description accepts what the API grants, and refuses what the API refuses because of the list.
#[test]
fn description_accepts_what_is_granted() {
    let document: Value = serde_json::from_str(&api().openapi().to_json(OpenApiVersion::V3_1)).unwrap();
    let body = &document["paths"][ISSUE]["post"]["requestBody"]["content"]["application/json"]["schema"];
    let validator = validator(&document, body.clone());
    let files = |files: Value| json!({ "files": files });
    for accepted in [files(json!([file(7)])), files(json!([file(7), file(8), file(9)])), file(7)] {
        assert!(validator.is_valid(&accepted), "{accepted}");
    }
    let mut mixed = files(json!([file(7)]));
    mixed["contentType"] = json!("video/mp4");
    for refused in [files(json!([])), files(json!(vec![file(7); 4])), files(json!([{ "files": [] }])), mixed]
    {
        assert!(!validator.is_valid(&refused), "{refused}");
    }
}
