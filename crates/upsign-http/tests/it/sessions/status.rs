//! `/uploads/status`: the parts that the store has, in pages, and how an upload ended.

use serde_json::{Value, json};
use upsign_objects::PartList;
use upsign_policy::Replace;
use upsign_testing::mocks::MockObjectCalls;

use super::{
    ETAG, MIB, SECRET, SIZE, STATUS, api, api_of, assert_problem, head, issuer, keys, no_object,
    no_such_upload, part, policy, refused, send, store, three_parts, token,
};
use crate::fixture::json as body_of;

async fn status(calls: MockObjectCalls) -> Value {
    let api = api(calls);
    let token = token(&api).await;
    let response = send(&api, STATUS, &json!({ "uploadToken": token })).await;
    assert_eq!(response.status(), 200, "{}", response.body());
    body_of(&response)
}

fn listing(parts: PartList) -> MockObjectCalls {
    let mut calls = store();
    calls.expect_list_parts().returning(move |_, _| Ok(parts.clone()));
    calls
}

#[tokio::test]
async fn open_upload_lists_what_is_uploaded_and_what_is_missing() {
    let answer = status(listing(PartList::new(vec![part(2, 5 * MIB, "e2")]))).await;
    let expected = json!({
        "state": "open",
        "key": answer["key"],
        "size": SIZE,
        "partSize": 5 * MIB,
        "partCount": 3,
        "bytes": 5 * MIB,
        "parts": [{ "partNumber": 2, "size": 5 * MIB, "etag": "e2" }],
        "missing": "1,3",
        "expiresAt": "2026-01-02T00:00:00Z",
    });
    assert_eq!(answer, expected);
    let all = status(listing(three_parts())).await;
    assert_eq!((&all["missing"], &all["bytes"]), (&json!(""), &json!(SIZE)));
    let none = status(listing(PartList::default())).await;
    assert_eq!((&none["missing"], &none["parts"]), (&json!("1-3"), &json!([])));
}

#[tokio::test]
async fn parts_that_contradict_the_plan_are_wrong() {
    let parts = vec![part(1, 5 * MIB, "e1"), part(2, 7, "e2"), part(9, 5 * MIB, "e9")];
    let answer = status(listing(PartList::new(parts))).await;
    assert_eq!((&answer["wrong"], &answer["missing"]), (&json!("2,9"), &json!("2-3")));
    assert_eq!(answer["bytes"], 5 * MIB);
}

#[tokio::test]
async fn ended_upload_is_completed_or_gone() {
    let mut calls = store();
    calls.expect_list_parts().returning(|_, _| Err(no_such_upload("ListParts")));
    calls.expect_head_object().returning(|_, _| Ok(head()));
    let answer = status(calls).await;
    assert_eq!((&answer["state"], &answer["size"]), (&json!("completed"), &json!(SIZE)));
    assert_eq!((&answer["etag"], &answer["contentType"]), (&json!(ETAG), &json!("video/mp4")));
    assert!(answer.get("parts").is_none(), "{answer}");

    let mut calls = store();
    calls.expect_list_parts().returning(|_, _| Err(no_such_upload("ListParts")));
    calls.expect_head_object().returning(|_, _| Err(no_object()));
    let answer = status(calls).await;
    assert_eq!(answer["state"], "gone");
    assert!(answer.get("etag").is_none() && answer.get("missing").is_none(), "{answer}");
}

#[tokio::test]
async fn failures_of_the_store_are_service_faults() {
    for (status, code, answer, expected) in
        [(503, "SlowDown", 503, "store-unavailable"), (403, "AccessDenied", 500, "store-refused")]
    {
        let mut calls = store();
        calls.expect_list_parts().returning(move |_, _| Err(refused("ListParts", status, code)));
        let api = api(calls);
        let body = json!({ "uploadToken": token(&api).await });
        assert_problem(&send(&api, STATUS, &body).await, answer, expected);
    }
}

/// The list of 10,000 parts does not fit into 1 MB, so it comes in pages. Each page counts all parts.
#[tokio::test]
async fn long_lists_come_in_pages() {
    let policy = policy(|builder| {
        builder.size(upsign_policy::SizeLimit::up_to(1 << 40).unwrap()).multipart(
            upsign_policy::MultipartOptions::new(
                upsign_policy::MultipartMode::Always,
                upsign_core::Provider::Aws.capabilities(),
            ),
        )
    });
    let etag = "0123456789abcdef0123456789abcdef";
    let parts = (1..=9_000).map(|n| part(n, 8 * MIB, etag)).collect();
    let api = api_of(issuer(policy, listing(PartList::new(parts)), keys("default", &[SECRET])));
    let begin = json!({ "contentType": "video/mp4", "contentLength": 9_001 * 8 * MIB });
    let grant = body_of(&send(&api, "/upload-url", &begin).await);
    assert_eq!(grant["partCount"], 9_001);

    let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let mut body = json!({ "uploadToken": grant["uploadToken"] });
        if let Some(after) = after {
            body["after"] = json!(after);
        }
        let response = send(&api, STATUS, &body).await;
        assert!(response.body().len() < 1_000_000, "{}", response.body().len());
        let page = body_of(&response);
        assert_eq!((&page["bytes"], &page["missing"]), (&json!(9_000 * 8 * MIB), &json!("9001")));
        seen.extend(
            page["parts"].as_array().unwrap().iter().map(|part| part["partNumber"].as_u64().unwrap()),
        );
        pages += 1;
        if page.get("more").is_none() {
            break;
        }
        after = seen.last().copied();
    }
    assert!(pages > 1, "{pages}");
    assert!(seen.into_iter().eq(1..=9_000));
}

/// A `PUT` whose answer was lost: its token finds out whether the object is stored.
#[tokio::test]
async fn status_token_of_a_put_looks_at_the_object() {
    let upload = json!({ "contentType": "video/mp4", "contentLength": 7 });
    let with = |calls: MockObjectCalls| {
        let policy = policy(|builder| builder.replace(Replace::Never));
        api_of(issuer(policy, calls, keys("default", &[SECRET])))
    };
    let mut calls = store();
    calls.expect_head_object().returning(|_, _| Err(no_object()));
    let api = with(calls);
    let grant = body_of(&send(&api, "/upload-url", &upload).await);
    let body = json!({ "uploadToken": grant["uploadToken"] });
    assert_eq!(body_of(&send(&api, STATUS, &body).await)["state"], "open");

    let mut calls = store();
    calls.expect_head_object().returning(|_, _| Ok(upsign_objects::ObjectHead::new(7, "e".parse().unwrap())));
    let api = with(calls);
    let grant = body_of(&send(&api, "/upload-url", &upload).await);
    let body = json!({ "uploadToken": grant["uploadToken"] });
    assert_eq!(body_of(&send(&api, STATUS, &body).await)["state"], "completed");
    // The token is good for the status only.
    for path in [super::PARTS, super::COMPLETE, super::ABORT] {
        let mut body = body.clone();
        if path == super::PARTS {
            body["partNumbers"] = json!([1]);
        }
        if path == super::COMPLETE {
            body["parts"] = json!([{ "partNumber": 1, "etag": "e" }]);
        }
        assert_problem(&send(&api, path, &body).await, 403, "upload-token-invalid");
    }
}
