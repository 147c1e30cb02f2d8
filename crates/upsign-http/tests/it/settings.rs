//! Settings of the API: path, maximum size of bodies, members of the application, boxed presigner; and their description.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Map, Value, json};
use upsign::{Refusal, UploadService};
use upsign_core::CorsOrigins;
use upsign_http::{Api, MAX_BODY_BYTES, OpenApiVersion, SecurityScheme, UPLOAD_URL};
use upsign_policy::Bodyless;
use upsign_testing::RecordingObserver;

use crate::fixture::{FakeAuthenticator, Signer, TOKEN, api as default_api, at, issuer, json as read};

fn api() -> Api<Signer> {
    default_api(Bodyless::Allow)
}

async fn send(api: &Api<Signer>, path: &str, body: String) -> Response<String> {
    let request = Request::post(path).header("authorization", TOKEN).body(Bytes::from(body)).unwrap();
    api.handle(&request, at(), &FakeAuthenticator).await
}

fn description(api: &Api<Signer>, security: SecurityScheme) -> Value {
    let description = api.openapi().with_security(security).to_json(OpenApiVersion::V3_1);
    serde_json::from_str(&description).unwrap()
}

#[tokio::test]
async fn api_answers_at_the_configured_path_only() {
    assert_eq!(api().path(), UPLOAD_URL);
    let api = api().with_path("/api/v1/uploads").unwrap();
    assert_eq!(api.path(), "/api/v1/uploads");
    assert_eq!(send(&api, "/api/v1/uploads", String::new()).await.status(), 200);
    assert_eq!(send(&api, "/api/v1/uploads?x=1", String::new()).await.status(), 200);
    assert_eq!(send(&api, UPLOAD_URL, String::new()).await.status(), 404);
    let paths = &description(&api, SecurityScheme::Bearer)["paths"];
    assert_eq!(paths.as_object().unwrap().keys().collect::<Vec<_>>(), ["/api/v1/uploads"]);
}

#[test]
fn path_that_a_router_could_read_as_a_pattern_is_refused() {
    for path in ["uploads", "/{id}", "/:id", "/*rest", "/a?b", "/a/../b", ""] {
        let error = api().with_path(path).unwrap_err();
        assert!(error.to_string().contains(&format!("`{path}`")), "{error}");
    }
}

#[tokio::test]
async fn body_longer_than_the_configured_maximum_is_refused() {
    let described = r#"{"contentType":"image/jpeg","contentLength":7}"#.to_owned();
    let padded = |bytes: usize| format!("{described}{}", " ".repeat(bytes - described.len()));
    for (api, max) in
        [(api(), MAX_BODY_BYTES), (api().with_max_body(100), 100), (api().with_max_body(1 << 20), 1 << 20)]
    {
        assert_eq!(api.max_body(), max);
        assert_eq!(send(&api, UPLOAD_URL, padded(max)).await.status(), 200, "{max}");
        let refused = send(&api, UPLOAD_URL, padded(max + 1)).await;
        assert_eq!((refused.status().as_u16(), &read(&refused)["code"]), (413, &json!("body-too-large")));
        assert!(refused.body().contains(&max.to_string()), "{}", refused.body());
        let body = &description(&api, SecurityScheme::Bearer)["paths"][UPLOAD_URL]["post"]["requestBody"];
        assert_eq!(body["description"], format!("At most {max} bytes."));
    }
}

fn members(members: &Value) -> Map<String, Value> {
    members.as_object().unwrap().clone()
}

#[tokio::test]
async fn members_of_the_application_are_added_after_those_of_the_api() {
    let api = api().with_grant_members(|upload| {
        assert_eq!((upload.caller.subject().as_str(), upload.route, upload.at), ("alice", None, at()));
        members(&json!({"publicUrl": format!("https://cdn.example.com/{}", upload.grant.key.as_str())}))
    });
    let response = send(&api, UPLOAD_URL, String::new()).await;
    let golden = include_str!("golden/bodyless.json").trim_end().strip_suffix('}').unwrap();
    let rest = response.body().strip_prefix(golden).unwrap();
    let key = read(&response)["key"].as_str().unwrap().to_owned();
    assert_eq!(rest, format!(",\"publicUrl\":\"https://cdn.example.com/{key}\"}}"));
}

#[tokio::test]
async fn member_that_the_api_defines_is_a_fault_of_the_service() {
    for name in ["uploadUrl", "articleId", "fields", "expiresAtIs"] {
        let recorder = RecordingObserver::new();
        let service = UploadService::from(issuer(Bodyless::Allow)).with_observer(recorder.clone());
        let api = Api::new(service, CorsOrigins::listed([]))
            .with_grant_members(move |_| members(&json!({"extra": 1, name: "overwritten"})));
        let response = send(&api, UPLOAD_URL, String::new()).await;
        assert_eq!((response.status().as_u16(), &read(&response)["code"]), (500, &json!("internal")));
        assert!(!response.body().contains(name) && !response.body().contains("X-Amz-Signature"));
        let refusals = recorder.refusals();
        assert_eq!(refusals.len(), 1, "{refusals:?}");
        let Refusal { caller, service_fault, reason, .. } = &refusals[0];
        assert_eq!((caller.as_ref().unwrap().subject().as_str(), *service_fault), ("alice", true));
        assert!(reason.as_ref().unwrap().contains(&format!("`{name}`")), "{reason:?}");
    }
}

/// The type of an application's state need not name the signer, and nothing is lost by that.
#[tokio::test]
async fn boxed_api_answers_alike() {
    struct State {
        api: Api,
    }
    let with_settings = |api: Api<Signer>| {
        api.with_path("/uploads").unwrap().with_max_body(10).with_grant_members(|_| members(&json!({"a": 1})))
    };
    let state = State { api: with_settings(api()).boxed() };
    assert_eq!((state.api.path(), state.api.max_body()), ("/uploads", 10));
    let request = Request::post("/uploads").header("authorization", TOKEN).body(Bytes::new()).unwrap();
    let boxed = state.api.handle(&request, at(), &FakeAuthenticator).await;
    assert_eq!(boxed.body(), send(&with_settings(api()), "/uploads", String::new()).await.body());
}

#[test]
fn description_states_how_clients_authenticate() {
    for (security, name, scheme) in [
        (
            SecurityScheme::Bearer,
            "bearer",
            json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}),
        ),
        (
            SecurityScheme::Cookie("session".into()),
            "cookie",
            json!({"type": "apiKey", "in": "cookie", "name": "session"}),
        ),
        (
            SecurityScheme::Header("x-user".into()),
            "header",
            json!({"type": "apiKey", "in": "header", "name": "x-user"}),
        ),
        (SecurityScheme::Other(json!({"type": "mutualTLS"})), "other", json!({"type": "mutualTLS"})),
    ] {
        let description = description(&api(), security.clone());
        assert_eq!(description["security"], json!([{name: []}]));
        assert_eq!(description["components"]["securitySchemes"], json!({name: scheme}));
        let responses = &description["paths"][UPLOAD_URL]["post"]["responses"];
        let challenge = &responses["401"]["headers"]["WWW-Authenticate"];
        assert_eq!(challenge.is_object(), security == SecurityScheme::Bearer, "{name}");
    }
}

#[test]
fn description_follows_ids_and_members_of_the_application() {
    let schemas =
        |api: &Api<Signer>| description(api, SecurityScheme::Bearer)["components"]["schemas"].clone();
    let plain = schemas(&api());
    assert!(plain["UploadRequest"]["properties"]["articleId"].is_null());
    assert_eq!(plain["UploadGrant"]["properties"]["articleId"]["format"], "uuid");
    assert_eq!(plain["UploadGrant"]["additionalProperties"], false);
    let with_members = schemas(&api().with_grant_members(|_| Map::new()));
    assert_eq!(with_members["UploadGrant"]["additionalProperties"], true);
    let supplied = Api::new(crate::routes::service(), CorsOrigins::listed([]));
    assert_eq!(supplied.id_members(), ["articleId"]);
    let described = &schemas(&supplied)["DefaultUpload"]["properties"]["articleId"];
    assert_eq!((&described["type"], &described["format"]), (&json!("string"), &json!("uuid")));
}
