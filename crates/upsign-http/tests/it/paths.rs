//! The paths at which the endpoint answers: with a base path, with a slash at the end, and what other paths receive.

use bytes::Bytes;
use http::{Request, Response};
use upsign::UploadService;
use upsign_core::CorsOrigins;
use upsign_http::Api;
use upsign_policy::Bodyless;
use upsign_testing::RecordingObserver;

use crate::fixture::{FakeAuthenticator, ORIGIN, Signer, TOKEN, api, at, issuer, json};

async fn send(api: &Api<Signer>, path: &str) -> Response<String> {
    let request = Request::post(path).header("authorization", TOKEN).header("origin", ORIGIN);
    api.handle(&request.body(Bytes::new()).unwrap(), at(), &FakeAuthenticator).await
}

/// A server in front of the API may or may not remove the base path.
#[tokio::test]
async fn endpoint_answers_with_and_without_base_path_and_slash() {
    let plain = api(Bodyless::Allow);
    let below = api(Bodyless::Allow).with_base_path("/api/v1".parse().unwrap());
    let root = below.clone().with_path("/").unwrap();
    for (api, path, status) in [
        (&plain, "/upload-url", 200),
        (&plain, "/upload-url/", 200),
        (&plain, "/upload-url?x=1", 200),
        (&plain, "/upload-url//", 404),
        (&plain, "/api/v1/upload-url", 404),
        (&below, "/upload-url", 200),
        (&below, "/api/v1/upload-url", 200),
        (&below, "/api/v1/upload-url/", 200),
        (&below, "/api/v1", 404),
        (&below, "/api/v10/upload-url", 404),
        (&below, "/api/v1/api/v1/upload-url", 404),
        (&root, "/", 200),
        (&root, "/api/v1", 200),
        (&root, "/api/v1/", 200),
        (&root, "/api", 404),
    ] {
        assert_eq!(send(api, path).await.status().as_u16(), status, "{path}");
        let path = path.split('?').next().unwrap();
        assert_eq!(api.paths().iter().any(|known| known == path), status == 200, "{path}");
    }
}

#[tokio::test]
async fn unknown_path_gets_a_problem_that_pages_can_read_and_is_reported_cut() {
    let observer = RecordingObserver::new();
    let service = UploadService::from(issuer(Bodyless::Allow)).with_observer(observer.clone());
    let api = Api::new(service, CorsOrigins::listed([ORIGIN.parse().unwrap()]));
    let paths =
        ["/prod/upload-url?token=secret".to_owned(), format!("/{}", "a".repeat(500)), "/aaa".repeat(99)];
    for path in paths {
        let response = send(&api, &path).await;
        assert_eq!((response.status().as_u16(), json(&response)["code"].as_str()), (404, Some("not-found")));
        assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
        assert!(!response.body().contains("prod") && !response.body().contains("aaa"));
    }
    let reasons: Vec<String> =
        observer.refusals().into_iter().map(|refusal| refusal.reason.unwrap().into()).collect();
    let expected = |path: &str| format!("nothing is served at the path: {path} (the API is at /upload-url)");
    // A long segment can be a token.
    let cut = format!("{}\u{2026}", "/aaa".repeat(32));
    assert_eq!(reasons, [expected("/prod/upload-url"), expected("/(500 characters)"), expected(&cut)]);
}
