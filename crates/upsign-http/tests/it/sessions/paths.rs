//! The paths of calls that continue an upload: methods, preflights, base paths, sizes of bodies, and rate limits.

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};
use upsign::session::UploadToken;
use upsign::{TooManyRequests, UploadService, rate_limit_fn};
use upsign_core::PartNumber;
use upsign_http::{Api, Endpoint, InvalidPath, MAX_BODY_BYTES};
use upsign_objects::{CompletedUpload, ETag, PartList, UploadedPart};
use upsign_policy::{ChecksumAlgorithm, Checksums, MultipartMode, SizeLimit};
use upsign_testing::mocks::MockObjectCalls;

use super::{
    ABORT, ByName, COMPLETE, MIB, PARTS, SECRET, STATUS, Signer, api, api_of, assert_problem, issuer, keys,
    options, policy, send, store,
};
use crate::fixture::{ORIGIN, at, json as body_of};

const ALL: [&str; 4] = [PARTS, STATUS, COMPLETE, ABORT];

async fn request(api: &Api<Signer>, method: &str, path: &str, origin: &str) -> Response<String> {
    let request = Request::builder().method(method).uri(path).header("origin", origin);
    api.handle(&request.body(Bytes::new()).unwrap(), at(), &ByName).await
}

#[tokio::test]
async fn preflights_are_answered_without_authentication() {
    let api = api(store());
    for path in ALL {
        let response = request(&api, "OPTIONS", path, ORIGIN).await;
        assert_eq!(response.status(), 204, "{path}");
        assert_eq!(response.headers()["access-control-allow-methods"], "POST");
        assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
        let headers = response.headers()["access-control-allow-headers"].to_str().unwrap();
        assert_eq!(headers, "authorization, content-type");
        let foreign = request(&api, "OPTIONS", path, "https://evil.example").await;
        assert_eq!(foreign.status(), 403, "{path}");
        assert!(!foreign.headers().contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn other_methods_and_paths_are_refused() {
    let api = api(store());
    for path in ALL {
        for method in ["GET", "HEAD", "PUT", "DELETE"] {
            let response = request(&api, method, path, ORIGIN).await;
            assert_problem(&response, 405, "method-not-allowed");
            assert_eq!(response.headers()["allow"], "POST, OPTIONS");
        }
    }
    for path in ["/uploads", "/uploads/", "/uploads/list", "/uploads/parts/1", "/Uploads/parts", "/parts"] {
        assert_problem(&request(&api, "POST", path, ORIGIN).await, 404, "not-found");
    }
}

/// Without multipart uploads, nothing is served at their paths.
#[tokio::test]
async fn service_without_multipart_has_one_endpoint() {
    let never = policy(|builder| builder.multipart(options(MultipartMode::No)));
    let api = api_of(issuer(never, MockObjectCalls::new(), keys("default", &[SECRET])));
    assert_eq!(api.endpoints(), [Endpoint::Issue]);
    assert_eq!(api.paths(), ["/upload-url", "/upload-url/"]);
    for path in ALL {
        assert_problem(&send(&api, path, &json!({})).await, 404, "not-found");
    }
}

#[tokio::test]
async fn paths_can_be_moved() {
    let api = api(store()).with_uploads_path("/large").unwrap().with_base_path("/api".parse().unwrap());
    assert_eq!(api.public_path_of(Endpoint::Complete), "/api/large/complete");
    assert_eq!((api.uploads_path(), api.public_uploads_path().as_str()), ("/large", "/api/large"));
    for path in ["/large/parts", "/large/parts/", "/api/large/parts", "/api/large/parts/"] {
        assert!(api.paths().iter().any(|known| known == path), "{path}");
        assert_problem(&send(&api, path, &json!({})).await, 400, "body-member-missing");
    }
    assert_problem(&send(&api, PARTS, &json!({})).await, 404, "not-found");
    assert_eq!(api.with_path("/large/abort").unwrap_err(), InvalidPath::Taken("/large/abort".into()));
}

/// Adapters stop reading at this size, so it bounds what an unauthenticated client can make the service hold.
#[test]
fn sizes_of_bodies_depend_on_the_call() {
    let api = api(store());
    assert_eq!(api.max_body_of(&Method::POST, "/upload-url"), MAX_BODY_BYTES);
    assert_eq!(api.max_body_of(&Method::POST, "/other"), MAX_BODY_BYTES);
    assert!(
        api.max_body_of(&Method::POST, STATUS) < 16 << 10 && api.max_body_of(&Method::POST, ABORT) < 16 << 10
    );
    assert!((64 << 10..128 << 10).contains(&api.max_body_of(&Method::POST, PARTS)));
    assert!(
        (2_000_000..2_100_000).contains(&api.max_body_of(&Method::POST, COMPLETE)),
        "{}",
        api.max_body_of(&Method::POST, COMPLETE)
    );
    assert_eq!(api.with_max_body(7).max_body_of(&Method::POST, "/upload-url"), 7);
}

#[tokio::test]
async fn largest_requests_fit() {
    let api = api(store());
    let token = "A".repeat(UploadToken::MAX_LEN);
    let numbers: Vec<u64> = (9_001..=10_000).collect();
    let checksums = vec!["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; 1_000];
    let lengths = vec![8_388_608; 1_000];
    let body = json!({
        "uploadToken": token, "partNumbers": numbers, "checksums": checksums, "contentLengths": lengths,
    });
    assert_problem(&send(&api, PARTS, &body).await, 403, "upload-token-invalid");

    assert_problem(&send(&api, COMPLETE, &largest_completion(&token)).await, 403, "upload-token-invalid");
}

fn largest_completion(token: &str) -> Value {
    let part = |n: u64| {
        json!({
            "partNumber": n,
            "etag": "\"0123456789abcdef0123456789abcdef\"",
            "checksum": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        })
    };
    json!({ "uploadToken": token, "parts": (1..=10_000).map(part).collect::<Vec<_>>() })
}

/// The token is what an upload is judged by until its end, so the body of its completion must fit.
#[tokio::test]
async fn upload_that_began_before_the_size_was_lowered_can_be_completed() {
    let sha256 = || Checksums::Optional([ChecksumAlgorithm::Sha256].into());
    let large = policy(|builder| {
        builder
            .size(SizeLimit::up_to(50_000 * MIB).unwrap())
            .multipart(options(MultipartMode::Always))
            .checksums(sha256())
    });
    let before = api_of(issuer(large, store(), keys("default", &[SECRET])));
    let begin = json!({
        "contentType": "video/mp4", "contentLength": 50_000 * MIB, "checksumAlgorithm": "sha256",
    });
    let begun = body_of(&send(&before, "/upload-url", &begin).await);
    assert_eq!(begun["partCount"], 10_000, "{begun}");
    let token = begun["uploadToken"].as_str().unwrap();

    let etag: ETag = "0123456789abcdef0123456789abcdef".parse().unwrap();
    let mut calls = store();
    calls.expect_list_parts().times(1).returning(move |_, _| {
        let part = |n: u64| UploadedPart::new(PartNumber::new(n).unwrap(), etag.clone(), 5 * MIB);
        Ok(PartList::new((1..=10_000).map(part).collect()))
    });
    calls.expect_complete_multipart_upload().times(1).returning(|call, _| {
        assert_eq!(call.parts().len(), 10_000);
        Ok(CompletedUpload::new("opaque".parse().unwrap()))
    });
    let small = policy(|builder| builder.checksums(sha256()));
    let after = api_of(issuer(small, calls, keys("default", &[SECRET])));
    let response = send(&after, COMPLETE, &largest_completion(token)).await;
    assert_eq!(response.status(), 200, "{}", response.body());
}

/// A large file needs many calls, so they have a limit of their own.
#[tokio::test]
async fn calls_count_against_their_own_limit() {
    let limited = rate_limit_fn(|_, _| async { Err(TooManyRequests::new(7)) });
    let service = UploadService::from(issuer(policy(|builder| builder), store(), keys("default", &[SECRET])));
    let api = api_of(service.clone().with_call_rate_limit(limited));
    for path in ALL {
        // Counted before the body is read.
        let response = send(&api, path, &json!("not an object")).await;
        assert_problem(&response, 429, "too-many-requests");
        assert_eq!(response.headers()["retry-after"], "7");
    }
    assert!(super::begin(&api).await["uploadToken"].is_string());

    let limited = rate_limit_fn(|_, _| async { Err(TooManyRequests::new(7)) });
    let api = api_of(service.with_rate_limit(limited));
    for path in ALL {
        assert_problem(&send(&api, path, &json!({})).await, 400, "body-member-missing");
    }
}

#[tokio::test]
async fn malformed_bodies_are_refused_with_their_code() {
    let api = api(store());
    for line in include_str!("../golden/session_bodies.txt").lines() {
        let mut fields = line.splitn(3, ' ');
        let (call, code, body) = (fields.next().unwrap(), fields.next().unwrap(), fields.next().unwrap());
        if !ALL.iter().any(|path| path.ends_with(&format!("/{call}"))) {
            continue; // of a call that this API does not serve
        }
        let request = Request::post(format!("/uploads/{call}")).header("authorization", "Bearer alice");
        let request = request.header("origin", ORIGIN).body(Bytes::from(body.to_owned())).unwrap();
        assert_problem(&api.handle(&request, at(), &ByName).await, 400, code);
    }
}
