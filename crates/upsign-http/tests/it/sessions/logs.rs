//! The log of multipart uploads: what each call writes, and that no line contains a secret.

use serde_json::json;
use upsign::UploadService;
use upsign_testing::RecordingObserver;

use super::{
    ABORT, COMPLETE, PARTS, SECRET, STATUS, UPLOAD_ID, api_of, begin, completed, completion, head, issuer,
    keys, no_such_upload, policy, refused, send, send_as, store, three_parts,
};
use crate::fixture::{at, json as body_of};
use crate::reports::Log;

#[tokio::test]
async fn each_call_writes_one_line_without_secrets() {
    let mut calls = store();
    calls.expect_list_parts().returning(|_, _| Ok(three_parts()));
    calls.expect_complete_multipart_upload().returning(|_, _| Ok(completed()));
    calls.expect_abort_multipart_upload().returning(|_, _| Ok(()));
    calls.expect_head_object().returning(|_, _| Err(super::no_object()));
    let api = api_of(issuer(policy(|builder| builder), calls, keys("default", &[SECRET])));
    let log = Log::default();
    let guard = log.start(tracing::Level::TRACE);
    let grant = begin(&api).await;
    let token = grant["uploadToken"].as_str().unwrap().to_owned();
    let parts = send(&api, PARTS, &json!({ "uploadToken": token, "partNumbers": [1, 2, 3] })).await;
    send(&api, STATUS, &json!({ "uploadToken": token })).await;
    assert_eq!(send(&api, COMPLETE, &completion(&token)).await.status(), 200);
    assert_eq!(send(&api, ABORT, &json!({ "uploadToken": token })).await.status(), 200);
    send_as(&api, "bob", STATUS, &json!({ "uploadToken": token }), at()).await;
    drop(guard);

    let url = body_of(&parts)["parts"][0]["uploadUrl"].as_str().unwrap().to_owned();
    let signature =
        url.split("X-Amz-Signature=").nth(1).and_then(|rest| rest.split('&').next()).unwrap().to_owned();
    let lines = log.lines();
    for line in &lines {
        for secret in [
            token.as_str(),
            token.get(20..60).unwrap(),
            UPLOAD_ID,
            &signature,
            "X-Amz-",
            "AKIA",
            "alice",
            "\"e1\"",
        ] {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
    let ours: Vec<&String> = lines.iter().filter(|line| line.contains("upload")).collect();
    let key = grant["key"].as_str().unwrap();
    let expected = [
        ("INFO", "upload granted", "parts=3"),
        ("DEBUG", "upload parts signed", "parts=3"),
        ("INFO", "upload completed", "size=12582913"),
        ("INFO", "upload aborted", key),
        ("WARN", "request refused", "the upload token was issued to another caller"),
    ];
    assert_eq!(ours.len(), expected.len(), "{ours:#?}");
    for (line, (level, event, field)) in ours.iter().zip(expected) {
        assert!(line.contains(level) && line.contains(event) && line.contains(field), "{line}");
        assert!(line.contains(key) || event == "request refused", "{line}");
    }
}

/// The operator finds the store's answer in the log and in the report, the client does not.
#[tokio::test]
async fn refusals_of_the_store_are_reported_with_their_cause() {
    let mut calls = store();
    calls.expect_list_parts().returning(|_, _| Err(refused("ListParts", 403, "AccessDenied")));
    let recorder = RecordingObserver::new();
    let issuer = issuer(policy(|builder| builder), calls, keys("default", &[SECRET]));
    let api = api_of(UploadService::from(issuer).with_observer(recorder.clone()));
    let token = super::token(&api).await;
    let log = Log::default();
    let guard = log.start(tracing::Level::INFO);
    let response = send(&api, STATUS, &json!({ "uploadToken": token })).await;
    drop(guard);
    super::assert_problem(&response, 500, "store-refused");
    let lines = log.lines().join("\n");
    assert!(lines.contains("ERROR") && lines.contains("AccessDenied"), "{lines}");
    assert!(lines.contains("REQUEST-ID-OF-THE-STORE") && !lines.contains(&token), "{lines}");
    let refusals = recorder.refusals();
    assert_eq!(refusals.len(), 1);
    assert_eq!((refusals[0].code, refusals[0].service_fault), ("store-refused", true));
}

#[tokio::test]
async fn every_refused_call_is_reported_once() {
    let mut calls = store();
    calls.expect_list_parts().returning(|_, _| Err(no_such_upload("ListParts")));
    calls.expect_head_object().returning(|_, _| Ok(head()));
    let recorder = RecordingObserver::new();
    let issuer = issuer(policy(|builder| builder), calls, keys("default", &[SECRET]));
    let api = api_of(UploadService::from(issuer).with_observer(recorder.clone()));
    let token = super::token(&api).await;
    for (path, body, code) in [
        (PARTS, json!({}), "body-member-missing"),
        (PARTS, json!({ "uploadToken": token, "partNumbers": [4] }), "part-numbers-invalid"),
        (PARTS, json!({ "uploadToken": token, "partNumbers": [1, 1] }), "part-numbers-invalid"),
        (STATUS, json!({ "uploadToken": "A" }), "upload-token-invalid"),
        (COMPLETE, json!({ "uploadToken": token, "parts": [] }), "parts-missing"),
        (ABORT, json!({ "uploadToken": token, "key": "k" }), "body-unknown-member"),
    ] {
        send(&api, path, &body).await;
        let refusals = recorder.refusals();
        let last = refusals.last().unwrap();
        assert_eq!((last.code, last.service_fault), (code, false), "{body}");
        assert_eq!(last.caller.as_ref().map(|caller| caller.subject().as_str()), Some("alice"), "{code}");
    }
    assert_eq!(recorder.refusals().len(), 6);
}
