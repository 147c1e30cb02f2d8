//! Uppy 6: what `signRequest` sends and receives, the requests that carry a ticket, and what is refused.

mod outside;

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};
use upsign::{Access, Route, UploadService};
use upsign_core::{Dialect, Timestamp};
use upsign_http::{Api, InvalidDialect};
use upsign_objects::{CompletedUpload, PartList, UploadedPart};
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, Checksums, ContentRules, KeyOptions, KeyTemplate, MultipartMode, SizeLimit,
    Unbounded, UploadMethod, UploadPolicy, UploadPolicyBuilder,
};
use upsign_testing::mocks::MockObjectCalls;

use crate::fixture::{ORIGIN, at, json as body_of};
use crate::sessions::{
    ByName, Signer, UPLOAD_ID, api_of, issuer, keys, no_object, no_such_upload, options, part, policy, store,
};

const MIB: u64 = 1 << 20;
const MAX: u64 = 100 * MIB;
const SIGN: &str = "/uppy/sign";

/// A policy of a service for Uppy: forms, and parts.
fn files(build: impl FnOnce(UploadPolicyBuilder) -> UploadPolicyBuilder) -> UploadPolicy {
    policy(|builder| build(builder.method(UploadMethod::Post).multipart(options(MultipartMode::Auto))))
}

fn try_api(policy: UploadPolicy, calls: MockObjectCalls) -> Result<Api<Signer>, InvalidDialect> {
    api_of(issuer(policy, calls, keys("default", &[[7; 32]]))).with_dialects([Dialect::Uppy])
}

fn api(calls: MockObjectCalls) -> Api<Signer> {
    try_api(files(|builder| builder), calls).unwrap()
}

async fn sign_as(api: &Api<Signer>, caller: &str, request: &Value, at: Timestamp) -> Response<String> {
    let head =
        Request::post(SIGN).header("authorization", format!("Bearer {caller}")).header("origin", ORIGIN);
    let request = head.header("content-type", "application/json").body(Bytes::from(request.to_string()));
    api.handle(&request.unwrap(), at, &ByName).await
}

async fn sign(api: &Api<Signer>, request: Value) -> Response<String> {
    sign_as(api, "alice", &request, at()).await
}

/// Signs a request and returns the answer.
async fn signed(api: &Api<Signer>, request: Value) -> Value {
    let response = sign(api, request).await;
    assert_eq!(response.status(), 200, "{}", response.body());
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
    body_of(&response)
}

/// Sends a request to the URL of an answer, as the browser resolves it: without credentials.
async fn send_to(
    api: &Api<Signer>,
    method: Method,
    url: &str,
    body: &str,
    at: Timestamp,
) -> Response<String> {
    let path = format!("/uppy/{url}");
    let request = Request::builder().method(method).uri(path).header("origin", ORIGIN);
    let request =
        request.header("content-type", "application/xml").body(Bytes::copy_from_slice(body.as_bytes()));
    api.handle(&request.unwrap(), at, &ByName).await
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap().to_owned()
}

/// Begins an upload in parts as the client does, and returns its id.
async fn begin(api: &Api<Signer>) -> String {
    let answer = signed(api, json!({ "method": "POST", "key": "clip.mp4" })).await;
    let response = send_to(api, Method::POST, &text(&answer, "url"), "", at()).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"application/xml".parse().unwrap())
    );
    element(response.body(), "UploadId").to_owned()
}

/// Returns the text of the first element with this name.
fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap();
    rest.split_once('<').unwrap().0
}

/// Signs a request about an upload and returns the URL.
async fn url_for(api: &Api<Signer>, method: &str, token: &str) -> String {
    text(&signed(api, json!({ "method": method, "key": "videos/x.mp4", "uploadId": token })).await, "url")
}

fn listing(parts: Vec<UploadedPart>) -> MockObjectCalls {
    let mut calls = store();
    calls.expect_list_parts().returning(move |_, _| Ok(PartList::new(parts.clone())));
    calls
}

fn completing(parts: Vec<UploadedPart>, times: usize) -> MockObjectCalls {
    let mut calls = listing(parts);
    calls
        .expect_complete_multipart_upload()
        .times(times)
        .returning(|_, _| Ok(CompletedUpload::new("opaque".parse().unwrap())));
    calls
}

const COMPLETE: &str = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e1</ETag></Part><Part><PartNumber>2</PartNumber><ETag>e2</ETag></Part></CompleteMultipartUpload>";

fn two_parts() -> Vec<UploadedPart> {
    vec![part(1, 7 * MIB, "e1"), part(2, 3, "e2")]
}

#[track_caller]
fn assert_refused(response: &Response<String>, status: u16, code: &str) -> String {
    let body = body_of(response);
    assert_eq!((response.status().as_u16(), body["error"].as_str()), (status, Some(code)), "{body}");
    assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
    text(&body, "message")
}

#[track_caller]
fn assert_refused_in_xml(response: &Response<String>, status: u16, code: &str) {
    let body = response.body();
    assert_eq!((response.status().as_u16(), element(body, "Code")), (status, code), "{body}");
    // The client reads the code only from this type.
    assert_eq!(response.headers()["content-type"], "application/xml");
    assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
}

#[tokio::test]
async fn file_is_sent_by_a_form_with_a_range() {
    let request = json!({ "method": "PUT", "key": "3f2504e0-4f89-41d3-9a0c-0305e82c3301-clip.mp4", "contentType": "video/mp4", "expiresIn": 60 });
    let answer = signed(&api(MockObjectCalls::new()), request).await;
    let fields = answer["fields"].as_object().unwrap();
    assert_eq!(fields["Content-Type"], "video/mp4");
    assert_eq!(fields["key"], answer["key"]);
    assert_eq!(text(&answer, "key"), "videos/00000000-0000-4000-8000-000000000000.mp4");
    let names: Vec<String> = fields.keys().map(|name| name.to_lowercase()).collect();
    for refused in ["file", "success_action_redirect", "redirect"] {
        assert!(!names.contains(&refused.to_owned()), "{names:?}");
    }
    let policy = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("policy")).unwrap().1;
    let policy = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, policy.as_str().unwrap());
    let policy: Value = serde_json::from_slice(&policy.unwrap()).unwrap();
    assert!(
        policy["conditions"].as_array().unwrap().contains(&json!(["content-length-range", 1, MAX])),
        "{policy}"
    );
}

#[tokio::test]
async fn put_needs_the_size_or_the_permission_for_none() {
    let put = |policy: UploadPolicy| try_api(policy, MockObjectCalls::new()).unwrap();
    let strict = put(policy(|builder| builder));
    let request = json!({ "method": "PUT", "key": "clip.mp4", "contentType": "video/mp4" });
    let message = assert_refused(&sign(&strict, request.clone()).await, 400, "client-cannot-send");
    assert!(
        message.contains("`method = \"post\"`") && message.contains("shouldUseMultipart: true"),
        "{message}"
    );
    let sized = json!({ "method": "PUT", "key": "clip.mp4", "contentType": "video/mp4", "contentLength": 5 });
    let answer = signed(&strict, sized).await;
    assert!(text(&answer, "url").contains("X-Amz-SignedHeaders=content-length%3Bcontent-type"), "{answer}");
    // Browsers set the length themselves.
    assert_eq!(answer["headers"], json!({ "content-type": "video/mp4", "if-none-match": "*" }));

    let danger = put(policy(|builder| builder.unbounded(Unbounded::Danger)));
    let answer = signed(&danger, request).await;
    assert!(text(&answer, "url").contains("X-Amz-SignedHeaders=content-type%3Bhost"), "{answer}");
    assert_eq!(answer["headers"]["content-type"], "video/mp4");
}

#[tokio::test]
async fn name_decides_where_the_browser_knows_no_type() {
    let api = api(store());
    for request in [
        json!({ "method": "PUT", "key": "clip.mp4", "contentType": "application/octet-stream" }),
        json!({ "method": "PUT", "key": "clip.mp4" }),
    ] {
        assert_eq!(signed(&api, request).await["fields"]["Content-Type"], "video/mp4");
    }
    // The request to begin an upload in parts states no type.
    let begun = signed(&api, json!({ "method": "POST", "key": "clip.mp4" })).await;
    assert!(text(&begun, "key").ends_with(".mp4"));
    for (key, content_type, status, code) in [
        ("clip", "", 400, "content-type-invalid"),
        ("clip.exe", "", 400, "content-type-invalid"),
        ("clip.mp4", "image/png", 415, "content-type-not-allowed"),
    ] {
        let request = json!({ "method": "POST", "key": key, "contentType": content_type });
        assert_refused(&sign(&api, request).await, status, code);
    }
}

#[tokio::test]
async fn upload_in_parts_is_created_listed_and_completed() {
    let api = api(completing(two_parts(), 1));
    let token = begin(&api).await;
    assert!(!token.contains(UPLOAD_ID));

    let part = signed(&api, json!({ "method": "PUT", "key": "k", "uploadId": token, "partNumber": 2 })).await;
    let url = text(&part, "url");
    assert!(url.contains("partNumber=2&") && url.contains("X-Amz-SignedHeaders=host&"), "{url}");
    assert_eq!(part["headers"], json!({}));

    let list = send_to(&api, Method::GET, &url_for(&api, "GET", &token).await, "", at()).await;
    assert_eq!(list.status(), 200, "{}", list.body());
    assert!(list.body().contains("<Part><PartNumber>1</PartNumber><ETag>&quot;e1&quot;</ETag><Size>7340032</Size></Part><Part><PartNumber>2</PartNumber>"), "{}", list.body());
    assert_eq!(element(list.body(), "IsTruncated"), "false");

    let complete = send_to(&api, Method::POST, &url_for(&api, "POST", &token).await, COMPLETE, at()).await;
    assert_eq!(complete.status(), 200, "{}", complete.body());
    let key = element(complete.body(), "Key").to_owned();
    assert_eq!(
        element(complete.body(), "Location"),
        format!("https://videos-bucket.s3.ap-southeast-1.amazonaws.com/{key}")
    );
    assert_eq!(element(complete.body(), "ETag"), "&quot;opaque&quot;");
    assert!(!complete.body().contains(UPLOAD_ID));
}

#[tokio::test]
async fn completing_twice_gives_the_same_answer() {
    // The first answer was lost. The store has no upload any more, but the object.
    let mut calls = store();
    calls.expect_list_parts().times(1).returning(|_, _| Ok(PartList::new(two_parts())));
    calls.expect_list_parts().returning(|_, _| Err(no_such_upload("ListParts")));
    calls
        .expect_complete_multipart_upload()
        .times(1)
        .returning(|_, _| Ok(CompletedUpload::new("opaque".parse().unwrap())));
    calls
        .expect_head_object()
        .returning(|_, _| Ok(upsign_objects::ObjectHead::new(7 * MIB + 3, "opaque".parse().unwrap())));
    let api = try_api(files(|builder| builder), calls).unwrap();
    let token = begin(&api).await;
    let ticket = {
        // Signing lists the parts too: take the ticket of another instance of the service, whose store still has them.
        let other = self::api(listing(two_parts()));
        text(&signed(&other, json!({ "method": "POST", "key": "k", "uploadId": token })).await, "url")
    };
    let first = send_to(&api, Method::POST, &ticket, COMPLETE, at()).await;
    let second = send_to(&api, Method::POST, &ticket, COMPLETE, at()).await;
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (200, 200), "{}", second.body());
    assert_eq!(first.body(), second.body());
}

#[tokio::test]
async fn upload_above_the_maximum_is_refused_and_aborted() {
    let too_large = || vec![part(1, MAX, "e1"), part(2, 1, "e2")];
    let aborting = || {
        let mut calls = listing(too_large());
        calls.expect_abort_multipart_upload().times(1).returning(|_, _| Ok(()));
        calls.expect_head_object().returning(|_, _| Err(no_object()));
        calls
    };
    // When the request is signed, where the message is shown.
    let api = api(aborting());
    let token = begin(&api).await;
    let refused = sign(&api, json!({ "method": "POST", "key": "k", "uploadId": token })).await;
    let message = assert_refused(&refused, 413, "too-large");
    assert_eq!(
        message,
        "the parts have 104857601 bytes, but at most 104857600 are permitted: the upload was aborted"
    );

    // And again when it is completed, because a part can be sent again in between.
    let before = self::api(listing(two_parts()));
    let url = url_for(&before, "POST", &token).await;
    let api = self::api(aborting());
    assert_refused_in_xml(&send_to(&api, Method::POST, &url, COMPLETE, at()).await, 413, "too-large");
}

#[tokio::test]
async fn upload_is_aborted() {
    let mut calls = store();
    calls.expect_abort_multipart_upload().times(1).returning(|_, _| Ok(()));
    calls.expect_head_object().returning(|_, _| Err(no_object()));
    let api = api(calls);
    let token = begin(&api).await;
    let url = url_for(&api, "DELETE", &token).await;
    let aborted = send_to(&api, Method::DELETE, &url, "", at()).await;
    assert_eq!((aborted.status().as_u16(), aborted.body().as_str()), (204, ""));
}

/// The client never learns the id of the upload, so that none may remain at the store.
#[tokio::test]
async fn upload_that_cannot_be_answered_is_aborted() {
    let mut calls = store();
    calls.expect_head_object().returning(|_, _| Err(no_object()));
    calls.expect_abort_multipart_upload().times(1).returning(|_, _| Ok(()));
    let api = api(calls).with_grant_members(|_| [("url".to_owned(), json!(1))].into_iter().collect());
    let response = sign(&api, json!({ "method": "POST", "key": "clip.mp4" })).await;
    assert_refused(&response, 500, "internal");
}

#[tokio::test]
async fn objects_are_not_deleted() {
    let api = api(MockObjectCalls::new());
    let refused = sign(&api, json!({ "method": "DELETE", "key": "videos/another.mp4" })).await;
    let message = assert_refused(&refused, 403, "forbidden");
    assert!(message.starts_with("objects are not deleted by Uppy"), "{message}");
}

#[tokio::test]
async fn another_callers_upload_is_out_of_reach() {
    let api = api(store());
    let token = begin(&api).await;
    for request in [
        json!({ "method": "PUT", "key": "k", "uploadId": token, "partNumber": 1 }),
        json!({ "method": "GET", "key": "k", "uploadId": token }),
        json!({ "method": "POST", "key": "k", "uploadId": token }),
        json!({ "method": "DELETE", "key": "k", "uploadId": token }),
    ] {
        assert_refused(&sign_as(&api, "bob", &request, at()).await, 403, "upload-token-invalid");
    }
    let unauthenticated =
        Request::post(SIGN).header("origin", ORIGIN).body(Bytes::from_static(b"{}")).unwrap();
    let refused = api.handle(&unauthenticated, at(), &ByName).await;
    assert_refused(&refused, 401, "unauthorized");
    assert_eq!(refused.headers()["www-authenticate"], "Bearer");
}

#[tokio::test]
async fn ticket_is_good_for_its_call_and_upload_until_it_expires() {
    let api = api(listing(two_parts()));
    let (token, other) = (begin(&api).await, begin(&api).await);
    assert_ne!(token, other);
    let urls = [
        (Method::GET, "", url_for(&api, "GET", &token).await),
        (Method::POST, COMPLETE, url_for(&api, "POST", &token).await),
        (Method::DELETE, "", url_for(&api, "DELETE", &token).await),
    ];
    for (signed_for, _, url) in &urls {
        for (method, body, _) in urls.iter().filter(|(method, ..)| method != signed_for) {
            let refused = send_to(&api, method.clone(), url, body, at()).await;
            assert_refused_in_xml(&refused, 403, "upload-token-invalid");
        }
        // A request to create has no body.
        assert_refused_in_xml(&send_to(&api, Method::POST, url, "", at()).await, 403, "upload-token-invalid");
        let (method, body, _) = urls.iter().find(|(method, ..)| method == signed_for).unwrap();
        for wrong in [url.replace(&token, &other), url.replace(&token, "AAAA"), format!("{url}A")] {
            let refused = send_to(&api, method.clone(), &wrong, body, at()).await;
            assert_refused_in_xml(&refused, 403, "upload-token-invalid");
        }
        let late = at().saturating_add(900);
        assert_refused_in_xml(
            &send_to(&api, method.clone(), url, body, late).await,
            403,
            "upload-token-invalid",
        );
    }
    for malformed in
        ["multipart", "multipart?uploadId=a", "multipart?ticket=a", "multipart?ticket=a&ticket=a&uploadId=b"]
    {
        assert_refused_in_xml(
            &send_to(&api, Method::GET, malformed, "", at()).await,
            400,
            "request-malformed",
        );
    }
}

#[tokio::test]
async fn refusals_of_tickets_show_neither_token_nor_ticket() {
    let api = api(store());
    let token = begin(&api).await;
    let url = url_for(&api, "DELETE", &token).await;
    let refused = send_to(&api, Method::GET, &url, "", at()).await;
    let ticket = url.rsplit_once('=').unwrap().1;
    assert!(!refused.body().contains(&token) && !refused.body().contains(ticket), "{}", refused.body());
}

#[tokio::test]
async fn ticket_needs_no_groups_but_its_signature_did() {
    let route = || Route::unnamed(issuer(files(|builder| builder), store(), keys("default", &[[7; 32]])));
    let editors = route().with_access(Access::unrestricted().with_groups(["editors"]));
    let api = api_of(UploadService::new([editors]).unwrap()).with_dialects([Dialect::Uppy]).unwrap();
    let refused = sign(&api, json!({ "method": "POST", "key": "clip.mp4" })).await;
    assert_refused(&refused, 403, "route-forbidden");
}

#[tokio::test]
async fn documents_that_are_not_those_of_s3_are_refused() {
    let api = api(listing(two_parts()));
    let token = begin(&api).await;
    let url = url_for(&api, "POST", &token).await;
    for body in ["{}", "<Delete/>", "<!DOCTYPE x><CompleteMultipartUpload/>"] {
        assert_refused_in_xml(&send_to(&api, Method::POST, &url, body, at()).await, 400, "body-syntax");
    }
    let changed = COMPLETE.replace("e2", "other");
    assert_refused_in_xml(&send_to(&api, Method::POST, &url, &changed, at()).await, 409, "part-mismatch");
}

#[tokio::test]
async fn route_is_named_by_the_page() {
    let covers = policy(|builder| {
        builder
            .method(UploadMethod::Post)
            .content(ContentRules::new(["image/png"]).unwrap())
            .size(SizeLimit::up_to(9).unwrap())
            .multipart(options(MultipartMode::No))
    });
    let route = |name: &str, policy| {
        Route::named(name.parse().unwrap(), issuer(policy, store(), keys("default", &[[7; 32]])))
    };
    let service =
        UploadService::new([route("videos", files(|builder| builder)), route("covers", covers)]).unwrap();
    let api = api_of(service).with_dialects([Dialect::Uppy]).unwrap();
    let request = json!({ "method": "PUT", "key": "a.png", "contentType": "image/png", "route": "covers" });
    assert_eq!(signed(&api, request).await["fields"]["Content-Type"], "image/png");
    let unnamed = json!({ "method": "PUT", "key": "a.png", "contentType": "image/png" });
    assert_refused(&sign(&api, unnamed).await, 400, "route-required");
    let unknown = json!({ "method": "PUT", "key": "a.png", "contentType": "image/png", "route": "x" });
    assert_refused(&sign(&api, unknown).await, 400, "route-unknown");
    // Covers are not uploaded in parts.
    let parts = json!({ "method": "POST", "key": "a.png", "route": "covers" });
    assert_refused(&sign(&api, parts).await, 400, "client-cannot-send");
}

#[tokio::test]
async fn ids_of_the_policy_are_in_the_answer() {
    let template =
        KeyTemplate::parse("articles/{article_id}/{id}.{ext}", &["article_id".parse().unwrap()]).unwrap();
    let target =
        upsign_core::Target::aws("videos-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let policy = UploadPolicy::builder(target, template, Bodyless::Refuse)
        .keys(KeyOptions::new())
        .content(ContentRules::new(["video/mp4"]).unwrap())
        .size(SizeLimit::up_to(MAX).unwrap())
        .method(UploadMethod::Post)
        .build()
        .unwrap();
    let api = try_api(policy, MockObjectCalls::new()).unwrap();
    let answer = signed(&api, json!({ "method": "PUT", "key": "a.mp4" })).await;
    assert!(text(&answer, "key").starts_with(&format!("articles/{}/", text(&answer, "articleId"))));
}

#[test]
fn services_without_a_suitable_route_are_refused() {
    for (policy, reason) in [
        (
            policy(|builder| builder.multipart(options(MultipartMode::No))),
            "`method = \"post\"` is missing, so that a form binds the size; `multipart = \"auto\"` is missing",
        ),
        (
            policy(|builder| builder.checksums(Checksums::Required([ChecksumAlgorithm::Crc64nvme].into()))),
            "with `require_checksum = true`",
        ),
    ] {
        let refused = try_api(policy, MockObjectCalls::new()).unwrap_err();
        assert!(refused.to_string().starts_with("no route can serve the dialect `uppy`: "), "{refused}");
        assert!(refused.to_string().contains(reason), "{refused}");
    }
}

#[tokio::test]
async fn preflights_and_methods_are_those_of_the_client() {
    let api = api(MockObjectCalls::new());
    for (path, methods) in [(SIGN, "POST"), ("/uppy/multipart?uploadId=a&ticket=b", "GET, POST, DELETE")] {
        let request = Request::options(path).header("origin", ORIGIN).body(Bytes::new()).unwrap();
        let response = api.handle(&request, at(), &ByName).await;
        assert_eq!(response.status(), 204);
        assert_eq!(response.headers()["access-control-allow-methods"], methods);
        assert_eq!(response.headers()["access-control-allow-headers"], "authorization, content-type");
        let request = Request::put(path).header("origin", ORIGIN).body(Bytes::new()).unwrap();
        let response = api.handle(&request, at(), &ByName).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["allow"]),
            (405, &format!("{methods}, OPTIONS").parse().unwrap())
        );
    }
    let evil = Request::options(SIGN).header("origin", "https://evil.example").body(Bytes::new()).unwrap();
    let response = api.handle(&evil, at(), &ByName).await;
    assert!(response.status() == 403 && !response.headers().contains_key("access-control-allow-origin"));
    assert!(api.paths().contains(&SIGN.to_owned()) && api.dialects() == [Dialect::Uppy]);
}

#[tokio::test]
async fn paths_are_unknown_unless_switched_on() {
    let off = api_of(issuer(files(|builder| builder), MockObjectCalls::new(), keys("default", &[[7; 32]])));
    for path in [SIGN, "/uppy/multipart"] {
        let request = Request::post(path).body(Bytes::new()).unwrap();
        assert_eq!(off.handle(&request, at(), &ByName).await.status(), 404);
        assert_eq!(off.dialect_at(path), None);
    }
    let taken = off.with_path(SIGN).unwrap().with_dialects([Dialect::Uppy]);
    assert!(matches!(taken, Err(InvalidDialect::Path { .. })), "{taken:?}");
    assert!(api(MockObjectCalls::new()).with_path(SIGN).is_err());
}
