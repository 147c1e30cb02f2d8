//! Direct uploads of Active Storage: the request and the answer of `@rails/activestorage`, and what is refused.

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};
use upsign::{Route, UploadService};
use upsign_core::Dialect;
use upsign_http::{AllowHeaders, Api, InvalidDialect};
use upsign_policy::{
    ChecksumAlgorithm, Checksums, ClientMetadata, ConfirmationOptions, MetadataOptions, MultipartMode,
    UploadMethod, UploadPolicy, UploadPolicyBuilder,
};

use crate::fixture::{ORIGIN, at, json as body_of};
use crate::sessions::{ByName, Signer, api_of, issuer, keys, options, policy, store};

const PATH: &str = "/rails/active_storage/direct_uploads";
/// The MD5 of no bytes.
const MD5: &str = "1B2M2Y8AsgTpgAmY7PhCfg==";

/// A policy that serves the dialect, with further options.
fn blobs(build: impl FnOnce(UploadPolicyBuilder) -> UploadPolicyBuilder) -> UploadPolicy {
    policy(|builder| {
        let builder = builder
            .checksums(Checksums::Optional([ChecksumAlgorithm::Md5].into()))
            .confirmation(ConfirmationOptions::new().with_confirm(true));
        build(builder)
    })
}

fn try_api(policy: UploadPolicy) -> Result<Api<Signer>, InvalidDialect> {
    let api = api_of(issuer(policy, store(), keys("default", &[[7; 32]])));
    api.with_dialects([Dialect::ActiveStorage])
}

fn api() -> Api<Signer> {
    try_api(blobs(|builder| builder)).unwrap()
}

fn blob() -> Value {
    json!({ "filename": "film.mp4", "content_type": "video/mp4", "byte_size": 7, "checksum": MD5 })
}

/// Sends what `BlobRecord` of the client sends.
async fn send(api: &Api<Signer>, path: &str, body: &Value) -> Response<String> {
    let request = Request::post(path)
        .header("authorization", "Bearer alice")
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .header("x-requested-with", "XMLHttpRequest")
        .header("origin", ORIGIN);
    api.handle(&request.body(Bytes::from(body.to_string())).unwrap(), at(), &ByName).await
}

#[tokio::test]
async fn answer_has_the_members_of_rails_and_exactly_the_signed_headers() {
    let response = send(&api(), PATH, &json!({ "blob": blob() })).await;
    assert_eq!(response.status(), 200, "{}", response.body());
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
    let mut answer = body_of(&response);
    let direct = answer["direct_upload"].take();
    let signed_id = answer["signed_id"].take();
    assert!(signed_id.as_str().is_some_and(|token| token.len() > 50), "{signed_id}");
    let key = answer["key"].as_str().unwrap().to_owned();
    let expected = json!({
        "key": key, "filename": "film.mp4", "content_type": "video/mp4", "metadata": {}, "byte_size": 7, "checksum": MD5,
        "created_at": "2026-01-01T00:00:00Z", "signed_id": null, "direct_upload": null,
    });
    assert_eq!(answer, expected);
    let headers = json!({ "content-md5": MD5, "content-type": "video/mp4", "if-none-match": "*" });
    assert_eq!(direct["headers"], headers);
    let url = direct["url"].as_str().unwrap();
    assert!(
        url.contains(
            "&X-Amz-SignedHeaders=content-length%3Bcontent-md5%3Bcontent-type%3Bhost%3Bif-none-match&"
        ),
        "{url}"
    );
}

/// The application exchanges the id for a receipt, as the user who uploaded the file.
#[tokio::test]
async fn signed_id_is_what_the_confirmation_takes() {
    let mut calls = store();
    calls.expect_head_object().returning(|_, _| {
        let mut head = crate::sessions::confirm::stored();
        head.size = 7;
        Ok(head)
    });
    let api = api_of(issuer(blobs(|builder| builder), calls, keys("default", &[[7; 32]])));
    let api = api.with_dialects([Dialect::ActiveStorage]).unwrap();
    let blob = body_of(&send(&api, PATH, &json!({ "blob": blob() })).await);
    let confirm = json!({ "uploadToken": blob["signed_id"] });
    let answer = body_of(&send(&api, "/uploads/confirm", &confirm).await);
    assert_eq!((&answer["state"], &answer["key"]), (&json!("confirmed"), &blob["key"]), "{answer}");
    let other = Request::post("/uploads/confirm").header("authorization", "Bearer mallory");
    let other =
        other.header("content-type", "application/json").body(Bytes::from(confirm.to_string())).unwrap();
    assert_eq!(body_of(&api.handle(&other, at(), &ByName).await)["code"], "upload-token-invalid");
}

#[tokio::test]
async fn invalid_requests_are_refused() {
    let api = api();
    let with = |member: &str, value: Value| {
        let mut blob = blob();
        blob[member] = value;
        json!({ "blob": blob })
    };
    let without = |member: &str| {
        let mut blob = blob();
        blob.as_object_mut().unwrap().remove(member);
        json!({ "blob": blob })
    };
    for (body, status, code) in [
        (json!({}), 400, "body-member-missing"),
        (json!({ "blob": 7 }), 400, "body-member-type"),
        (json!({ "blob": [1, 2] }), 400, "body-member-type"),
        (json!({ "blob": blob(), "route": "a" }), 400, "body-unknown-member"),
        (with("service_name", json!("amazon")), 400, "body-unknown-member"),
        (with("byte_size", json!("7")), 400, "body-member-type"),
        (with("byte_size", json!(7.5)), 400, "body-member-type"),
        (with("metadata", json!("x")), 400, "body-member-type"),
        (with("metadata", json!({ "identified": true })), 400, "body-unknown-member"),
        (with("metadata", json!({ "custom": { "a": "b" } })), 400, "metadata-not-allowed"),
        (with("filename", Value::Null), 400, "body-member-type"),
        (without("filename"), 400, "body-member-missing"),
        (without("content_type"), 400, "body-member-missing"),
        (without("byte_size"), 400, "body-member-missing"),
        (without("checksum"), 400, "body-member-missing"),
        (with("checksum", json!("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")), 400, "checksum-invalid"),
        (with("content_type", json!("text/html")), 415, "content-type-not-allowed"),
        (with("byte_size", json!(101 << 20)), 413, "too-large"),
    ] {
        let response = send(&api, PATH, &body).await;
        let answer = body_of(&response);
        assert_eq!(
            (response.status().as_u16(), answer["code"].as_str()),
            (status, Some(code)),
            "{body}: {answer}"
        );
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
    let unsigned =
        Request::post(PATH).header("content-type", "application/json").body(Bytes::from("{}")).unwrap();
    assert_eq!(api.handle(&unsigned, at(), &ByName).await.status(), 401);
}

/// The file would have parts for other clients: above 6 MiB.
#[tokio::test]
async fn large_file_is_granted_as_one_request() {
    let mut blob = blob();
    blob["byte_size"] = json!(90 << 20);
    let answer = body_of(&send(&api(), PATH, &json!({ "blob": blob })).await);
    assert!(
        answer["direct_upload"]["url"].as_str().is_some_and(|url| url.contains("X-Amz-Signature=")),
        "{answer}"
    );
}

#[tokio::test]
async fn custom_metadata_is_signed() {
    let named = ClientMetadata::Named(["title".into()].into());
    let api = try_api(blobs(|builder| builder.metadata(MetadataOptions::new().client(named)))).unwrap();
    let mut blob = blob();
    blob["metadata"] = json!({ "custom": { "title": "A film" } });
    let answer = body_of(&send(&api, PATH, &json!({ "blob": blob })).await);
    assert_eq!(answer["direct_upload"]["headers"]["x-amz-meta-title"], "A film", "{answer}");
}

#[tokio::test]
async fn preflight_allows_the_headers_of_the_client() {
    let names: Vec<_> = (0..32).map(|number| format!("x-of-the-application-{number}")).collect();
    let longest = AllowHeaders::default().with_names(&names).unwrap();
    for headers in [AllowHeaders::default(), longest] {
        preflight_is_answered(&api().with_allow_headers(&headers)).await;
    }
}

async fn preflight_is_answered(api: &Api<Signer>) {
    let request =
        Request::options(PATH).header("origin", ORIGIN).header("access-control-request-method", "POST");
    let response = api.handle(&request.body(Bytes::new()).unwrap(), at(), &ByName).await;
    assert_eq!(response.status(), 204);
    let allowed = response.headers()["access-control-allow-headers"].to_str().unwrap().to_owned();
    for header in ["authorization", "content-type", "x-csrf-token", "x-requested-with"] {
        assert!(allowed.split(", ").any(|name| name == header), "{header} in {allowed}");
    }
    assert_eq!(response.headers()["access-control-allow-methods"], "POST");
    let request = Request::builder().method(Method::GET).uri(PATH).body(Bytes::new()).unwrap();
    assert_eq!(api.handle(&request, at(), &ByName).await.status(), 405);
}

type Build = fn(UploadPolicyBuilder) -> UploadPolicyBuilder;

#[test]
fn route_that_the_client_cannot_use_is_refused_when_the_api_is_built() {
    let cases: [(Build, &str); 4] = [
        (|it| it.multipart(options(MultipartMode::Always)), "multipart = \"auto\""),
        (|it| it.checksums(Checksums::None), "add \"md5\" to checksums"),
        (
            |it| it.checksums(Checksums::Required([ChecksumAlgorithm::Crc32].into())),
            "add \"md5\" to checksums",
        ),
        (|it| it.confirmation(ConfirmationOptions::new()), "confirm = true"),
    ];
    for (build, remedy) in cases {
        let error = try_api(blobs(build)).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(remedy) && error.contains("`active-storage`"), "{error}");
    }
    let forms = blobs(|it| it.method(UploadMethod::Post).no_overwrite(false));
    assert!(try_api(forms).unwrap_err().to_string().contains("remove method = \"post\""));
}

/// One route serves the dialect, and another does not.
#[tokio::test]
async fn route_is_chosen_by_the_query() {
    let route = |name: &str, policy: UploadPolicy| {
        let issuer = issuer(policy, store(), keys("default", &[[7; 32]]));
        Route::named(name.parse().unwrap(), issuer)
    };
    let plain = policy(|builder| builder);
    let service = UploadService::new([route("films", blobs(|it| it)), route("plain", plain)]).unwrap();
    let api = api_of(service).with_dialects([Dialect::ActiveStorage]).unwrap();
    for (query, code) in [
        ("", None),
        ("?route=films", None),
        ("?route=plain", Some("client-cannot-send")),
        ("?route=none", Some("route-unknown")),
        ("?route=films&route=films", Some("request-malformed")),
        ("?articleId=7", Some("request-malformed")),
    ] {
        let answer = body_of(&send(&api, &format!("{PATH}{query}"), &json!({ "blob": blob() })).await);
        assert_eq!(answer["code"].as_str(), code, "{query}: {answer}");
    }
}
