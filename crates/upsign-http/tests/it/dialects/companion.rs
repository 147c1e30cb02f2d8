//! The `/s3` endpoints of Companion: what Uppy 4 and 5 send, what they receive, and what is refused.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};
use upsign::{Decision, Route, UploadService, authorize_fn};
use upsign_core::{Dialect, Target};
use upsign_http::{Api, InvalidDialect};
use upsign_objects::{CompletedUpload, PartList};
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, Checksums, ClientMetadata, ContentRules, KeyOptions, KeyTemplate,
    MetadataOptions, MultipartMode, SizeLimit, UploadMethod, UploadPolicy, UploadPolicyBuilder,
};
use upsign_testing::mocks::MockObjectCalls;

use crate::fixture::{ORIGIN, at, json as body_of};
use crate::sessions::{
    ByName, ETAG, Signer, UPLOAD_ID, api_of, head, issuer, keys, no_object, no_such_upload, options, part,
    policy, store,
};

const MIB: u64 = 1 << 20;

/// A policy of a service for Uppy: forms, and parts.
fn files(build: impl FnOnce(UploadPolicyBuilder) -> UploadPolicyBuilder) -> UploadPolicy {
    policy(|builder| build(builder.method(UploadMethod::Post).multipart(options(MultipartMode::Auto))))
}

fn try_api(policy: UploadPolicy, calls: MockObjectCalls) -> Result<Api<Signer>, InvalidDialect> {
    api_of(issuer(policy, calls, keys("default", &[[7; 32]]))).with_dialects([Dialect::Companion])
}

fn api(calls: MockObjectCalls) -> Api<Signer> {
    try_api(files(|builder| builder), calls).unwrap()
}

/// Sends a request as `RequestClient` of `@uppy/companion-client` does.
async fn send_as(
    api: &Api<Signer>,
    caller: &str,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Response<String> {
    let mut request = Request::builder().method(method).uri(path).header("accept", "application/json");
    request = request.header("authorization", format!("Bearer {caller}")).header("origin", ORIGIN);
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let body = body.map(ToString::to_string).unwrap_or_default();
    api.handle(&request.body(Bytes::from(body)).unwrap(), at(), &ByName).await
}

async fn send(api: &Api<Signer>, method: Method, path: &str, body: Option<&Value>) -> Response<String> {
    send_as(api, "alice", method, path, body).await
}

async fn get(api: &Api<Signer>, path: &str) -> Response<String> {
    send(api, Method::GET, path, None).await
}

#[track_caller]
fn answer(response: &Response<String>) -> Value {
    assert_eq!(response.status(), 200, "{}", response.body());
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
    body_of(response)
}

/// Checks the form of a refusal, whose `message` Uppy shows.
#[track_caller]
fn refusal(response: &Response<String>, status: u16, code: &str) -> String {
    let body = body_of(response);
    assert_eq!((response.status().as_u16(), body["error"].as_str()), (status, Some(code)), "{body}");
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
    for secret in [UPLOAD_ID, "videos-bucket", "AKIA"] {
        assert!(!response.body().contains(secret), "{secret} in {body}");
    }
    body["message"].as_str().unwrap().to_owned()
}

/// An upload in parts: its token and its key, both as they stand in URLs.
struct Begun {
    token: String,
    key: String,
}

impl Begun {
    /// Returns the path of a call about the upload.
    fn path(&self, rest: &str) -> String {
        let Self { token, key } = self;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        format!("/s3/multipart/{token}{rest}?key={}&{query}", key.replace('/', "%2F"))
    }
}

async fn begin(api: &Api<Signer>) -> Begun {
    let body = json!({ "filename": "film.mp4", "type": "video/mp4", "metadata": {} });
    let answer = answer(&send(api, Method::POST, "/s3/multipart", Some(&body)).await);
    assert_eq!(answer["bucket"], "videos-bucket");
    assert_eq!(answer.as_object().unwrap().len(), 3);
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    Begun { token: text("uploadId"), key: text("key") }
}

#[tokio::test]
async fn one_request_is_a_form_that_binds_type_key_and_size() {
    let api = api(MockObjectCalls::new());
    // What `new URLSearchParams({ filename, type, 'metadata[name]': … })` returns with the defaults of the plugin.
    let path = "/s3/params?filename=Za%C5%BC%C3%B3%C5%82%C4%87+1.mp4&type=video%2Fmp4&metadata%5BrelativePath%5D=a%2Fb\
                &metadata%5Bname%5D=Za%C5%BC%C3%B3%C5%82%C4%87+1.mp4&metadata%5Btype%5D=video%2Fmp4";
    let answer = answer(&get(&api, path).await);
    assert_eq!((&answer["method"], &answer["expires"]), (&json!("POST"), &json!(900)));
    assert!(answer["url"].as_str().unwrap().starts_with("https://videos-bucket.s3."), "{answer}");
    let fields = answer["fields"].as_object().unwrap();
    assert!(fields["key"].as_str().unwrap().starts_with("videos/"), "{answer}");
    assert_eq!(fields.get("Content-Type").or_else(|| fields.get("content-type")), Some(&json!("video/mp4")));
    assert!(!fields.keys().any(|name| name.starts_with("x-amz-meta-")), "{answer}");
    let form = STANDARD.decode(fields["policy"].as_str().unwrap()).unwrap();
    let form: Value = serde_json::from_slice(&form).unwrap();
    let conditions = form["conditions"].as_array().unwrap();
    let range = conditions.iter().find(|condition| condition[0] == "content-length-range").unwrap();
    assert_eq!(range[2], 100 * MIB);
    assert!(answer.get("headers").is_none());
}

#[tokio::test]
async fn upload_in_parts_is_begun_signed_listed_and_completed() {
    let mut calls = store();
    let sizes = [5 * MIB, 7 * MIB, 3];
    let parts =
        move || PartList::new((1..).zip(sizes).map(|(n, size)| part(n, size, &format!("e{n}"))).collect());
    calls.expect_list_parts().returning(move |_, _| Ok(parts()));
    calls.expect_complete_multipart_upload().times(1).returning(|call, _| {
        assert_eq!(call.parts().len(), 3);
        Ok(CompletedUpload::new(ETAG.parse().unwrap()))
    });
    let api = api(calls);
    let upload = begin(&api).await;

    let signed = answer(&get(&api, &upload.path("/2")).await);
    assert!(signed["url"].as_str().unwrap().contains("partNumber=2"), "{signed}");
    assert!(
        !signed["url"].as_str().unwrap().contains("content-length"),
        "a part may have any size: {signed}"
    );
    assert_eq!((&signed["expires"], signed.get("headers")), (&json!(900), None));

    let batch = answer(&get(&api, &upload.path("/batch?partNumbers=10,1")).await);
    let urls = batch["presignedUrls"].as_object().unwrap();
    assert!(urls["1"].as_str().unwrap().contains("partNumber=1&") && urls.contains_key("10"), "{batch}");
    assert_eq!((urls.len(), batch.get("headers")), (2, None));

    let listed = answer(&get(&api, &upload.path("")).await);
    let expected: Vec<_> = (1..)
        .zip(sizes)
        .map(|(n, size)| json!({ "PartNumber": n, "ETag": format!("\"e{n}\""), "Size": size }))
        .collect();
    assert_eq!(listed, json!(expected));

    // As they were listed, and as Uppy sends them.
    let body = json!({ "parts": listed });
    let completed = answer(&send(&api, Method::POST, &upload.path("/complete"), Some(&body)).await);
    let location = completed["location"].as_str().unwrap();
    assert!(
        location.starts_with("https://videos-bucket.s3.") && location.ends_with(&upload.key),
        "{completed}"
    );
    assert_eq!(
        (completed["key"].as_str(), &completed["bucket"]),
        (Some(&*upload.key), &json!("videos-bucket"))
    );
}

#[tokio::test]
async fn upload_above_the_maximum_is_refused_and_removed() {
    let mut calls = store();
    let parts = || PartList::new(vec![part(1, 60 * MIB, "e1"), part(2, 60 * MIB, "e2")]);
    calls.expect_list_parts().returning(move |_, _| Ok(parts()));
    calls.expect_abort_multipart_upload().times(1).returning(|_, _| Ok(()));
    calls.expect_head_object().returning(|_, _| Err(no_object()));
    let api = api(calls);
    let upload = begin(&api).await;
    let parts = json!({ "parts": [{ "PartNumber": 1, "ETag": "e1" }, { "PartNumber": 2, "ETag": "e2" }] });
    let response = send(&api, Method::POST, &upload.path("/complete"), Some(&parts)).await;
    assert_eq!(response.status(), 413, "{}", response.body());
    assert!(body_of(&response)["message"].as_str().unwrap().contains("104857600"), "{}", response.body());
}

#[tokio::test]
async fn upload_is_aborted() {
    let mut calls = store();
    calls.expect_abort_multipart_upload().times(1).returning(|_, _| Ok(()));
    calls.expect_head_object().returning(|_, _| Err(no_object()));
    let api = api(calls);
    let upload = begin(&api).await;
    assert_eq!(answer(&send(&api, Method::DELETE, &upload.path(""), None).await), json!({}));
}

/// Uppy would send all parts again.
#[tokio::test]
async fn ended_upload_lists_no_parts() {
    for (exists, status, code) in [(true, 409, "upload-completed"), (false, 410, "upload-gone")] {
        let mut calls = store();
        calls.expect_list_parts().returning(|_, _| Err(no_such_upload("ListParts")));
        calls.expect_head_object().returning(move |_, _| if exists { Ok(head()) } else { Err(no_object()) });
        let api = api(calls);
        let upload = begin(&api).await;
        refusal(&get(&api, &upload.path("")).await, status, code);
    }
}

/// The token decides, not what a client sends with it: no call reaches the store, which expects none.
#[tokio::test]
async fn upload_of_another_caller_or_key_cannot_be_touched() {
    let api = api(store());
    let upload = begin(&api).await;
    let parts = json!({ "parts": [{ "PartNumber": 1, "ETag": "e1" }] });
    let calls = [
        (Method::GET, "", None),
        (Method::GET, "/1", None),
        (Method::GET, "/batch?partNumbers=1", None),
        (Method::POST, "/complete", Some(&parts)),
        (Method::DELETE, "", None),
    ];
    for (method, rest, body) in calls {
        let response = send_as(&api, "bob", method.clone(), &upload.path(rest), body).await;
        refusal(&response, 403, "upload-token-invalid");
        let other = Begun { token: upload.token.clone(), key: upload.key.replace("videos", "photos") };
        let response = send(&api, method.clone(), &other.path(rest), body).await;
        assert!(refusal(&response, 400, "request-malformed").contains("not that of the upload"));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let without_key = format!("/s3/multipart/{}{rest}?{query}", upload.token);
        let response = send(&api, method.clone(), &without_key, body).await;
        assert!(refusal(&response, 400, "request-malformed").contains("?key=abc.jpg"));
        for token in ["x", "%2e%2e", &format!("{}A", upload.token), UPLOAD_ID] {
            let forged = Begun { token: token.to_owned(), key: upload.key.clone() };
            let response = send(&api, method.clone(), &forged.path(rest), body).await;
            refusal(&response, 403, "upload-token-invalid");
        }
    }
}

#[tokio::test]
async fn malformed_requests_are_refused() {
    let api = api(store());
    let upload = begin(&api).await;
    let long = format!("/batch?partNumbers={}", vec!["1"; 1001].join(","));
    let file = "filename=a.mp4&type=video/mp4";
    let many: String = (0..40).map(|n| format!("&metadata[{n}]=x")).collect();
    let cases = [
        ("/s3/params?type=video/mp4".to_owned(), "\"filename\" query parameter is required"),
        ("/s3/params?filename=&type=video/mp4".to_owned(), "\"filename\" query parameter is required"),
        ("/s3/params?filename=a.mp4".to_owned(), "content type must be a string"),
        (format!("/s3/params?{file}&filename=b.mp4"), "occurs twice"),
        ("/s3/params?filename=%ff&type=video/mp4".to_owned(), "UTF-8"),
        (format!("/s3/params?{file}{many}"), "more than 40 parameters"),
        (upload.path("/0"), "between 1 and 10000"),
        (upload.path("/01"), "between 1 and 10000"),
        (upload.path("/10001"), "between 1 and 10000"),
        (upload.path("/x"), "between 1 and 10000"),
        (upload.path("/batch"), "comma separated"),
        (upload.path("/batch?partNumbers="), "between 1 and 10000"),
        (upload.path("/batch?partNumbers=1,%202"), "between 1 and 10000"),
        (upload.path(&long), "at most 1000"),
    ];
    for (path, message) in cases {
        let shown = refusal(&get(&api, &path).await, 400, "request-malformed");
        assert!(shown.contains(message), "{path}: {shown}");
    }
    refusal(&get(&api, &upload.path("/batch?partNumbers=1,1")).await, 400, "part-numbers-invalid");
    for (body, code) in [
        (json!({ "type": "video/mp4" }), "body-member-missing"),
        (json!({ "filename": "", "type": "video/mp4" }), "body-member-missing"),
        (json!({ "filename": "a.mp4" }), "body-member-missing"),
        (json!({ "filename": "a.mp4", "type": 1 }), "body-member-type"),
        (json!({ "filename": "a.mp4", "type": "video/mp4", "metadata": [] }), "body-member-type"),
        (json!({ "filename": "a.mp4", "type": "video/mp4", "size": 1 }), "body-unknown-member"),
        (json!([]), "body-not-object"),
    ] {
        refusal(&send(&api, Method::POST, "/s3/multipart", Some(&body)).await, 400, code);
    }
}

#[tokio::test]
async fn policy_decides_as_for_the_api_itself() {
    let titled = MetadataOptions::new().client(ClientMetadata::Named(["title".into()].into()));
    let api = try_api(files(|builder| builder.metadata(titled)), store()).unwrap();
    let cases: [(&str, u16, &str, &str); 3] = [
        ("filename=a.html&type=text/html", 415, "content-type-not-allowed", "text/html"),
        ("filename=a.html&type=video/mp4", 400, "extension-mismatch", "mp4"),
        ("filename=a.mp4&type=video/mp4&metadata[owner]=bob", 400, "metadata-not-allowed", "metadata"),
    ];
    for (query, status, code, message) in cases {
        let response = get(&api, &format!("/s3/params?{query}")).await;
        let shown = refusal(&response, status, code);
        assert!(shown.contains(message), "{shown}");
    }
    let allowed = "/s3/params?filename=a.mp4&type=video/mp4&metadata[title]=x&metadata[name]=a.mp4";
    let fields = &answer(&get(&api, allowed).await)["fields"];
    assert_eq!((&fields["x-amz-meta-title"], fields.get("x-amz-meta-name")), (&json!("x"), None));
}

#[tokio::test]
async fn metadata_can_name_the_route_and_an_id() {
    let ids = ["article_id".parse().unwrap()];
    let template = KeyTemplate::parse("articles/{article_id}/{id}.{ext}", &ids).unwrap();
    let target = Target::aws("articles-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let articles = UploadPolicy::builder(target, template, Bodyless::Refuse)
        .content(ContentRules::new(["video/mp4"]).unwrap())
        .size(SizeLimit::up_to(MIB).unwrap())
        .method(UploadMethod::Post)
        .keys(KeyOptions::new().client_may_supply(ids))
        .build()
        .unwrap();
    let allow = authorize_fn(|_| async { Ok(Decision::Allow) });
    let issuer = |policy| issuer(policy, store(), keys("default", &[[7; 32]]));
    let service = UploadService::new([
        Route::unnamed(issuer(files(|builder| builder))),
        Route::named("articles".parse().unwrap(), issuer(articles).with_authorizer(allow)),
    ]);
    let api = api_of(service.unwrap()).with_dialects([Dialect::Companion]).unwrap();
    let id = "0b5c4a2e-8f0e-4d53-9a52-6f6f0c2b9c11";
    let path = format!(
        "/s3/params?filename=a.mp4&type=video/mp4&metadata[upsignRoute]=articles&metadata[articleId]={id}"
    );
    let fields = &answer(&get(&api, &path).await)["fields"];
    assert!(fields["key"].as_str().unwrap().starts_with(&format!("articles/{id}/")), "{fields}");
    assert!(!fields.as_object().unwrap().keys().any(|name| name.contains("meta")), "{fields}");
    let unknown = "/s3/params?filename=a.mp4&type=video/mp4&metadata[upsignRoute]=other";
    refusal(&get(&api, unknown).await, 400, "route-unknown");
}

#[tokio::test]
async fn callers_are_authenticated_first() {
    let api = api(MockObjectCalls::new());
    for (method, path) in [
        (Method::GET, "/s3/params"),
        (Method::GET, "/s3/sts"),
        (Method::POST, "/s3/multipart"),
        (Method::GET, "/s3/multipart/x"),
        (Method::DELETE, "/s3/multipart/x"),
    ] {
        let request = Request::builder().method(method).uri(path).header("origin", ORIGIN);
        let response = api.handle(&request.body(Bytes::new()).unwrap(), at(), &ByName).await;
        refusal(&response, 401, "unauthorized");
        assert!(response.headers().contains_key("www-authenticate"));
    }
}

#[tokio::test]
async fn temporary_credentials_are_never_given_out() {
    let shown = refusal(&get(&api(MockObjectCalls::new()), "/s3/sts").await, 403, "credentials-not-offered");
    assert!(shown.contains("getTemporarySecurityCredentials"), "{shown}");
}

#[tokio::test]
async fn preflights_permit_what_uppy_sends() {
    let api = api(MockObjectCalls::new());
    for (path, methods) in [
        ("/s3/params", "GET"),
        ("/s3/multipart", "POST"),
        ("/s3/multipart/x", "GET, DELETE"),
        ("/s3/multipart/x/1", "GET"),
        ("/s3/multipart/x/batch", "GET"),
        ("/s3/multipart/x/complete", "POST"),
    ] {
        let request = Request::options(path).header("origin", ORIGIN);
        let request = request.header("access-control-request-method", methods.split(',').next().unwrap());
        let response = api.handle(&request.body(Bytes::new()).unwrap(), at(), &ByName).await;
        assert_eq!(response.status(), 204, "{path}");
        assert_eq!(response.headers()["access-control-allow-methods"], methods, "{path}");
        let headers = response.headers()["access-control-allow-headers"].to_str().unwrap();
        assert!(headers.contains("authorization") && headers.contains("content-type"), "{headers}");
    }
}

#[tokio::test]
async fn other_paths_and_methods_are_refused() {
    let api = api(MockObjectCalls::new());
    for (path, status) in [
        ("/s3", 404),
        ("/s3/", 404),
        ("/s3/multipart/x/1/2", 404),
        ("/s3/other", 404),
        ("/s3/multipart", 405),
        ("/s3/multipart/x/complete", 405),
    ] {
        assert_eq!(get(&api, path).await.status().as_u16(), status, "{path}");
    }
    let off = api_of(issuer(files(|builder| builder), MockObjectCalls::new(), keys("default", &[[7; 32]])));
    assert_eq!(get(&off, "/s3/params?filename=a.mp4&type=video/mp4").await.status(), 404);
}

#[tokio::test]
async fn endpoints_are_below_the_base_path() {
    let api = api(store()).with_base_path("/api".parse().unwrap());
    assert_eq!(api.prefixes(), ["/s3", "/api/s3"]);
    for path in ["/s3/params", "/api/s3/params", "/api/s3/params/"] {
        answer(&get(&api, &format!("{path}?filename=a.mp4&type=video/mp4")).await);
    }
}

#[test]
fn route_must_take_files_of_unknown_size() {
    let reason = |policy| match try_api(policy, MockObjectCalls::new()).err() {
        Some(InvalidDialect::NoRoute { reason, .. }) => reason,
        other => panic!("{other:?}"),
    };
    let none = reason(policy(|builder| builder.multipart(options(MultipartMode::No))));
    assert!(none.contains("method = \"post\"") && none.contains("multipart = \"auto\""), "{none}");
    let required = Checksums::Required([ChecksumAlgorithm::Crc64nvme].into());
    let checksum = reason(files(|builder| builder.checksums(required)));
    assert!(checksum.contains("require_checksum"), "{checksum}");
    assert!(!checksum.contains(';'), "{checksum}");
}

#[tokio::test]
async fn route_that_lacks_one_kind_of_upload_says_so() {
    let in_parts_only = try_api(policy(|builder| builder), store()).unwrap();
    let shown = get(&in_parts_only, "/s3/params?filename=a.mp4&type=video/mp4").await;
    assert!(shown.body().contains("method = \\\"post\\\""), "{}", shown.body());
    begin(&in_parts_only).await;
    let forms = files(|builder| builder.multipart(options(MultipartMode::No)));
    let forms_only = try_api(forms, MockObjectCalls::new()).unwrap();
    let body = json!({ "filename": "a.mp4", "type": "video/mp4", "metadata": {} });
    let shown = send(&forms_only, Method::POST, "/s3/multipart", Some(&body)).await;
    assert!(shown.status().is_client_error());
    assert!(shown.body().contains("multipart = \\\"auto\\\""), "{}", shown.body());
}
