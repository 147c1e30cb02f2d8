//! The OpenAPI description of the calls that continue uploads describes their requests, their answers and every problem.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::StatusCode;
use serde_json::{Value, json};
use upsign::confirm::{ConfirmReason, ConfirmState, InspectError, SignedReceipt};
use upsign::quota::QuotaStoreError;
use upsign::session::{PartDifference, PartRanges, SessionError, TokenKeys, UploadToken};
use upsign::{AnnounceError, AuthorizeError, TooManyRequests};
use upsign_core::{Identity, PresignError};
use upsign_http::{AuthenticateError, InvalidBody, OpenApiVersion, Problem};
use upsign_objects::{Checksum, ChecksumAlgorithm as Stored, PartList, VersionId};
use upsign_policy::{ChecksumAlgorithm, SizeBound};

use crate::fixture::json as body_of;
use crate::openapi::{codes, described, store_error};
use crate::openapi_property::{service_with_every_option, validator};
use crate::problems::rate_limit_unavailable;
use crate::sessions::confirm::CONFIRM;
use crate::sessions::delete::UPLOADS;
use crate::sessions::read::READ;
use crate::sessions::{
    ABORT, COMPLETE, PARTS, SIZE, STATUS, api, api_of, completed, completion, head, issuer, keys, no_object,
    no_such_upload, part, policy, send, store, three_parts,
};

const CALLS: [&str; 7] = [PARTS, STATUS, COMPLETE, ABORT, CONFIRM, READ, UPLOADS];

/// Compares an exchange with the description: an accepted request is one that the description accepts, and the answer has the
/// described form.
struct Described(Value);

impl Described {
    fn schema_of_answer(&self, path: &str, status: StatusCode) -> Value {
        let content = &self.0["paths"][path]["post"]["responses"][status.as_str()]["content"];
        let kind = if status == 200 { "application/json" } else { "application/problem+json" };
        content[kind]["schema"].clone()
    }

    #[track_caller]
    fn check(&self, path: &str, request: &Value, response: &http::Response<String>) {
        let (status, answer) = (response.status(), body_of(response));
        let schema = self.schema_of_answer(path, status);
        assert!(validator(&self.0, schema.clone()).is_valid(&answer), "{path} {answer} {schema:#}");
        if status == 200 {
            let body = &self.0["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"];
            assert!(validator(&self.0, body.clone()).is_valid(request), "{path} {request} {body}");
        } else {
            let code = answer["code"].as_str().unwrap();
            assert!(codes(&self.0, path, status).contains(&code), "{path} {answer}");
        }
    }
}

fn description(api: &upsign_http::Api<crate::sessions::Signer>) -> Described {
    Described(serde_json::from_str(&api.openapi().to_json(OpenApiVersion::V3_1)).unwrap())
}

#[tokio::test]
async fn answers_of_an_upload_match_the_description() {
    let mut calls = store();
    let mut second = part(2, 5 << 20, "e2");
    second.checksums = vec![Checksum::parse(Stored::Crc64nvme, "3xGEYcLRGls=").unwrap()];
    let mut lists = 0;
    calls.expect_list_parts().returning(move |_, _| {
        lists += 1;
        match lists {
            1 | 2 => Ok(PartList::new(vec![second.clone()])),
            3 => Ok(three_parts()),
            _ => Err(no_such_upload("ListParts")),
        }
    });
    let exists = Arc::new(AtomicBool::new(false));
    let created = Arc::clone(&exists);
    calls.expect_complete_multipart_upload().returning(move |_, _| {
        created.store(true, Ordering::Relaxed);
        let mut object = completed();
        object.version_id = Some("3sL4kqtJlcpXroDTDmJ".parse::<VersionId>().unwrap());
        Ok(object)
    });
    calls.expect_head_object().returning(move |_, _| match exists.load(Ordering::Relaxed) {
        true => Ok(head()),
        false => Err(no_object()),
    });
    calls.expect_abort_multipart_upload().returning(|_, _| Ok(()));
    let api = api(calls);
    let description = description(&api);

    for (length, multipart) in [(7, Value::Null), (SIZE, Value::Null), (7, json!(true))] {
        let mut begin = json!({"contentType": "video/mp4", "contentLength": length});
        if !multipart.is_null() {
            begin["multipart"] = multipart;
        }
        let grant = send(&api, "/upload-url", &begin).await;
        assert_eq!(grant.status(), 200);
        description.check("/upload-url", &begin, &grant);
    }
    let token = crate::sessions::token(&api).await;
    let other = send(&api, "/upload-url", &json!({"contentType": "video/mp4", "contentLength": 7})).await;
    let of_put = body_of(&other)["uploadToken"].clone();
    let exchanges = [
        (
            PARTS,
            json!({"uploadToken": token, "partNumbers": [1, 3], "checksums": ["AAAAAAAAAAA=", null]}),
            200,
        ),
        (PARTS, json!({"uploadToken": token, "partNumbers": [4]}), 400),
        (PARTS, json!({"uploadToken": token, "partNumbers": [1], "contentLengths": [7]}), 400),
        (PARTS, json!({"uploadToken": token, "partNumbers": [1], "checksums": ["no"]}), 400),
        (PARTS, json!({"uploadToken": "AQID", "partNumbers": [1]}), 403),
        (PARTS, json!({"partNumbers": [1]}), 400),
        (STATUS, json!({"uploadToken": token}), 200),
        (COMPLETE, completion(&token), 409),
        (COMPLETE, json!({"uploadToken": token, "parts": []}), 409),
        (COMPLETE, completion(&token), 200),
        (STATUS, json!({"uploadToken": token, "after": 1}), 200),
        // The object of the multipart upload, which this request did not store.
        (STATUS, json!({"uploadToken": of_put}), 409),
        (COMPLETE, completion(&token), 200),
        (ABORT, json!({"uploadToken": token}), 409),
        (ABORT, json!({"uploadToken": token, "after": 1}), 400),
    ];
    for (path, request, status) in exchanges {
        let response = send(&api, path, &request).await;
        assert_eq!(response.status(), status, "{path} {request} {}", response.body());
        description.check(path, &request, &response);
    }
}

#[tokio::test]
async fn answers_of_an_upload_of_unknown_size_match_the_description() {
    let mut calls = store();
    calls.expect_list_parts().returning(|_, _| Ok(PartList::new(Vec::new())));
    let policy = policy(|builder| builder.size_bound(SizeBound::MaxInParts));
    let api = api_of(issuer(policy, calls, keys("default", &[[7; 32]])));
    let description = description(&api);
    let begin = json!({"contentType": "video/mp4"});
    let grant = send(&api, "/upload-url", &begin).await;
    description.check("/upload-url", &begin, &grant);
    let token = body_of(&grant)["uploadToken"].clone();
    for (path, request) in [
        (PARTS, json!({"uploadToken": token, "partNumbers": [1, 2], "contentLengths": [5 << 20, 7]})),
        (STATUS, json!({"uploadToken": token})),
    ] {
        let response = send(&api, path, &request).await;
        assert_eq!(response.status(), 200, "{}", response.body());
        description.check(path, &request, &response);
    }
}

/// Codes that only requests for an upload have, or only one of the calls.
fn problems() -> Vec<Problem> {
    let algorithm = ChecksumAlgorithm::Crc64nvme;
    let short = PresignError::CredentialsTooShort { remaining: 0, requested: 0 };
    let token = TokenKeys::new("test", [[7; 32]]).unwrap();
    let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let token = token.verify("", &caller, upsign_core::Timestamp::UNIX_EPOCH, |_| None).unwrap_err();
    let session = [
        SessionError::Token(token),
        SessionError::RouteForbidden,
        SessionError::Forbidden,
        SessionError::AuthorizerUnavailable(AuthorizeError::new("unavailable")),
        SessionError::TooManyRequests(TooManyRequests::new(1)),
        SessionError::ChecksumRequired { part: None, algorithm },
        SessionError::ChecksumNotAllowed { part: None, algorithm: None },
        SessionError::ChecksumInvalid { part: None, algorithm },
        SessionError::PartsMissing { missing: PartRanges::new([]), part_count: 1 },
        SessionError::PartsUnlisted { unlisted: PartRanges::new([]), part_count: 1 },
        SessionError::TooSmall { size: 0, min: 1 },
        SessionError::TooLarge { size: 2, max: 1 },
        SessionError::PartMismatch(Vec::new()),
        SessionError::ChecksumMismatch,
        SessionError::ObjectExists,
        SessionError::Conflict,
        SessionError::AlreadyCompleted { key: "a".parse().unwrap(), size: 0, etag: "e".parse().unwrap() },
        SessionError::Gone,
        SessionError::Uncertain(store_error(503)),
        SessionError::Store(store_error(503)),
        SessionError::Store(store_error(403)),
        SessionError::Presign(short),
        SessionError::Presign(PresignError::UnknownExpiry),
        rate_limit_unavailable().into(),
        SessionError::QuotaExceeded(crate::problems::quota_denied()),
        SessionError::QuotaUnavailable(QuotaStoreError::new("unavailable")),
        InspectError::new("unavailable").into(),
        AnnounceError::new("unavailable").into(),
        SessionError::VersionsRequired,
        keys("test", &[[7; 32]]).verify_receipt("", |_| None).unwrap_err().into(),
        SessionError::ReadForbidden,
        SessionError::ObjectChanged,
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
        InvalidBody::Type("", ""),
        InvalidBody::Missing(""),
        InvalidBody::PartNumber("after".into()),
        InvalidBody::PartLength(0),
    ];
    let rejected = AuthenticateError::Rejected { code: "", reason: String::new() };
    let forbidden = AuthenticateError::Forbidden { code: "", reason: String::new() };
    let unavailable = AuthenticateError::Unavailable { reason: String::new() };
    let of_request = [
        Problem::from(&rejected),
        Problem::from(&forbidden),
        Problem::from(&unavailable),
        Problem::internal(),
        Problem::overloaded(),
        Problem::took_too_long(),
        Problem::body_too_slow(),
        Problem::body_unreadable(),
        Problem::headers_too_large(0),
        Problem::request_malformed(""),
    ];
    session.iter().map(Problem::from).chain(bodies.iter().map(Problem::from)).chain(of_request).collect()
}

#[test]
fn every_problem_of_the_calls_is_described() {
    let description = service_with_every_option().openapi().to_json(OpenApiVersion::V3_1);
    let description: Value = serde_json::from_str(&description).unwrap();
    let created: BTreeSet<_> = problems()
        .iter()
        .map(|problem| (problem.status().as_str().to_owned(), problem.code().to_owned()))
        .collect();
    let of_calls: BTreeSet<_> = CALLS.iter().flat_map(|path| described(&description, path)).collect();
    assert_eq!(of_calls, created);

    let has = |path: &str, code: &str| described(&description, path).iter().any(|(_, known)| known == code);
    for path in CALLS {
        assert!(has(path, "body-member-missing"), "{path}");
        assert_eq!(has(path, "upload-token-invalid"), path != READ, "{path}");
        assert_eq!(has(path, "receipt-invalid"), [READ, UPLOADS].contains(&path), "{path}");
        assert_eq!(has(path, "inspection-unavailable"), path == CONFIRM, "{path}");
        assert_eq!(has(path, "quota-unavailable"), [ABORT, CONFIRM, UPLOADS].contains(&path), "{path}");
        assert_eq!(has(path, "quota-exceeded"), path == CONFIRM, "{path}");
        assert!(!has(path, "content-type-required") && !has(path, "multipart-not-allowed"), "{path}");
        assert_eq!(has(path, "store-refused"), ![PARTS, READ].contains(&path), "{path}");
        assert_eq!(has(path, "signing-unavailable"), [PARTS, READ].contains(&path), "{path}");
        assert_eq!(has(path, "parts-missing"), path == COMPLETE, "{path}");
        assert_eq!(has(path, "upload-completed"), path == ABORT, "{path}");
        assert_eq!(has(path, "forbidden"), [PARTS, COMPLETE, CONFIRM, UPLOADS].contains(&path), "{path}");
    }
}

/// The words and the limit of the description are those of the service.
#[test]
fn limits_and_words_are_those_of_the_service() {
    let description = description(&api(store())).0;
    let schemas = &description["components"]["schemas"];
    assert_eq!(schemas["UploadToken"]["maxLength"], UploadToken::MAX_LEN);
    let every: Value =
        serde_json::from_str(&service_with_every_option().openapi().to_json(OpenApiVersion::V3_1)).unwrap();
    assert_eq!(every["components"]["schemas"]["Receipt"]["maxLength"], SignedReceipt::MAX_LEN);
    let confirmation = &every["components"]["schemas"]["Confirmation"]["properties"];
    let reasons: Vec<&str> = ConfirmReason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(confirmation["reason"]["enum"], json!(reasons));
    let states = [
        ConfirmState::Confirmed,
        ConfirmState::Mismatch,
        ConfirmState::Missing,
        ConfirmState::Rejected,
        ConfirmState::Pending,
    ];
    assert_eq!(confirmation["state"]["enum"], json!(states.map(ConfirmState::as_str)));
    let words =
        [PartDifference::Size, PartDifference::ETag, PartDifference::Checksum].map(PartDifference::as_str);
    let difference = &schemas["Problem"]["properties"]["parts"]["items"]["properties"]["difference"]["enum"];
    assert_eq!(*difference, json!(words));
}
