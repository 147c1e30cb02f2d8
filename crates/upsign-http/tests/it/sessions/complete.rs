//! `/uploads/complete`: what the service compares, every answer of the store, and repeated requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Response;
use serde_json::{Value, json};
use upsign_objects::{Checksum, ObjectError, ObjectHead, PartList};
use upsign_policy::{ChecksumAlgorithm, Checksums, Replace};
use upsign_testing::mocks::MockObjectCalls;

use super::{
    COMPLETE, ETAG, MIB, SECRET, SIZE, STATUS, api, api_of, assert_problem, completed, completion, head,
    issuer, keys, lost, no_object, no_such_upload, part, policy, refused, send, store, three_parts, token,
};
use crate::fixture::json as body_of;

const CALL: &str = "CompleteMultipartUpload";

/// A store that lists [`three_parts`].
fn listing() -> MockObjectCalls {
    let mut calls = store();
    calls.expect_list_parts().returning(|_, _| Ok(three_parts()));
    calls
}

/// A store whose complete call fails with this error.
fn failing(error: impl Fn() -> ObjectError + Send + 'static) -> MockObjectCalls {
    let mut calls = listing();
    calls.expect_complete_multipart_upload().times(1).returning(move |_, _| Err(error()));
    calls
}

async fn complete(calls: MockObjectCalls) -> Response<String> {
    let api = api(calls);
    let body = completion(&token(&api).await);
    send(&api, COMPLETE, &body).await
}

#[tokio::test]
async fn answer_describes_the_object() {
    let mut calls = listing();
    calls.expect_complete_multipart_upload().times(1).returning(|call, _| {
        assert_eq!(call.parts().len(), 3);
        Ok(completed())
    });
    let response = complete(calls).await;
    assert_eq!(response.status(), 200, "{}", response.body());
    let answer = body_of(&response);
    let expected = json!({
        "state": "completed",
        "key": answer["key"],
        "size": SIZE,
        "contentType": "video/mp4",
        "etag": ETAG,
        "checksum": { "crc64nvme": "AAAAAAAAAAA=" },
    });
    assert_eq!(answer, expected);
}

/// The answer to a request was lost, so the client repeats it: the bytes of both answers are equal, whatever the store says
/// about an upload that it has completed.
#[tokio::test]
async fn repeated_request_gets_the_same_answer() {
    let first = {
        let mut calls = listing();
        calls.expect_complete_multipart_upload().returning(|_, _| Ok(completed()));
        complete(calls).await.into_body()
    };
    let mut gone = store();
    gone.expect_list_parts().returning(|_, _| Err(no_such_upload("ListParts")));
    let answers: [fn() -> ObjectError; 3] = [
        || no_such_upload(CALL),
        || refused(CALL, 412, "PreconditionFailed"),
        || refused(CALL, 409, "ConditionalRequestConflict"),
    ];
    let repeated = answers.into_iter().map(failing).chain([failing(|| lost(CALL)), gone]);
    for mut calls in repeated {
        calls.expect_head_object().returning(|_, _| Ok(head()));
        let response = complete(calls).await;
        assert_eq!((response.status().as_u16(), response.body()), (200, &first));
    }
}

/// The object is not there, so what the store said about the upload stands.
#[tokio::test]
async fn failures_after_which_the_object_does_not_exist() {
    type Case = (fn() -> ObjectError, u16, &'static str, Option<&'static str>);
    let cases: [Case; 5] = [
        // The parts were just listed, so another client has ended the upload this moment, and the store may not show how.
        (|| no_such_upload(CALL), 503, "completion-uncertain", Some("5")),
        (|| refused(CALL, 409, "ConditionalRequestConflict"), 409, "upload-conflict", None),
        (|| lost(CALL), 503, "completion-uncertain", Some("5")),
        (|| refused(CALL, 400, "BadDigest"), 409, "checksum-mismatch", None),
        (|| refused(CALL, 403, "AccessDenied"), 500, "store-refused", None),
    ];
    for (error, status, code, retry_after) in cases {
        let mut calls = failing(error);
        calls.expect_head_object().returning(|_, _| Err(no_object()));
        let response = complete(calls).await;
        assert_problem(&response, status, code);
        let header = response.headers().get("retry-after").map(|value| value.to_str().unwrap());
        assert_eq!(header, retry_after, "{code}");
    }
}

#[tokio::test]
async fn object_of_another_upload_is_not_taken_for_this_one() {
    for other in [
        ObjectHead::new(SIZE - 1, ETAG.parse().unwrap()),
        ObjectHead::new(SIZE, "0123456789abcdef0123456789abcdef-4".parse().unwrap()),
    ] {
        let mut calls = failing(|| refused(CALL, 412, "PreconditionFailed"));
        let head = other.clone();
        calls.expect_head_object().returning(move |_, _| Ok(head.clone()));
        assert_problem(&complete(calls).await, 409, "object-exists");

        let mut calls = store();
        calls.expect_list_parts().returning(|_, _| Err(no_such_upload("ListParts")));
        calls.expect_head_object().returning(move |_, _| Ok(other.clone()));
        assert_problem(&complete(calls).await, 409, "object-exists");
    }
}

#[tokio::test]
async fn aborted_upload_is_gone() {
    let mut calls = store();
    calls.expect_list_parts().returning(|_, _| Err(no_such_upload("ListParts")));
    calls.expect_head_object().returning(|_, _| Err(no_object()));
    assert_problem(&complete(calls).await, 410, "upload-gone");
}

/// Nothing is aborted, so the client uploads what is missing and completes.
#[tokio::test]
async fn missing_parts_can_be_uploaded_later() {
    let lists = Arc::new(AtomicUsize::new(0));
    let mut calls = store();
    let count = Arc::clone(&lists);
    calls.expect_list_parts().returning(move |_, _| match count.fetch_add(1, Ordering::Relaxed) {
        0 => Ok(PartList::new(vec![part(2, 5 * MIB, "e2")])),
        _ => Ok(three_parts()),
    });
    calls.expect_head_object().returning(|_, _| Err(no_object()));
    calls.expect_complete_multipart_upload().times(1).returning(|_, _| Ok(completed()));
    let api = api(calls);
    let body = completion(&token(&api).await);
    let problem = assert_problem(&send(&api, COMPLETE, &body).await, 409, "parts-missing");
    assert_eq!(problem["missing"], "1,3");
    assert!(problem["detail"].as_str().unwrap().contains("2 of 3 parts are missing: 1,3"), "{problem}");
    assert_eq!(send(&api, COMPLETE, &body).await.status(), 200);
    assert_eq!(lists.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn request_must_list_each_part_once_in_order() {
    let api = api(listing());
    let token = token(&api).await;
    let with = |numbers: &[u64]| {
        let part = |n: &u64| json!({ "partNumber": n, "etag": format!("e{n}") });
        json!({ "uploadToken": token, "parts": numbers.iter().map(part).collect::<Vec<_>>() })
    };
    for (numbers, unlisted) in [(&[1, 2][..], "3"), (&[1, 3], "2"), (&[], "1-3")] {
        let problem = assert_problem(&send(&api, COMPLETE, &with(numbers)).await, 409, "parts-missing");
        assert_eq!((&problem["unlisted"], problem.get("missing")), (&json!(unlisted), None));
    }
    for (numbers, status, code) in [
        (&[1, 3, 2][..], 400, "part-numbers-invalid"),
        (&[1, 2, 2, 3], 400, "part-numbers-invalid"),
        (&[1, 2, 3, 4], 400, "part-numbers-invalid"),
        (&[0, 1, 2], 400, "part-numbers-invalid"),
    ] {
        assert_problem(&send(&api, COMPLETE, &with(numbers)).await, status, code);
    }
    let many: Vec<u64> = (1..=10_000).collect();
    assert_problem(&send(&api, COMPLETE, &with(&many)).await, 400, "part-numbers-invalid");
}

/// Two tabs upload with one token: the later part replaces the earlier one, and the slower tab learns which.
#[tokio::test]
async fn part_of_another_tab_is_a_mismatch() {
    let mut calls = store();
    calls.expect_list_parts().returning(|_, _| {
        Ok(PartList::new(vec![
            part(1, 5 * MIB, "e1"),
            part(2, 5 * MIB, "of-the-other-tab"),
            part(3, 2 * MIB, "e3"),
        ]))
    });
    let problem = assert_problem(&complete(calls).await, 409, "part-mismatch");
    let expected = json!([
        { "partNumber": 2, "difference": "etag", "size": 5 * MIB, "etag": "of-the-other-tab" },
        { "partNumber": 3, "difference": "size", "size": 2 * MIB, "etag": "e3" },
    ]);
    assert_eq!(problem["parts"], expected);
    let detail = "the store has part 3 with another size than planned, part 2 with another ETag than stated: upload them again";
    assert_eq!(problem["detail"], detail);
}

/// Another tab sends a part again after the service has compared the parts: the answer names the part.
#[tokio::test]
async fn race_within_the_complete_call_is_a_mismatch() {
    for code in ["InvalidPart", "InvalidPartOrder", "EntityTooSmall"] {
        let (mut calls, lists) = (store(), AtomicUsize::new(0));
        calls.expect_list_parts().times(2).returning(move |_, _| {
            match lists.fetch_add(1, Ordering::Relaxed) {
                0 => Ok(three_parts()),
                _ => Ok(PartList::new(vec![
                    part(1, 5 * MIB, "e1"),
                    part(2, 5 * MIB, "later"),
                    part(3, 2 * MIB + 1, "e3"),
                ])),
            }
        });
        calls
            .expect_complete_multipart_upload()
            .times(1)
            .returning(move |_, _| Err(refused(CALL, 400, code)));
        let problem = assert_problem(&complete(calls).await, 409, "part-mismatch");
        assert_eq!(problem["parts"][0]["etag"], "later", "{code}");
    }
}

#[tokio::test]
async fn quotes_of_entity_tags_do_not_matter() {
    for quote in ["", "\""] {
        let mut calls = listing();
        calls.expect_complete_multipart_upload().times(1).returning(|_, _| Ok(completed()));
        let api = api(calls);
        let mut body = completion(&token(&api).await);
        for (index, part) in body["parts"].as_array_mut().unwrap().iter_mut().enumerate() {
            part["etag"] = json!(format!("{quote}e{}{quote}", index + 1));
        }
        assert_eq!(send(&api, COMPLETE, &body).await.status(), 200);
    }
}

#[tokio::test]
async fn checksum_of_the_object_has_the_algorithm_of_the_upload() {
    let api = api(listing());
    let token = token(&api).await;
    for (checksum, code) in [
        (json!({ "crc32": "NSRBwg==" }), "checksum-not-allowed"),
        (json!({ "crc64nvme": "NSRBwg==" }), "checksum-invalid"),
        (json!({ "crc64nvme": "not base64" }), "checksum-invalid"),
    ] {
        let mut body = completion(&token);
        body["checksum"] = checksum;
        assert_problem(&send(&api, COMPLETE, &body).await, 400, code);
    }
}

#[tokio::test]
async fn required_checksum_must_be_stated() {
    let policy =
        policy(|builder| builder.checksums(Checksums::Required([ChecksumAlgorithm::Crc64nvme].into())));
    let api = api_of(issuer(policy, listing(), keys("default", &[SECRET])));
    let begin =
        json!({ "contentType": "video/mp4", "contentLength": SIZE, "checksumAlgorithm": "crc64nvme" });
    let grant = body_of(&send(&api, "/upload-url", &begin).await);
    let mut body = completion(grant["uploadToken"].as_str().unwrap());
    body.as_object_mut().unwrap().remove("checksum");
    assert_problem(&send(&api, COMPLETE, &body).await, 400, "checksum-required");
}

/// A store that compares conditions, the size and checksums receives them.
#[tokio::test]
async fn store_compares_what_it_can() {
    let policy = policy(|builder| builder.replace(Replace::Never));
    let mut calls = listing();
    calls.expect_complete_multipart_upload().times(1).returning(|call, _| {
        assert!(call.is_if_absent());
        assert_eq!(call.object_size(), Some(SIZE));
        assert_eq!(call.checksum().map(Checksum::as_base64), Some("AAAAAAAAAAA="));
        Ok(completed())
    });
    let api = api_of(issuer(policy, calls, keys("default", &[SECRET])));
    let body = completion(&token(&api).await);
    assert_eq!(send(&api, COMPLETE, &body).await.status(), 200);
}

/// Never concludes from a failure of the look itself.
#[tokio::test]
async fn failure_to_look_after_a_lost_answer_is_not_an_end() {
    let mut calls = failing(|| lost(CALL));
    calls.expect_head_object().returning(|_, _| Err(refused("HeadObject", 503, "SlowDown")));
    let response = complete(calls).await;
    assert_eq!(response.status(), 503, "{}", response.body());
    assert!(response.headers().contains_key("retry-after"));

    let mut calls = failing(|| lost(CALL));
    calls.expect_head_object().returning(|_, _| Err(refused("HeadObject", 403, "")));
    assert_problem(&complete(calls).await, 500, "store-refused");
}

#[tokio::test]
async fn status_after_completion_shows_the_object() {
    let completions = Arc::new(AtomicUsize::new(0));
    let mut calls = store();
    let done = Arc::clone(&completions);
    calls.expect_list_parts().returning(move |_, _| match done.load(Ordering::Relaxed) {
        0 => Ok(three_parts()),
        _ => Err(no_such_upload("ListParts")),
    });
    let done = Arc::clone(&completions);
    calls.expect_complete_multipart_upload().times(1).returning(move |_, _| {
        done.fetch_add(1, Ordering::Relaxed);
        Ok(completed())
    });
    calls.expect_head_object().returning(|_, _| Ok(head()));
    let api = api(calls);
    let token = token(&api).await;
    let body = completion(&token);
    let first = send(&api, COMPLETE, &body).await;
    assert_eq!(first.body(), send(&api, COMPLETE, &body).await.body());
    let status: Value = body_of(&send(&api, STATUS, &json!({ "uploadToken": token })).await);
    assert_eq!((&status["state"], &status["etag"]), (&json!("completed"), &json!(ETAG)));
}
