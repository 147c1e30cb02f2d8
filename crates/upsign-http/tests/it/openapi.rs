//! The OpenAPI description describes what the API does: its answers to known requests, and every problem that it creates.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::Value;
use upsign::quota::QuotaStoreError;
use upsign::{AuthorizeError, FilesDenied, IssueError, TooManyRequests};
use upsign_core::{InvalidHeader, InvalidPostPolicy, PresignError};
use upsign_http::{AuthenticateError, InvalidBody, OpenApiVersion, Problem};
use upsign_objects::{CallFailure, ObjectError, StoreError};
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, ContentType, Denied, IdName, InvalidChecksum, InvalidContentType,
    InvalidDisposition, InvalidFileName, InvalidMetadata, InvalidTag, MultipartConflict,
};

use crate::fixture::{TOKEN, api, json, post, send};
use crate::openapi_property::service_with_every_option;
use crate::problems::{quota_denied, rate_limit_unavailable};

fn description() -> Value {
    serde_json::from_str(&api(Bodyless::Allow).openapi().to_json(OpenApiVersion::V3_1)).unwrap()
}

/// Returns the operation of a path: that of `POST`, or else of `DELETE`.
fn operation<'a>(description: &'a Value, path: &str) -> &'a Value {
    let operations = &description["paths"][path];
    operations.get("post").unwrap_or_else(|| &operations["delete"])
}

/// Returns the codes that a description lists for a path and a status.
pub(crate) fn codes<'a>(description: &'a Value, path: &str, status: StatusCode) -> Vec<&'a str> {
    let response = &operation(description, path)["responses"][status.as_str()];
    let schema = &response["content"]["application/problem+json"]["schema"];
    let codes = schema["allOf"][1]["properties"]["code"]["enum"].as_array();
    codes.into_iter().flatten().filter_map(Value::as_str).collect()
}

#[tokio::test]
async fn refusals_match_the_description() {
    let description = description();
    let json_type = ("content-type", "application/json");
    for (headers, body) in [
        (&[][..], ""),
        (&[("authorization", "Bearer later")], ""),
        (&[("authorization", TOKEN), json_type], "{"),
        (&[("authorization", TOKEN), json_type], r#"{"contentType":7}"#),
        (&[("authorization", TOKEN), json_type], r#"{"contentType":"image/jpeg","contentLength":10485761}"#),
        (&[("authorization", TOKEN), json_type], r#"{"contentType":"text/html","contentLength":7}"#),
    ] {
        let response = send(post(headers, body)).await;
        let codes = codes(&description, "/upload-url", response.status());
        assert!(codes.contains(&json(&response)["code"].as_str().unwrap()), "{} {codes:?}", json(&response));
        let described = &description["paths"]["/upload-url"]["post"]["responses"][response.status().as_str()];
        for (name, header) in described["headers"].as_object().unwrap() {
            assert!(header["required"] == false || response.headers().contains_key(name), "{name}");
        }
    }
}

#[test]
fn path_is_below_the_base_path() {
    for (path, expected) in [("/upload-url", "/api/upload-url"), ("/", "/api")] {
        let api = api(Bodyless::Allow).with_path(path).unwrap().with_base_path("/api".parse().unwrap());
        let description = api.openapi().to_json(OpenApiVersion::V3_1);
        let description: Value = serde_json::from_str(&description).unwrap();
        assert!(description["paths"][expected].is_object(), "{description}");
    }
}

#[test]
fn every_code_of_invalid_bodies_is_described() {
    let description = description();
    let codes = codes(&description, "/upload-url", StatusCode::BAD_REQUEST);
    for line in include_str!("golden/bodies.txt").lines() {
        let code = line.split(' ').next().unwrap();
        assert!(codes.contains(&code), "{code}");
    }
}

#[tokio::test]
async fn grant_matches_the_description() {
    let description = description();
    let response = send(post(&[("authorization", TOKEN)], "")).await;
    let grant = json(&response);
    let schema = &description["components"]["schemas"]["UploadGrant"];
    assert_eq!(grant["method"], "PUT");
    let required = schema["required"].as_array().unwrap();
    assert!(required.contains(&"articleId".into()), "{required:?}");
    for name in required {
        assert!(!grant[name.as_str().unwrap()].is_null(), "{name}");
    }
    for (name, header) in
        description["paths"]["/upload-url"]["post"]["responses"]["200"]["headers"].as_object().unwrap()
    {
        assert_eq!(response.headers()[name], header["schema"]["const"].as_str().unwrap());
    }
}

/// Problems that a request for an upload cannot receive: of other paths and methods, of preflights, and of handlers that
/// choose ids themselves.
const OF_OTHER_REQUESTS: [&str; 4] = ["id-conflict", "method-not-allowed", "not-found", "origin-not-allowed"];

/// A service with every option has every problem, so a new one that the description does not know fails here.
#[test]
fn every_problem_is_described_with_its_status() {
    let description = service_with_every_option().openapi().to_json(OpenApiVersion::V3_1);
    let description: Value = serde_json::from_str(&description).unwrap();
    let mut created: BTreeSet<(String, String)> = BTreeSet::new();
    for problem in problems().into_iter().filter(|problem| !OF_OTHER_REQUESTS.contains(&problem.code())) {
        created.insert((problem.status().as_str().to_owned(), problem.code().to_owned()));
    }
    assert_eq!(described(&description, "/upload-url"), created);
}

/// Returns the statuses and codes of every refusal of a path.
pub(crate) fn described(description: &Value, path: &str) -> BTreeSet<(String, String)> {
    let responses = operation(description, path)["responses"].as_object().unwrap();
    let mut described = BTreeSet::new();
    for status in responses.keys().filter(|status| *status != "200") {
        let code = StatusCode::from_bytes(status.as_bytes()).unwrap();
        let codes = codes(description, path, code).into_iter();
        described.extend(codes.map(|code| (status.clone(), code.to_owned())));
    }
    described
}

pub(crate) fn store_error(status: u16) -> ObjectError {
    ObjectError::new("CreateMultipartUpload", CallFailure::Store(StoreError::new(status)))
}

/// Returns one problem of every kind.
fn problems() -> Vec<Problem> {
    let rejected = AuthenticateError::Rejected { code: "", reason: String::new() };
    let forbidden = AuthenticateError::Forbidden { code: "", reason: String::new() };
    let unavailable = AuthenticateError::Unavailable { reason: String::new() };
    let short = PresignError::CredentialsTooShort { remaining: 0, requested: 0 };
    let id = "article_id".parse::<IdName>().unwrap();
    let mut problems = vec![
        Problem::from(&rejected),
        Problem::from(&forbidden),
        Problem::from(&unavailable),
        Problem::not_found(),
        Problem::method_not_allowed(),
        Problem::origin_not_allowed(),
        Problem::internal(),
        Problem::overloaded(),
        Problem::took_too_long(),
        Problem::body_too_slow(),
        Problem::body_unreadable(),
        Problem::headers_too_large(0),
        Problem::request_malformed(""),
        Problem::from(&IssueError::Presign(PresignError::UnknownExpiry)),
        Problem::from(&IssueError::Presign(short)),
        Problem::from(&IssueError::Forbidden),
        Problem::from(&IssueError::IdConflict(id.clone())),
        Problem::from(&IssueError::RouteRequired),
        Problem::from(&IssueError::RouteUnknown),
        Problem::from(&IssueError::RouteForbidden),
        Problem::from(&IssueError::TooManyRequests(TooManyRequests::new(1))),
        Problem::from(&IssueError::from(rate_limit_unavailable())),
        Problem::from(&IssueError::from(quota_denied())),
        Problem::from(&IssueError::QuotaUnavailable(QuotaStoreError::new("unavailable"))),
        Problem::from(&IssueError::Files(FilesDenied::NotOffered)),
        Problem::from(&IssueError::Files(FilesDenied::Count { files: 0, max: 2 })),
        Problem::from(&IssueError::Files(FilesDenied::TooLarge { total: 2, max: 1 })),
        Problem::from(&IssueError::AuthorizerUnavailable(AuthorizeError::new("unavailable"))),
        Problem::from(&IssueError::Store(store_error(503))),
        Problem::from(&IssueError::Store(store_error(403))),
    ];
    let bodies = [
        InvalidBody::TooLarge(0),
        InvalidBody::Length,
        InvalidBody::NotJsonType,
        InvalidBody::Syntax,
        InvalidBody::NotAnObject,
        InvalidBody::Duplicate,
        InvalidBody::TooMany(0),
        InvalidBody::UnknownMember("".into()),
        InvalidBody::Id("".into()),
        InvalidBody::Type("", ""),
        InvalidBody::ContentLength,
    ];
    problems.extend(bodies.iter().map(Problem::from));
    problems.extend(denials(id).iter().map(Problem::from));
    problems
}

/// Returns one denial of every kind.
fn denials(id: IdName) -> Vec<Denied> {
    let png: ContentType = "image/png".parse().unwrap();
    vec![
        Denied::BodyRequired,
        Denied::ContentLengthRequired,
        Denied::TooLarge { len: 0, max: 0 },
        Denied::TooSmall { len: 0, min: 0 },
        Denied::ContentTypeRequired { example: None },
        Denied::ContentTypeEmpty { example: None },
        Denied::ContentTypeInvalid { source: InvalidContentType::Form, suggestion: None },
        Denied::ContentTypeNotAllowed { content_type: png.clone(), allowed: "".into(), suggestion: None },
        Denied::ExtensionUnknown(png.clone()),
        Denied::ExtensionMismatch { content_type: png, extensions: [].into() },
        Denied::FileNameRequired,
        Denied::FileNameInvalid(InvalidFileName::Empty),
        Denied::ChecksumRequired([].into()),
        Denied::ChecksumNotAllowed([].into()),
        Denied::ChecksumInvalid(InvalidChecksum(ChecksumAlgorithm::Sha256)),
        Denied::MultipartNotAllowed(MultipartConflict::NotOffered),
        Denied::MultipartNotAllowed(MultipartConflict::Required),
        Denied::DispositionNotAllowed,
        Denied::DispositionInvalid(InvalidDisposition::Kind),
        Denied::IfMatchNotAllowed,
        Denied::IfMatchInvalid,
        Denied::MetadataNotAllowed,
        Denied::MetadataInvalid(InvalidMetadata::Name),
        Denied::TagsNotAllowed,
        Denied::TagInvalid(InvalidTag::Key),
        Denied::SubjectInvalid,
        Denied::GroupRequired,
        Denied::GroupAmbiguous,
        Denied::ClaimRequired("".into()),
        Denied::IdNotAllowed,
        Denied::IdInvalid(id.clone()),
        Denied::KeyTooLong,
        Denied::FileNameVariable("".into()),
        Denied::IssuerNameMissing,
        Denied::IdMissing(id),
        Denied::HeaderUnsignable(InvalidHeader::Name),
        Denied::FieldUnsignable(InvalidPostPolicy::Name),
    ]
}
