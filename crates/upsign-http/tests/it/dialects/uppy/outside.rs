//! Answers of adapters and of the API's own endpoints about uploads of Uppy.

use http::{HeaderMap, StatusCode};
use upsign_http::{Problem, RefusedRequest};

use super::*;

/// An adapter refuses a body that is too large or too slow, or a request without capacity.
#[test]
fn refusals_of_an_adapter_have_the_form_of_their_path() {
    let api = api(MockObjectCalls::new());
    for (path, content_type, start) in [
        (SIGN, "application/json", "{\"error\":"),
        ("/uppy/multipart", "application/xml", "<?xml"),
        ("/uppy/multipart/", "application/xml", "<?xml"),
        ("/upload-url", "application/problem+json", "{\"type\":"),
        ("/other", "application/problem+json", "{\"type\":"),
    ] {
        let refused = RefusedRequest::new(Problem::overloaded(), at()).with_dialect_at(&api, path);
        let response = api.refuse(&HeaderMap::new(), &refused);
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()["content-type"], content_type, "{path}");
        assert!(response.body().starts_with(start), "{path}: {}", response.body());
    }
}

/// The answer of the API's own endpoint states the exact length of each part.
#[tokio::test]
async fn own_endpoint_signs_no_parts_of_any_length() {
    let api = api(store());
    let token = begin(&api).await;
    let body = json!({ "uploadToken": token, "partNumbers": [1] }).to_string();
    let head = Request::post("/uploads/parts").header("authorization", "Bearer alice");
    let request = head.header("content-type", "application/json").body(Bytes::from(body)).unwrap();
    let response = api.handle(&request, at(), &ByName).await;
    assert_eq!(response.status(), 400, "{}", response.body());
    assert_eq!(body_of(&response)["code"], "part-lengths-invalid", "{}", response.body());
}
