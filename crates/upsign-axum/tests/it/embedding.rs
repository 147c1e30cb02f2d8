//! The API inside an application: nested and merged, with state, a fallback, users of its own and handlers of its own.

use std::num::NonZeroU32;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRef, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, Request, StatusCode};
use tower::ServiceExt;
use upsign_axum::{
    Api, Authentication, Caller, CorsOrigins, FetchError, FromExtension, GrantResponse, Identity, NoObserver,
    PerCallerRateLimit, ProblemResponse, RequestId, TokenUse, TrustedProxies, Unauthenticated,
    UploadDescription, UploadIssuer, UploadService, UserPool, Uuid, Verifier, authenticate_fn, fetch_keys_fn,
    observe, router,
};
use upsign_core::Target;
use upsign_http::AuthenticateError;
use upsign_testing::{RecordingObserver, UploadEvent};

use crate::address::Log;
use crate::{api, authentication, clock, json};

#[derive(Clone)]
struct AppState {
    name: &'static str,
    authentication: Authentication,
    service: UploadService,
    api: Api,
}

impl FromRef<AppState> for Authentication {
    fn from_ref(state: &AppState) -> Self {
        state.authentication.clone()
    }
}

impl FromRef<AppState> for UploadService {
    fn from_ref(state: &AppState) -> Self {
        state.service.clone()
    }
}

impl FromRef<AppState> for Api {
    fn from_ref(state: &AppState) -> Self {
        state.api.clone()
    }
}

fn state(authentication: Authentication) -> AppState {
    let service = UploadService::from(issuer_of_articles());
    let api = Api::new(service.clone(), CorsOrigins::listed([]));
    AppState { name: "shop", authentication, service, api }
}

fn issuer_of_articles() -> UploadIssuer {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let template = "articles/{article_id}/{id}.{ext}".parse().unwrap();
    let policy = upsign_axum::UploadPolicy::builder(target, template, upsign_axum::Bodyless::Refuse)
        .content_types(["image/jpeg"])
        .max_size(10 << 20)
        .build()
        .unwrap();
    UploadIssuer::sigv4(policy, upsign_axum::Credentials::long_term("AKID", "secret").unwrap()).unwrap()
}

async fn name(State(state): State<AppState>, caller: Caller) -> String {
    format!("{} of {}", state.name, caller.identity.subject())
}

fn authorized(method: &str, path: &str, body: &'static str) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header("authorization", "Bearer good");
    request.body(body.into()).unwrap()
}

async fn text(app: &Router, request: Request<Body>) -> (u16, String) {
    let response = app.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 1 << 16).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// The router has the state type of the application, before and after it is observed.
fn stateful(nested: bool) -> Router {
    let own: Router<AppState> =
        Router::new().route("/name", get(name)).fallback(|| async { StatusCode::IM_A_TEAPOT });
    let upsign: Router<AppState> = router(api().boxed(), authentication());
    let app = if nested { own.nest("/api/v1", upsign) } else { own.merge(upsign.reset_fallback()) };
    observe(app, TrustedProxies::default(), NoObserver).with_state(state(authentication()))
}

#[tokio::test]
async fn nested_router_keeps_state_and_fallback_of_the_application() {
    let app = stateful(true);
    assert_eq!(text(&app, authorized("GET", "/name", "")).await, (200, "shop of alice".to_owned()));
    let (status, grant) = text(&app, authorized("POST", "/api/v1/upload-url", "")).await;
    assert_eq!((status, grant.contains("\"uploadUrl\"")), (200, true));
    let (status, problem) = text(&app, authorized("POST", "/api/v1/elsewhere", "")).await;
    assert_eq!(
        (status, problem.contains("\"not-found\"")),
        (404, true),
        "below the path: a problem document"
    );
    for path in ["/", "/upload-url", "/api/v2/upload-url"] {
        assert_eq!(text(&app, authorized("POST", path, "")).await, (418, String::new()), "{path}");
    }
}

#[tokio::test]
async fn merged_router_keeps_state_and_fallback_of_the_application() {
    let app = stateful(false);
    assert_eq!(text(&app, authorized("GET", "/name", "")).await, (200, "shop of alice".to_owned()));
    assert_eq!(text(&app, authorized("POST", "/upload-url", "")).await.0, 200);
    assert_eq!(text(&app, authorized("POST", "/elsewhere", "")).await, (418, String::new()));
}

#[tokio::test]
async fn path_of_the_api_is_served() {
    for (path, nest, full) in
        [("/uploads/new", "", "/uploads/new"), ("/", "/uploads", "/uploads"), ("/new", "/a/b", "/a/b/new")]
    {
        let router: Router = router(api().with_path(path).unwrap(), authentication());
        let app = if nest.is_empty() { router } else { Router::new().nest(nest, router) };
        assert_eq!(text(&app, authorized("POST", full, "")).await.0, 200, "{full}");
        assert_eq!(text(&app, authorized("POST", "/upload-url", "")).await.0, 404, "{full}");
    }
}

#[tokio::test]
async fn maximum_body_of_the_api_applies() {
    let router: Router = router(api().with_max_body(40), authentication());
    let short = r#"{"contentType":"image/jpeg"}"#;
    let long = r#"{"contentType":"image/jpeg",                "contentLength":5}"#;
    assert_eq!(text(&router, authorized("POST", "/upload-url", short)).await.0, 400, "reaches the policy");
    let (status, problem) = text(&router, authorized("POST", "/upload-url", long)).await;
    assert_eq!((status, problem.contains("more than 40 bytes")), (413, true), "{problem}");
}

#[derive(Clone)]
struct User(&'static str);

#[tokio::test]
async fn user_of_a_middleware_is_the_caller() {
    let authentication = Authentication::from_extension(|User(name): &User| {
        Identity::from_verified("https://app.example.com", name)
    })
    .with_clock(clock());
    let state = state(authentication.clone());
    let upsign = router(Api::new(crate::issuer(), CorsOrigins::listed([])), authentication);
    let app = Router::new().route("/name", get(name)).merge(upsign);
    let anonymous = app.clone().with_state(state.clone());
    let app = app.layer(Extension(User("bob"))).with_state(state);
    assert_eq!(text(&app, Request::get("/name").body(Body::empty()).unwrap()).await.1, "shop of bob");
    assert_eq!(text(&app, Request::post("/upload-url").body(Body::empty()).unwrap()).await.0, 200);
    for request in [Request::get("/name"), Request::post("/upload-url")] {
        let response = anonymous.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert!(!response.headers().contains_key("www-authenticate"), "a session is no bearer token");
        let problem = json(response.into_body()).await;
        assert_eq!(problem["code"], "unauthorized");
        assert!(!problem.to_string().contains("bearer"), "{problem}");
    }
}

#[tokio::test]
async fn bearer_token_is_required_and_challenged() {
    let pool: UserPool = "ap-southeast-1_AbCdEf123".parse().unwrap();
    let config = pool.verifier_config(["client"], TokenUse::Access).unwrap();
    let keys = fetch_keys_fn(|_| async { Err(FetchError::Timeout) });
    let authentication = Authentication::bearer(Verifier::new(config, keys)).with_clock(clock());
    let app: Router = router(api(), authentication.clone());
    let app =
        app.merge(Router::new().route("/hello", get(async |_: Caller| "hello")).with_state(authentication));
    for request in [Request::get("/hello"), Request::post("/upload-url")] {
        let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        assert!(json(response.into_body()).await["detail"].as_str().unwrap().contains("bearer token"));
    }
}

#[tokio::test]
async fn rejected_caller_is_logged_with_its_reason() {
    let log = Log::default();
    let _logging = log.start();
    let response = Router::new()
        .route("/name", get(name))
        .with_state(state(authentication()))
        .oneshot(Request::get("/name").body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let body = json(response.into_body()).await;
    let lines = log.take();
    assert!(
        lines.contains("WARN") && lines.contains("code=\"unauthorized\" reason=\"fake: no token\""),
        "{lines}"
    );
    assert!(!body.to_string().contains("no token"), "{body}");
}

#[tokio::test]
async fn unavailable_authentication_is_answered_with_503_and_logged_as_an_error() {
    let log = Log::default();
    let _logging = log.start();
    let unavailable = authenticate_fn(|_, _| async {
        Err(AuthenticateError::Unavailable { reason: "the session table is locked".to_owned() })
    });
    let app = Router::new()
        .route("/name", get(name))
        .with_state(state(Authentication::new(unavailable).with_clock(clock())));
    let response = app.oneshot(Request::get("/name").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "10");
    let lines = log.take();
    assert!(lines.contains("ERROR") && lines.contains("the session table is locked"), "{lines}");
}

#[tokio::test]
async fn caller_that_lacks_a_group_gets_403_from_extractor_and_router() {
    let forbidden = authenticate_fn(|_, _| async {
        Err(AuthenticateError::Forbidden { code: "groups", reason: "found none".to_owned() })
    });
    let authentication =
        Authentication::new(forbidden.with_challenge(HeaderValue::from_static("Bearer"))).with_clock(clock());
    let app = Router::new().route("/name", get(name)).with_state(state(authentication.clone()));
    for request in [
        app.oneshot(Request::get("/name").body(Body::empty()).unwrap()).await.unwrap(),
        router(api(), authentication).oneshot(authorized("POST", "/upload-url", "")).await.unwrap(),
    ] {
        assert_eq!(request.status(), StatusCode::FORBIDDEN);
        assert_eq!(request.headers()[WWW_AUTHENTICATE], r#"Bearer error="insufficient_scope""#);
        assert_eq!(json(request.into_body()).await["code"], "insufficient-scope");
    }
}

#[tokio::test]
async fn router_answers_below_the_base_path_and_logs_unknown_paths() {
    let log = Log::default();
    let _logging = log.start();
    let api = api().with_base_path("/api".parse().unwrap());
    let app: Router = router(api, authentication());
    for (path, status) in [
        ("/upload-url", 200),
        ("/upload-url/", 200),
        ("/api/upload-url", 200),
        ("/v2/upload-url?t=secret", 404),
    ] {
        assert_eq!(text(&app, authorized("POST", path, "")).await.0, status, "{path}");
    }
    let lines = log.take();
    assert!(
        lines.contains("nothing is served at the path: /v2/upload-url (the API is at /api/upload-url)"),
        "{lines}"
    );
    assert!(!lines.contains("secret"), "{lines}");
}

#[tokio::test]
async fn handler_can_answer_rejected_callers_itself() {
    async fn page(caller: Result<Caller, Unauthenticated>) -> Result<&'static str, StatusCode> {
        caller.map(|_| "page").map_err(|rejection| {
            assert!(matches!(rejection.error(), AuthenticateError::Rejected { code: "fake", .. }));
            assert_eq!(rejection.reason(), "fake: no token");
            assert_eq!(rejection.problem().status(), StatusCode::UNAUTHORIZED);
            StatusCode::SEE_OTHER
        })
    }
    let app = Router::new().route("/page", get(page)).with_state(authentication());
    assert_eq!(text(&app, authorized("GET", "/page", "")).await, (200, "page".to_owned()));
    let anonymous = Request::get("/page").body(Body::empty()).unwrap();
    assert_eq!(text(&app, anonymous).await.0, 303);
}

#[tokio::test]
async fn rejection_has_the_challenge_and_the_reason_for_answers_of_another_form() {
    async fn page(caller: Result<Caller, Unauthenticated>) -> Response {
        let rejection = caller.unwrap_err();
        assert!(rejection.reason().starts_with("extension-missing: "), "{}", rejection.reason());
        let problem = rejection.problem();
        let challenge = problem.challenge().unwrap().clone();
        (problem.status(), [(WWW_AUTHENTICATE, challenge)], problem.code()).into_response()
    }
    let identity = |User(name): &User| Identity::from_verified("https://app.example.com", name);
    let challenge = HeaderValue::from_static("Negotiate");
    let authentication = Authentication::new(FromExtension::new(identity).with_challenge(challenge.clone()));
    let app = Router::new().route("/page", get(page)).with_state(authentication);
    let log = Log::default();
    let _logging = log.start();
    let response = app.oneshot(Request::get("/page").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(
        (response.status(), &response.headers()[WWW_AUTHENTICATE]),
        (StatusCode::UNAUTHORIZED, &challenge)
    );
    assert_eq!(log.take(), "", "the handler logs for itself");
}

/// The shortest handler: it counts a caller when it issues, and reports no invalid body.
async fn upload_url(
    caller: Caller,
    Path(article): Path<Uuid>,
    State(service): State<UploadService>,
    UploadDescription(description): UploadDescription,
) -> Result<GrantResponse, ProblemResponse> {
    let (route, upload) = (description.route.as_deref(), &description.upload);
    let grant =
        service.issue_under(&caller.identity, route, upload, [("articleId", article)], caller.at).await?;
    Ok(GrantResponse(grant))
}

const ARTICLE: &str = "0191e0c8-7a5b-7c3d-8e9f-001122334455";

#[tokio::test]
async fn own_handler_answers_like_the_api() {
    let app = Router::new()
        .route("/articles/{article_id}/upload-url", post(upload_url))
        .with_state(state(authentication()));
    let path = format!("/articles/{ARTICLE}/upload-url");
    let good = r#"{"contentType":"image/jpeg","contentLength":48213}"#;
    let response = app.clone().oneshot(authorized("POST", &path, good)).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let grant = json(response.into_body()).await;
    assert_eq!(grant["articleId"], ARTICLE);
    assert!(grant["key"].as_str().unwrap().starts_with(&format!("articles/{ARTICLE}/")), "{grant}");

    let log = Log::default();
    let _logging = log.start();
    let large: &'static str = String::leak(" ".repeat(16_385));
    for (body, status, code) in [
        ("{", 400, "body-syntax"),
        (r#"{"articleId":"0191e0c8-7a5b-7c3d-8e9f-001122334455"}"#, 400, "body-unknown-member"),
        (r#"{"contentType":"text/html","contentLength":5}"#, 415, "content-type-not-allowed"),
        (r#"{"contentType":"image/jpeg","contentLength":99999999}"#, 413, "too-large"),
        (r#"{"route":"x","contentType":"image/jpeg","contentLength":5}"#, 400, "route-unknown"),
        (large, 413, "body-too-large"),
    ] {
        let response = app.clone().oneshot(authorized("POST", &path, body)).await.unwrap();
        assert_eq!(response.status(), status, "{code}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(json(response.into_body()).await["code"], code);
        let lines = log.take();
        assert!(lines.contains("request refused") && lines.contains(code), "{lines}");
    }
}

/// The handler of the documentation of `UploadDescription`.
async fn counted_upload_url(
    caller: Caller,
    Path(article): Path<Uuid>,
    State(api): State<Api>,
    description: Result<UploadDescription, ProblemResponse>,
) -> Result<GrantResponse, ProblemResponse> {
    let (ids, body) = ([("articleId", article)], description.map(|UploadDescription(body)| body));
    let grant = api.issue_under(&caller.identity, body, ids, caller.at).await;
    Ok(GrantResponse(grant.map_err(ProblemResponse::reported)?))
}

#[tokio::test]
async fn router_and_own_handler_share_the_rate_limit_and_the_observers() {
    let (recorder, three) = (RecordingObserver::new(), NonZeroU32::new(3).unwrap());
    let service = UploadService::from(issuer_of_articles())
        .with_rate_limit(PerCallerRateLimit::new(three, three))
        .with_observer(recorder.clone());
    let api = Api::new(service.clone(), CorsOrigins::listed([]));
    let state = AppState { name: "shop", authentication: authentication(), service, api: api.clone() };
    let app = Router::new()
        .route("/articles/{article_id}/upload-url", post(counted_upload_url))
        .merge(router(api, authentication()))
        .with_state(state);
    let own = format!("/articles/{ARTICLE}/upload-url");
    let good = r#"{"contentType":"image/jpeg","contentLength":48213}"#;
    let log = Log::default();
    let _logging = log.start();
    for (path, body, status, event) in [
        (own.as_str(), good, 200, "granted"),
        (own.as_str(), "{", 400, "body-syntax"),
        ("/upload-url", good, 200, "granted"),
        ("/upload-url", good, 429, "too-many-requests"),
        (own.as_str(), good, 429, "too-many-requests"),
        (own.as_str(), "{", 429, "too-many-requests"),
    ] {
        let response = app.clone().oneshot(authorized("POST", path, body)).await.unwrap();
        assert_eq!(response.status(), status, "{path} {body}");
        assert_eq!(response.headers().contains_key("retry-after"), status == 429);
        let codes: Vec<_> = recorder.take().iter().map(UploadEvent::code).collect();
        assert_eq!(codes, [event], "{path} {body}");
        let lines = log.take();
        assert_eq!(lines.matches("request refused").count(), usize::from(status != 200), "{lines}");
    }
}

#[tokio::test]
async fn request_id_is_that_of_the_answer() {
    async fn id(id: RequestId) -> String {
        id.to_string()
    }
    async fn optional(id: Option<RequestId>) -> impl IntoResponse {
        id.map_or_else(|| "none".to_owned(), |id| id.as_str().to_owned())
    }
    let app = || Router::new().route("/id", get(id)).route("/optional", get(optional));
    let observed = observe(app(), TrustedProxies::default(), NoObserver);
    for path in ["/id", "/optional"] {
        let response = observed.clone().oneshot(authorized("GET", path, "")).await.unwrap();
        let header = response.headers()["x-request-id"].clone();
        assert_eq!(to_bytes(response.into_body(), 100).await.unwrap(), header.as_bytes());
    }
    let log = Log::default();
    let _logging = log.start();
    assert_eq!(text(&app(), authorized("GET", "/optional", "")).await.1, "none");
    let (status, problem) = text(&app(), authorized("GET", "/id", "")).await;
    assert_eq!((status, problem.contains("\"internal\"")), (500, true));
    let lines = log.take();
    assert!(lines.contains("wrap the router in upsign_axum::observe"), "{lines}");
}
