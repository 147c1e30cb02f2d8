//! Functions with routes of their own: the lines of metrics and the credentials are those of the settings.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Request;
use lambda_http::{Body, IntoResponse};
use serde_json::{Value, json};
use upsign_core::{Credentials, Expiry, Identity, Timestamp};
use upsign_http::{Api, authenticate_fn};
use upsign_lambda::{
    FunctionSettings, IdentitySource, Method, RoleSigner, StartError, UploadFunction, method_and_path,
};

use crate::events::{alb, function_url, http_v2, rest_v1};
use crate::metrics::config;
use crate::{FixedClock, granted};

fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn take(&self) -> Vec<Value> {
        let lines = std::mem::take(&mut *self.0.lock().unwrap());
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Settings whose credentials expire ten minutes later.
    fn settings(&self) -> FunctionSettings {
        let credentials = Credentials::temporary(
            "ASIAEXAMPLE",
            "secret",
            "session-token",
            Expiry::At(at().saturating_add(600)),
        );
        let lines = Arc::clone(&self.0);
        FunctionSettings::new(config(&[]), credentials.unwrap())
            .with_metrics_to(move |line| lines.lock().unwrap().push(line.to_owned()))
    }
}

#[track_caller]
fn assert_one_grant_with_credentials(lines: &[Value]) {
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!((&lines[0]["Issued"], &lines[0]["CredentialsSeconds"]), (&json!(1), &json!(600)));
}

/// Answers `/health` itself and passes every other event on.
async fn answer(uploads: &UploadFunction<RoleSigner>, event: Value) -> Value {
    match event["rawPath"].as_str() {
        Some("/prod/health") => json!({"statusCode": 204}),
        _ => uploads.answer(&event.to_string()).await.unwrap(),
    }
}

#[tokio::test]
async fn routing_by_the_path_of_the_event_keeps_metrics_and_credentials() {
    let lines = Lines::default();
    let settings = lines.settings();
    let source =
        IdentitySource::Claims(settings.config.auth().unwrap().only_issuer().unwrap().verifier.clone());
    let uploads = UploadFunction::with_identity_source(settings.api().unwrap(), source)
        .with_clock(FixedClock::at(at()));
    let mut health = http_v2(None);
    health["rawPath"] = "/prod/health".into();
    assert_eq!(answer(&uploads, health).await["statusCode"], 204);
    assert!(lines.take().is_empty());
    let grant = granted(&answer(&uploads, http_v2(None)).await);
    assert!(grant["uploadUrl"].as_str().unwrap().contains("&X-Amz-Security-Token=session-token&"));
    assert_one_grant_with_credentials(&lines.take());
    let mut anonymous = http_v2(None);
    anonymous["requestContext"]["authorizer"] = Value::Null;
    let refused = answer(&uploads, anonymous).await;
    assert_eq!(
        (&refused["statusCode"], &refused["headers"]["www-authenticate"]),
        (&json!(401), &json!("Bearer"))
    );
    assert_eq!(lines.take()[0]["Reason"], "unauthorized");
}

/// A handler for `lambda_http::run`, which answers `/health` itself.
async fn handle(api: &Api<RoleSigner>, request: lambda_http::Request) -> http::Response<Body> {
    if request.uri().path() == "/health" {
        return "ok".into_response().await;
    }
    let (parts, body) = request.into_parts();
    let request = Request::from_parts(parts, Bytes::copy_from_slice(&body));
    let authenticate = authenticate_fn(|request, _| {
        let token = request.headers["authorization"].to_str().unwrap().to_owned();
        async move { Ok(Identity::from_verified("https://app.example.com", &token)?) }
    });
    api.handle(&request, at(), &authenticate).await.into_response().await
}

#[tokio::test]
async fn requests_of_lambda_http_can_be_passed_to_the_api() {
    let lines = Lines::default();
    let api = lines.settings().api().unwrap();
    let request = |path: &str| {
        let event = function_url(None).to_string().replace("/upload-url", path);
        lambda_http::request::from_str(&event).unwrap()
    };
    assert_eq!(handle(&api, request("/health")).await.body(), &Body::Text("ok".to_owned()));
    assert!(lines.take().is_empty());
    let response = handle(&api, request("/upload-url")).await;
    let grant: Value = serde_json::from_slice(response.body()).unwrap();
    assert!(grant["uploadUrl"].as_str().unwrap().contains("&X-Amz-Security-Token=session-token&"), "{grant}");
    assert_one_grant_with_credentials(&lines.take());
}

#[test]
fn api_needs_no_auth_section_but_usable_credentials() {
    let unknown = Credentials::temporary("ASIAEXAMPLE", "secret", "session-token", Expiry::Unknown).unwrap();
    let refused = FunctionSettings::new(config(&[]), unknown).api();
    assert!(matches!(refused, Err(StartError::Credentials(_))));
}

#[test]
fn method_and_path_are_read_from_every_supported_event() {
    let expected = Some((Method::POST, "/upload-url".to_owned()));
    for event in [rest_v1(None), http_v2(None), function_url(None), alb(None)] {
        assert_eq!(method_and_path(&event.to_string()), expected, "{event}");
    }
    let mut staged = rest_v1(None);
    staged["path"] = "/prod/upload-url".into();
    assert_eq!(method_and_path(&staged.to_string()), expected);
    let mut malformed = alb(None);
    malformed["path"] = "upload-url".into();
    for event in [malformed.to_string(), json!({"Records": []}).to_string(), "{".to_owned()] {
        assert_eq!(method_and_path(&event), None, "{event}");
    }
}
