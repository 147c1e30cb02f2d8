//! `/uploads/parts`: URLs with exact lengths, and refused numbers, lengths and checksums. None of it calls the store.

use serde_json::{Value, json};
use upsign::{SigV4, UploadIssuer};
use upsign_core::{Credentials, Expiry, Timestamp, WithCredentials};
use upsign_policy::{MultipartMode, SizeBound};
use upsign_testing::CountingIds;

use super::{
    MIB, PARTS, SECRET, api, api_of, assert_problem, issuer, keys, options, policy, send, send_as, store,
    token,
};
use crate::fixture::{at, json as body_of};

#[tokio::test]
async fn each_url_binds_the_exact_length_of_its_part() {
    let api = api(store());
    let token = token(&api).await;
    let body = json!({ "uploadToken": token, "partNumbers": [3, 1], "checksums": ["AAAAAAAAAAA=", null] });
    let response = send(&api, PARTS, &body).await;
    assert_eq!(response.status(), 200, "{}", response.body());
    assert_eq!(response.headers()["cache-control"], "no-store");
    let answer = body_of(&response);
    let parts = answer["parts"].as_array().unwrap();
    let lengths: Vec<_> = parts.iter().map(|part| (&part["partNumber"], &part["contentLength"])).collect();
    assert_eq!(lengths, [(&json!(3), &json!(2 * MIB + 1)), (&json!(1), &json!(5 * MIB))]);
    assert_eq!(parts[0]["headers"], json!({ "x-amz-checksum-crc64nvme": "AAAAAAAAAAA=" }));
    assert_eq!(parts[1]["headers"], json!({}));
    for part in parts {
        let url = part["uploadUrl"].as_str().unwrap();
        assert!(url.contains(&format!("partNumber={}", part["partNumber"])), "{url}");
        assert!(url.contains("X-Amz-SignedHeaders=content-length%3Bhost"), "{url}");
    }
    assert_eq!(answer["expiresIn"], 900);
    assert_eq!(answer["expiresAt"], "2026-01-01T00:15:00Z");
}

#[tokio::test]
async fn invalid_part_numbers_are_refused() {
    let api = api(store());
    let token = token(&api).await;
    let many: Vec<u64> = (1..=1_001).collect();
    let ten_thousand: Vec<u64> = (1..=10_000).collect();
    for numbers in [
        json!([]),
        json!([0]),
        json!([4]),
        json!([1, 2, 3, 4]),
        json!([1, 2, 1]),
        json!([-1]),
        json!([1.5]),
        json!(["1"]),
        json!([10_001]),
        json!(many),
        json!(ten_thousand),
    ] {
        let response = send(&api, PARTS, &json!({ "uploadToken": token, "partNumbers": numbers })).await;
        assert_problem(&response, 400, "part-numbers-invalid");
    }
    // The order of the numbers does not matter.
    let response = send(&api, PARTS, &json!({ "uploadToken": token, "partNumbers": [2, 3, 1] })).await;
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn lengths_follow_from_the_plan_if_the_size_is_known() {
    let api = api(store());
    let token = token(&api).await;
    for lengths in [json!([5 * MIB]), json!([1]), json!([])] {
        let body = json!({ "uploadToken": token, "partNumbers": [1], "contentLengths": lengths });
        assert_problem(&send(&api, PARTS, &body).await, 400, "part-lengths-invalid");
    }
}

/// The lengths that are signed for an upload of unknown size add up to at most the maximum.
#[tokio::test]
async fn lengths_are_stated_if_only_a_maximum_is_known() {
    let policy =
        policy(|builder| builder.multipart(options(MultipartMode::Always)).size_bound(SizeBound::MaxInParts));
    let api = api_of(issuer(policy, store(), keys("default", &[SECRET])));
    let grant = body_of(&send(&api, "/upload-url", &json!({ "contentType": "video/mp4" })).await);
    let ask = async |numbers: Value, lengths: Option<Value>| {
        let mut body = json!({ "uploadToken": grant["uploadToken"], "partNumbers": numbers });
        if let Some(lengths) = lengths {
            body["contentLengths"] = lengths;
        }
        send(&api, PARTS, &body).await
    };
    assert_eq!(ask(json!([1, 2]), Some(json!([5 * MIB, 7]))).await.status(), 200);
    for (numbers, lengths) in [
        (json!([1]), None),
        (json!([1]), Some(json!([5 * MIB + 1]))),
        (json!([1, 2]), Some(json!([7, 5 * MIB]))),
        (json!([1, 2]), Some(json!([5 * MIB]))),
    ] {
        assert_problem(&ask(numbers, lengths).await, 400, "part-lengths-invalid");
    }
}

#[tokio::test]
async fn checksums_have_the_algorithm_of_the_upload() {
    let api = api(store());
    let token = token(&api).await;
    for checksums in [json!(["NSRBwg=="]), json!(["not base64"]), json!([""]), json!([])] {
        let body = json!({ "uploadToken": token, "partNumbers": [1], "checksums": checksums });
        assert_problem(&send(&api, PARTS, &body).await, 400, "checksum-invalid");
    }
}

/// The store computes the checksum of a composite upload from those of its parts, so each part must have one.
#[tokio::test]
async fn parts_of_a_composite_upload_require_checksums() {
    let api = super::with_sha256(store());
    let begin =
        json!({ "contentType": "video/mp4", "contentLength": super::SIZE, "checksumAlgorithm": "sha256" });
    let grant = body_of(&send(&api, "/upload-url", &begin).await);
    let body = json!({ "uploadToken": grant["uploadToken"], "partNumbers": [1] });
    assert_problem(&send(&api, PARTS, &body).await, 400, "checksum-required");
}

#[tokio::test]
async fn urls_end_with_the_upload() {
    let api = api(store());
    let token = token(&api).await;
    let body = json!({ "uploadToken": token, "partNumbers": [1] });
    let late: Timestamp = "2026-01-01T23:59:00Z".parse().unwrap();
    let answer = body_of(&send_as(&api, "alice", PARTS, &body, late).await);
    assert_eq!((&answer["expiresIn"], &answer["expiresAt"]), (&json!(60), &json!("2026-01-02T00:00:00Z")));
    let ended = send_as(&api, "alice", PARTS, &body, "2026-01-02T00:00:00Z".parse().unwrap()).await;
    assert_problem(&ended, 403, "upload-token-invalid");
}

fn with_credentials(credentials: Credentials) -> upsign_http::Api<super::Signer> {
    let issuer =
        UploadIssuer::new(policy(|builder| builder), WithCredentials::new(SigV4::new(), credentials));
    let issuer = issuer.unwrap().with_ids(CountingIds::new());
    api_of(issuer.with_store(store(), keys("default", &[SECRET])))
}

fn temporary(token: &str, expires_at: &str) -> Credentials {
    let expiry = Expiry::At(expires_at.parse().unwrap());
    Credentials::temporary("ASIAIOSFODNN7EXAMPLE", "secret", token, expiry).unwrap()
}

/// Credentials that end during an upload shorten the URLs, which end 30 seconds before. The client asks for new ones, which the next credentials sign.
#[tokio::test]
async fn urls_end_with_the_credentials() {
    let api = with_credentials(temporary("session", "2026-01-01T00:05:00Z"));
    let token = token(&api).await;
    let body = json!({ "uploadToken": token, "partNumbers": [1] });
    let answer = body_of(&send(&api, PARTS, &body).await);
    assert_eq!((&answer["expiresIn"], &answer["expiresAt"]), (&json!(270), &json!("2026-01-01T00:04:30Z")));
    let late = send_as(&api, "alice", PARTS, &body, "2026-01-01T00:04:59Z".parse().unwrap()).await;
    assert_problem(&late, 503, "credentials-too-short");
    assert_eq!(late.headers()["retry-after"], "30");
    // Until then, nothing of the upload is lost.
    let again = send_as(&api, "alice", PARTS, &body, at()).await;
    assert_eq!(again.status(), 200);
}

/// An Application Load Balancer passes on at most 1 MB. The client asks for the other parts in another request.
#[tokio::test]
async fn answer_contains_as_many_urls_as_fit() {
    let api = with_credentials(temporary(&"t".repeat(2_000), "2026-01-01T12:00:00Z"));
    let begin = json!({ "contentType": "video/mp4", "contentLength": 100 * MIB });
    let grant = body_of(&send(&api, "/upload-url", &begin).await);
    assert_eq!(grant["partCount"], 20);
    let all: Vec<u64> = (1..=20).collect();
    let few = send(&api, PARTS, &json!({ "uploadToken": grant["uploadToken"], "partNumbers": all })).await;
    assert_eq!(body_of(&few)["parts"].as_array().unwrap().len(), 20);

    let policy = policy(|builder| {
        builder.size(upsign_policy::SizeLimit::up_to(1 << 40).unwrap()).multipart(
            upsign_policy::MultipartOptions::new(
                MultipartMode::Always,
                upsign_core::Provider::Aws.capabilities(),
            ),
        )
    });
    let credentials = temporary(&"t".repeat(2_000), "2026-01-01T12:00:00Z");
    let issuer = UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials)).unwrap();
    let api = api_of(issuer.with_store(store(), keys("default", &[SECRET])));
    let begin = json!({ "contentType": "video/mp4", "contentLength": 70_u64 << 30 });
    let grant = body_of(&send(&api, "/upload-url", &begin).await);
    let all: Vec<u64> = (1..=1_000).collect();
    let response =
        send(&api, PARTS, &json!({ "uploadToken": grant["uploadToken"], "partNumbers": all })).await;
    assert!(response.body().len() < 1_000_000, "{}", response.body().len());
    let parts = body_of(&response)["parts"].as_array().unwrap().len();
    assert!((200..1_000).contains(&parts), "{parts}");
    let last = &body_of(&response)["parts"][parts - 1]["partNumber"];
    assert_eq!(*last, json!(parts), "the first of the requested numbers are listed");
}
