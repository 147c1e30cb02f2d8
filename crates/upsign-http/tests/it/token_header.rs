//! A token in another header than `Authorization`: the only source of the token, in answers, preflights and reasons.

use bytes::Bytes;
use http::{Request, Response};
use upsign::UploadService;
use upsign_cognito::{StaticKeys, TokenUse, UserPool, Verifier, VerifierConfig};
use upsign_core::CorsOrigins;
use upsign_http::{Api, Authenticate, BearerToken, TokenHeader};
use upsign_policy::Bodyless;
use upsign_testing::RecordingObserver;
use upsign_testing::tokens::TestIssuer;

use crate::fixture::{ORIGIN, Signer, at, issuer, json, post};

const POOL: &str = "ap-southeast-1_AbCdEf123";
const SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=5d67";

fn header() -> TokenHeader {
    "X-Upload-Token".parse().unwrap()
}

/// A user pool, and what authenticates its users.
fn pool() -> (TestIssuer, BearerToken<Verifier<StaticKeys>>) {
    let pool = TestIssuer::user_pool(POOL);
    let trusted = POOL.parse::<UserPool>().unwrap().trusted_issuer();
    let config = VerifierConfig::new(trusted, ["client-1"], TokenUse::Access).unwrap();
    let verifier = Verifier::with_static_keys(config, pool.jwks()).unwrap();
    (pool, BearerToken::new(verifier))
}

fn bearer() -> BearerToken<Verifier<StaticKeys>> {
    pool().1
}

fn token(pool: &TestIssuer) -> String {
    format!("Bearer {}", pool.access_token("alice", "client-1").sign(at()))
}

fn api(observer: &RecordingObserver) -> Api<Signer> {
    let service = UploadService::from(issuer(Bodyless::Allow)).with_observer(observer.clone());
    Api::new(service, CorsOrigins::listed([ORIGIN.parse().unwrap()]))
}

/// Returns the response and the reason for the operator, if the request was refused.
async fn send(
    headers: &[(&str, &str)],
    authenticate: &dyn Authenticate,
) -> (Response<String>, Option<String>) {
    let observer = RecordingObserver::new();
    let response = api(&observer).handle(&post(headers, ""), at(), authenticate).await;
    let reason = observer.refusals().pop().and_then(|refusal| refusal.reason).map(Into::into);
    (response, reason)
}

#[tokio::test]
async fn token_is_read_from_its_header_only() {
    let (pool, bearer) = pool();
    let (token, other) = (token(&pool), bearer.clone().with_header(header()));
    for (headers, expected) in [
        (vec![("x-upload-token", &*token)], None),
        // Whatever `Authorization` contains is ignored.
        (vec![("x-upload-token", &token), ("authorization", SIGNATURE)], None),
        (vec![("x-upload-token", &token), ("authorization", "Bearer x")], None),
        (vec![], Some("authorization-header: the request has no x-upload-token header")),
        (
            vec![("authorization", &token)],
            Some(
                "authorization-header: the request has no x-upload-token header; the authorization header was ignored",
            ),
        ),
        (
            vec![("authorization", SIGNATURE)],
            Some(
                "authorization-header: the request has no x-upload-token header; the authorization header was ignored: it is \
                 an AWS signature (SigV4), as the client or origin access control of CloudFront writes it",
            ),
        ),
        (
            vec![("x-upload-token", &token), ("x-upload-token", &token)],
            Some("authorization-header: the request has more than one x-upload-token header"),
        ),
        (
            vec![("x-upload-token", "Basic YTpi"), ("authorization", &token)],
            Some("not-bearer: the x-upload-token header is not `Bearer <token>`"),
        ),
    ] {
        let (response, reason) = send(&headers, &other).await;
        assert_eq!(reason.as_deref(), expected, "{headers:?}");
        assert_eq!(response.status().as_u16(), if expected.is_some() { 401 } else { 200 }, "{headers:?}");
    }
    // By default, the same header is ignored.
    let (response, reason) = send(&[("x-upload-token", &token)], &bearer).await;
    assert_eq!(response.status(), 401);
    assert_eq!(reason.as_deref(), Some("authorization-header: the request has no authorization header"));
}

#[tokio::test]
async fn raw_token_is_accepted_where_it_is_configured() {
    let (pool, bearer) = pool();
    let token = token(&pool);
    let raw = token.strip_prefix("Bearer ").unwrap();
    let strict = bearer.with_header(header());
    let (response, reason) = send(&[("x-upload-token", raw)], &strict).await;
    assert_eq!(response.status(), 401);
    let expected = "not-bearer: the x-upload-token header is not `Bearer <token>`: it is a token without `Bearer`, which \
                    auth.accept_raw_authorization accepts";
    assert_eq!(reason.as_deref(), Some(expected));
    let lenient = strict.accept_raw_authorization();
    assert_eq!(send(&[("x-upload-token", raw)], &lenient).await.0.status(), 200);
}

/// A client reads from the answer where the service expects the token.
#[tokio::test]
async fn refusals_name_the_expected_header() {
    for (authenticate, name, challenge) in [
        (bearer(), "authorization", "Bearer"),
        (bearer().with_header(header()), "x-upload-token", "Bearer header=\"x-upload-token\""),
    ] {
        let (response, _) = send(&[], &authenticate).await;
        assert_eq!(response.headers()["www-authenticate"], challenge);
        let detail = format!("a valid bearer token is required in the header {name}");
        assert_eq!(json(&response)["detail"], detail);
        let (response, _) = send(&[(name, "Bearer a.b.c")], &authenticate).await;
        let separator = if challenge.contains(' ') { "," } else { "" };
        let expected = format!("{challenge}{separator} error=\"invalid_token\"");
        assert_eq!(response.headers()["www-authenticate"], expected);
        assert_eq!(json(&response)["detail"], detail);
    }
}

#[tokio::test]
async fn preflight_allows_the_header_of_the_token_in_place_of_authorization() {
    let preflight = Request::options("/upload-url")
        .header("origin", ORIGIN)
        .header("access-control-request-method", "POST")
        .body(Bytes::new())
        .unwrap();
    for (authenticate, allowed) in [
        (bearer(), "authorization, content-type"),
        (bearer().with_header(header()), "x-upload-token, content-type"),
    ] {
        // Behind a pointer too, as adapters keep it.
        let authenticate: std::sync::Arc<dyn Authenticate> = std::sync::Arc::new(authenticate);
        let response = api(&RecordingObserver::new()).handle(&preflight, at(), &authenticate).await;
        assert_eq!(response.headers()["access-control-allow-headers"], allowed);
    }
}
