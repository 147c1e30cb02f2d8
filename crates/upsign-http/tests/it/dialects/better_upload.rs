//! better-upload: the request and the answers of its client, uploads in parts that it ends without credentials, and what is refused.

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};
use upsign::{Route, UploadService};
use upsign_core::Dialect;
use upsign_http::{Api, InvalidDialect};
use upsign_policy::{
    ChecksumAlgorithm, Checksums, ClientMetadata, FilesOptions, HeaderOptions, MetadataOptions,
    MultipartMode, StorageOptions, UploadMethod, UploadPolicy, UploadPolicyBuilder,
};
use upsign_testing::mocks::MockObjectCalls;

use crate::fixture::{ORIGIN, at, json as body_of};
use crate::sessions::{
    ByName, SIZE, Signer, api_of, completed, head, issuer, keys, no_object, options, policy, store,
    three_parts,
};

const PATH: &str = "/better-upload";

type Build = fn(UploadPolicyBuilder) -> UploadPolicyBuilder;

fn try_api(policy: UploadPolicy, calls: MockObjectCalls) -> Result<Api<Signer>, InvalidDialect> {
    api_of(issuer(policy, calls, keys("default", &[[7; 32]]))).with_dialects([Dialect::BetterUpload])
}

fn api(build: Build) -> Api<Signer> {
    try_api(policy(build), store()).unwrap()
}

/// A route for up to 3 files.
fn gallery() -> Api<Signer> {
    api(|builder| builder.files(FilesOptions::new().with_max_files(3)))
}

fn file(name: &str, size: u64) -> Value {
    json!({ "name": name, "size": size, "type": "video/mp4" })
}

async fn send(api: &Api<Signer>, body: &Value) -> Response<String> {
    let request = Request::post(PATH)
        .header("authorization", "Bearer alice")
        .header("content-type", "application/json")
        .header("host", "api.example.com")
        .header("origin", ORIGIN);
    api.handle(&request.body(Bytes::from(body.to_string())).unwrap(), at(), &ByName).await
}

async fn granted(api: &Api<Signer>, body: &Value) -> Value {
    let response = send(api, body).await;
    assert_eq!(response.status(), 200, "{}", response.body());
    assert_eq!(response.headers()["cache-control"], "no-store");
    body_of(&response)
}

/// Sends what the client sends to a URL of the answer: no credentials.
async fn follow(api: &Api<Signer>, method: Method, url: &str, body: &str) -> Response<String> {
    let path = url.strip_prefix("https://api.example.com").unwrap();
    let request = Request::builder().method(method).uri(path).header("content-type", "application/xml");
    let request = request.header("origin", ORIGIN).body(Bytes::from(body.to_owned())).unwrap();
    api.handle(&request, at(), &ByName).await
}

#[tokio::test]
async fn file_of_one_request_has_exactly_the_headers_that_the_client_does_not_know() {
    let api = api(|builder| {
        let title = ClientMetadata::Named(["title".into()].into());
        builder
            .storage(StorageOptions::new().cache_control("max-age=60".parse().unwrap()))
            .metadata(MetadataOptions::new().client(title))
    });
    let body = json!({ "files": [file("a.mp4", 7)], "metadata": { "title": "A film" } });
    let mut answer = granted(&api, &body).await;
    assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), ["files", "metadata"]);
    let url = answer["files"][0]["signedUrl"].take();
    let url = url.as_str().unwrap();
    let signed = "SignedHeaders=cache-control%3Bcontent-length%3Bcontent-type%3Bhost%3Bif-none-match%3Bx-amz-meta-title";
    assert!(url.contains(signed), "{url}");
    let key = answer["files"][0]["file"]["objectInfo"]["key"].clone();
    let described = json!({
        "signedUrl": null,
        "file": {
            "name": "a.mp4", "size": 7, "type": "video/mp4",
            "objectInfo": { "key": key, "metadata": { "title": "A film" }, "cacheControl": "max-age=60" },
            "objectKey": key, "objectMetadata": { "title": "A film" }, "objectCacheControl": "max-age=60",
        },
        "headers": { "if-none-match": "*" },
    });
    assert_eq!(answer["files"][0], described);
    let upload = &answer["metadata"]["uploads"][0];
    assert_eq!((&upload["key"], &upload["expiresAt"]), (&key, &json!("2026-01-01T00:15:00Z")));
}

/// The client sends those without `parts` in one request, also if another file of the answer has some.
#[tokio::test]
async fn several_files_are_answered_in_one_list() {
    let files = [file("a.mp4", 7), file("b.mp4", SIZE), file("a.mp4", 8)];
    let answer = granted(&gallery(), &json!({ "files": files })).await;
    let members: Vec<_> = answer["multipart"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["files", "partSize"]);
    assert_eq!(answer["multipart"]["partSize"], 5 << 20);
    let described = answer["multipart"]["files"].as_array().unwrap();
    let names: Vec<_> =
        described.iter().map(|it| (it["file"]["name"].clone(), it["file"]["size"].clone())).collect();
    assert_eq!(names, files.iter().map(|it| (it["name"].clone(), it["size"].clone())).collect::<Vec<_>>());
    assert_eq!(described.iter().map(|it| it["parts"].is_array()).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(answer["metadata"]["uploads"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn parts_bind_their_lengths_and_nothing_else() {
    let answer = granted(&gallery(), &json!({ "files": [file("b.mp4", SIZE)] })).await;
    let parts = answer["multipart"]["files"][0]["parts"].as_array().unwrap();
    let sizes: Vec<_> = parts.iter().map(|part| part["size"].as_u64().unwrap()).collect();
    assert_eq!(sizes, [5 << 20, 5 << 20, (2 << 20) + 1]);
    for (place, part) in parts.iter().enumerate() {
        assert_eq!(part["partNumber"], place + 1);
        let url = part["signedUrl"].as_str().unwrap();
        assert!(
            url.contains("SignedHeaders=content-length%3Bhost&")
                && url.contains(&format!("partNumber={}&", place + 1)),
            "{url}"
        );
    }
}

const COMPLETE: &str = "
<CompleteMultipartUpload>
  <Part>
    <ETag>e1</ETag>
    <PartNumber>1</PartNumber>
  </Part><Part>
    <ETag>e2</ETag>
    <PartNumber>2</PartNumber>
  </Part><Part>
    <ETag>e3</ETag>
    <PartNumber>3</PartNumber>
  </Part>
</CompleteMultipartUpload>
  ";

#[tokio::test]
async fn upload_is_completed_at_its_url_and_nothing_else_is() {
    let mut calls = store();
    calls.expect_list_parts().returning(|_, _| Ok(three_parts()));
    calls.expect_complete_multipart_upload().returning(|_, _| Ok(completed()));
    calls.expect_head_object().returning(|_, _| Ok(head()));
    calls.expect_abort_multipart_upload().never();
    let api = try_api(policy(|it| it), calls).unwrap();
    let answer = granted(&api, &json!({ "files": [file("b.mp4", SIZE)] })).await;
    let upload = &answer["multipart"]["files"][0];
    let url = |name: &str| upload[name].as_str().unwrap().to_owned();
    let complete = url("completeSignedUrl");
    for (method, wrong) in [(Method::POST, url("abortSignedUrl")), (Method::DELETE, complete.clone())] {
        let response = follow(&api, method, &wrong, COMPLETE).await;
        assert!(response.status() == 403 && response.body().contains("<Code>"), "{}", response.body());
    }
    let response = follow(&api, Method::POST, &complete.replace("ticket=", "ticket=A"), COMPLETE).await;
    assert_eq!(response.status(), 403, "{}", response.body());
    let response = follow(&api, Method::POST, &complete, COMPLETE).await;
    assert_eq!(response.status(), 200, "{}", response.body());
    assert!(response.body().contains("<CompleteMultipartUploadResult"), "{}", response.body());
    assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
}

/// The client has its URLs before it sends the first part, and gets no others. Those of parts are valid for 15 minutes.
#[tokio::test]
async fn tickets_are_valid_as_long_as_they_are_needed() {
    let mut calls = store();
    calls.expect_list_parts().returning(|_, _| Ok(three_parts()));
    calls.expect_complete_multipart_upload().returning(|_, _| Ok(completed()));
    calls.expect_head_object().returning(|_, _| Err(no_object()));
    calls.expect_abort_multipart_upload().returning(|_, _| Ok(()));
    let api = try_api(policy(|it| it), calls).unwrap();
    let answer = granted(&api, &json!({ "files": [file("b.mp4", SIZE)] })).await;
    for (name, seconds, status) in [
        ("completeSignedUrl", 1_799, 200),
        ("completeSignedUrl", 1_801, 403),
        ("abortSignedUrl", 86_399, 204),
        ("abortSignedUrl", 86_401, 403),
    ] {
        let url = answer["multipart"]["files"][0][name].as_str().unwrap().to_owned();
        let path = url.strip_prefix("https://api.example.com").unwrap();
        let is_abort = name == "abortSignedUrl";
        let (method, body) = if is_abort { (Method::DELETE, "") } else { (Method::POST, COMPLETE) };
        let request = Request::builder().method(method).uri(path).header("content-type", "application/xml");
        let request = request.body(Bytes::from(body)).unwrap();
        let response = api.handle(&request, at().saturating_add(seconds), &ByName).await;
        assert_eq!(response.status(), status, "{name} after {seconds} s: {}", response.body());
    }
}

#[tokio::test]
async fn upload_is_aborted_at_its_url() {
    let mut calls = store();
    calls.expect_head_object().returning(|_, _| Err(no_object()));
    calls.expect_abort_multipart_upload().times(1).returning(|_, _| Ok(()));
    let api = try_api(policy(|it| it), calls).unwrap();
    let answer = granted(&api, &json!({ "files": [file("b.mp4", SIZE)] })).await;
    let url = answer["multipart"]["files"][0]["abortSignedUrl"].as_str().unwrap().to_owned();
    let preflight =
        Request::options(url.strip_prefix("https://api.example.com").unwrap()).header("origin", ORIGIN);
    let preflight = preflight.header("access-control-request-method", "DELETE").body(Bytes::new()).unwrap();
    let preflight = api.handle(&preflight, at(), &ByName).await;
    assert_eq!(
        (preflight.status().as_u16(), &preflight.headers()["access-control-allow-methods"]),
        (204, &http::HeaderValue::from_static("POST, DELETE"))
    );
    let response = follow(&api, Method::DELETE, &url, "").await;
    assert_eq!(response.status(), 204, "{}", response.body());
}

/// Without a host there is no URL for the end of the upload, so that none may remain at the store.
#[tokio::test]
async fn upload_that_cannot_be_answered_is_aborted() {
    let mut calls = store();
    calls.expect_head_object().returning(|_, _| Err(no_object()));
    calls.expect_abort_multipart_upload().times(1).returning(|_, _| Ok(()));
    let api = try_api(policy(|it| it), calls).unwrap();
    let request = Request::post(PATH)
        .header("authorization", "Bearer alice")
        .header("content-type", "application/json");
    let body = Bytes::from(json!({ "files": [file("b.mp4", SIZE)] }).to_string());
    let response = api.handle(&request.body(body).unwrap(), at(), &ByName).await;
    assert_eq!(body_of(&response)["error"]["code"], "request-malformed", "{}", response.body());
}

#[tokio::test]
async fn refusals_have_the_types_that_the_client_knows() {
    let (one, gallery) = (api(|it| it), gallery());
    let with = |member: &str, value: Value| {
        let mut file = file("a.mp4", 7);
        file[member] = value;
        json!({ "files": [file] })
    };
    for (api, body, status, kind, code) in [
        (&one, json!({}), 400, "invalid_request", "body-member-missing"),
        (&one, json!({ "files": 7 }), 400, "invalid_request", "body-member-type"),
        (&one, json!({ "files": [7] }), 400, "invalid_request", "body-member-type"),
        (&one, json!({ "files": [{}] }), 400, "invalid_request", "body-member-missing"),
        (&one, json!({ "files": [], "more": 1 }), 400, "invalid_request", "body-unknown-member"),
        (&one, with("size", json!(-1)), 400, "invalid_request", "body-member-type"),
        (&one, with("lastModified", json!(1)), 400, "invalid_request", "body-unknown-member"),
        (
            &one,
            json!({ "files": [file("a.mp4", 7)], "metadata": { "a": 1 } }),
            400,
            "invalid_request",
            "body-member-type",
        ),
        (
            &one,
            json!({ "files": [file("a.mp4", 7)], "metadata": { "a": "1" } }),
            400,
            "rejected",
            "metadata-not-allowed",
        ),
        (
            &one,
            json!({ "files": [file("a.mp4", 7), file("b.mp4", 7)] }),
            400,
            "too_many_files",
            "files-not-offered",
        ),
        (&one, with("type", json!("text/html")), 415, "invalid_file_type", "content-type-not-allowed"),
        (&one, with("type", json!("")), 400, "invalid_request", "client-cannot-send"),
        (&one, with("size", json!(101 << 20)), 413, "file_too_large", "too-large"),
        (&one, json!({ "route": "none", "files": [file("a.mp4", 7)] }), 400, "rejected", "route-unknown"),
        (&gallery, json!({ "files": [] }), 400, "too_many_files", "files-count"),
        (
            &gallery,
            json!({ "files": [file("a", 1), file("b", 1), file("c", 1), file("d", 1)] }),
            400,
            "too_many_files",
            "files-count",
        ),
        (
            &gallery,
            json!({ "files": [file("a.mp4", 7), file("a.mp4", 7)] }),
            400,
            "invalid_request",
            "client-cannot-send",
        ),
    ] {
        let response = send(api, &body).await;
        let error = body_of(&response)["error"].take();
        let found = (response.status().as_u16(), error["type"].as_str(), error["code"].as_str());
        assert_eq!(found, (status, Some(kind), Some(code)), "{body}: {error}");
        assert!(error["message"].as_str().is_some_and(|message| message.len() > 10), "{error}");
        assert_eq!(response.headers()["content-type"], "application/json");
    }
    let unsigned = Request::post(PATH).header("origin", ORIGIN).body(Bytes::from("{}")).unwrap();
    let response = one.handle(&unsigned, at(), &ByName).await;
    assert_eq!(
        (response.status().as_u16(), body_of(&response)["error"]["type"].take()),
        (401, json!("rejected"))
    );
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
}

/// The client sends the type of the `File`, whatever was signed.
#[tokio::test]
async fn type_that_would_be_signed_differently_is_refused() {
    let api = api(|builder| builder.content_types(["image/jpeg"]));
    let body = |name: &str, size: u64| json!({ "files": [{ "name": "a.jpg", "size": size, "type": name }] });
    let answer = body_of(&send(&api, &body("image/jpg", 7)).await);
    assert_eq!(answer["error"]["code"], "client-cannot-send");
    assert!(answer["error"]["message"].as_str().unwrap().contains("type: 'image/jpeg'"), "{answer}");
    granted(&api, &body("image/jpeg", 7)).await;
    // The type of an upload in parts is sent by the service.
    granted(&api, &body("image/jpg", SIZE)).await;
}

#[test]
fn route_that_the_client_cannot_use_is_refused_when_the_api_is_built() {
    let large: Build = |it| it.max_size(6 << 30).multipart(options(MultipartMode::Auto));
    let cases: [(Build, &str); 3] = [
        (
            |it| it.checksums(Checksums::Required([ChecksumAlgorithm::Crc64nvme].into())),
            "remove require_checksum",
        ),
        (large, "part_size = \"7 MiB\""),
        (
            |it| it.headers(HeaderOptions::new().expected_bucket_owner("123456789012".parse().unwrap())),
            "x-amz-expected-bucket-owner",
        ),
    ];
    for (build, remedy) in cases {
        let error = try_api(policy(build), store()).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(remedy) && error.contains("`better-upload`"), "{error}");
    }
    let forms = policy(|it| it.method(UploadMethod::Post).no_overwrite(false));
    assert!(try_api(forms, store()).unwrap_err().to_string().contains("remove method = \"post\""));
}

#[tokio::test]
async fn route_is_named_in_the_request() {
    let route = |name: &str, build: Build| {
        Route::named(name.parse().unwrap(), issuer(policy(build), store(), keys("default", &[[7; 32]])))
    };
    let checked: Build = |it| it.checksums(Checksums::Required([ChecksumAlgorithm::Crc64nvme].into()));
    let service = UploadService::new([route("films", |it| it), route("checked", checked)]).unwrap();
    let api = api_of(service).with_dialects([Dialect::BetterUpload]).unwrap();
    for (name, code) in [(None, None), (Some("films"), None), (Some("checked"), Some("client-cannot-send"))] {
        let mut body = json!({ "files": [file("a.mp4", 7)] });
        if let Some(name) = name {
            body["route"] = json!(name);
        }
        let answer = body_of(&send(&api, &body).await);
        assert_eq!(answer["error"]["code"].as_str(), code, "{name:?}: {answer}");
    }
}
