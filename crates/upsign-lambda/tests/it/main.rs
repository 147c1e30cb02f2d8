//! The function with events of API Gateway, function URLs and load balancers.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

mod after_upload;
#[cfg(feature = "events")]
mod consumer;
mod cors;
mod ending;
mod entrances;
mod events;
mod gateway;
mod gateways;
mod google;
mod malformed;
mod metrics;
mod multipart;
mod mutations;
mod public_urls;
mod request_ids;
mod routing;
mod runtime_api;
mod sessions;
mod source;
mod survival;
#[cfg(feature = "verify")]
mod verifying;

use serde_json::{Value, json};
use upsign::{SigV4, UploadIssuer};
use upsign_cognito::authorizer::IdentitySource;
use upsign_cognito::{TokenUse, UserPool, VerifierConfig};
use upsign_core::{CorsOrigins, Credentials, Expiry, Target, Timestamp, WithCredentials};
use upsign_http::Api;
use upsign_lambda::UploadFunction;
use upsign_policy::{Bodyless, ContentRules, KeyTemplate, SizeLimit, UploadPolicy};
use upsign_testing::FixedClock;

use crate::events::{ORIGIN, http_v2, rest_v1};

fn function() -> UploadFunction<WithCredentials<SigV4, Credentials>> {
    function_for(CorsOrigins::listed([ORIGIN.parse().unwrap()]))
}

fn function_for(origins: CorsOrigins) -> UploadFunction<WithCredentials<SigV4, Credentials>> {
    let ids = ["article_id".parse().unwrap()];
    let template = KeyTemplate::parse("articles/{article_id}/raw/{id}.{ext}", &ids).unwrap();
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let policy = UploadPolicy::builder(target, template, Bodyless::Allow)
        .content(ContentRules::new(["image/jpeg", "image/png"]).unwrap())
        .size(SizeLimit::up_to(10 << 20).unwrap())
        .build()
        .unwrap();
    let credentials =
        Credentials::temporary("ASIAEXAMPLE", "secret", "session-token", Expiry::At(Timestamp::MAX)).unwrap();
    let issuer = UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials)).unwrap();
    let api = Api::new(issuer, origins);
    let pool = "ap-southeast-1_AbCdEf123".parse::<UserPool>().unwrap().trusted_issuer();
    let verifier = VerifierConfig::new(pool, ["client-1"], TokenUse::Any).unwrap();
    UploadFunction::with_identity_source(api, IdentitySource::Claims(verifier))
        .with_clock(FixedClock::new("2026-01-01T00:00:00Z"))
}

async fn answer(event: &Value) -> Value {
    function().answer(&event.to_string()).await.unwrap()
}

fn granted(answer: &Value) -> Value {
    assert_eq!(answer["statusCode"], 200, "{answer}");
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn rest_and_http_apis_issue_the_same_grant() {
    for event in [rest_v1(None), http_v2(None), rest_v1(Some("")), http_v2(Some(""))] {
        let grant = granted(&answer(&event).await);
        assert_eq!(grant["expiresIn"], 900);
        assert_eq!(grant["expiresAt"], "2026-01-01T00:15:00Z");
        let (key, id) = (grant["key"].as_str().unwrap(), grant["articleId"].as_str().unwrap());
        assert!(key.starts_with(&format!("articles/{id}/raw/")), "{key}");
        assert_eq!(std::path::Path::new(key).extension().unwrap(), "jpg");
        let url = grant["uploadUrl"].as_str().unwrap();
        assert!(url.contains("&X-Amz-Security-Token=session-token&"), "{url}");
    }
}

#[tokio::test]
async fn base64_body_is_decoded() {
    let body = r#"{"contentType":"image/png","contentLength":7}"#;
    let plain = granted(&answer(&http_v2(Some(body))).await);
    assert!(plain["key"].as_str().unwrap().ends_with(".png"));
    let mut event = rest_v1(Some("eyJjb250ZW50VHlwZSI6ImltYWdlL3BuZyIsImNvbnRlbnRMZW5ndGgiOjd9"));
    event["isBase64Encoded"] = true.into();
    assert!(granted(&answer(&event).await)["key"].as_str().unwrap().ends_with(".png"));
}

#[tokio::test]
async fn rest_api_gets_cors_from_the_function() {
    let answer = answer(&rest_v1(None)).await;
    assert_eq!(answer["multiValueHeaders"]["access-control-allow-origin"], json!([ORIGIN]));
    assert_eq!(answer["headers"], json!({}));
}

/// Callers that the gateway has not verified, or has verified for another pool or client, or before the token expired.
#[tokio::test]
async fn claims_are_checked_again() {
    for (name, value) in [
        ("iss", json!("https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_Other")),
        ("client_id", json!("client-2")),
        ("token_use", json!("refresh")),
        ("sub", json!("")),
        ("exp", json!("1767225500")),
    ] {
        let mut event = http_v2(None);
        event["requestContext"]["authorizer"]["jwt"]["claims"][name] = value;
        let answer = answer(&event).await;
        assert_eq!(answer["statusCode"], 401, "{name}: {answer}");
    }
    for event in [rest_v1(None), http_v2(None)] {
        let mut event = event;
        event["requestContext"]["authorizer"] = Value::Null;
        assert_eq!(answer(&event).await["statusCode"], 401);
    }
}

#[tokio::test]
async fn invalid_event_fails_only_its_invocation() {
    let function = function();
    let twice = http_v2(None).to_string().replacen('{', r#"{"rawPath":"/upload-url","#, 1);
    let deep = "[".repeat(100_000);
    for text in ["{}", "[]", "null", "7", r#"{"Records":[]}"#, "not json", &twice, &deep] {
        assert!(function.answer(text).await.is_err(), "{text}");
    }
    assert_eq!(function.answer(&http_v2(None).to_string()).await.unwrap()["statusCode"], 200);
}

#[tokio::test]
async fn unknown_path_returns_404() {
    let mut event = http_v2(None);
    event["rawPath"] = "/prod/other".into();
    event["requestContext"]["http"]["path"] = "/prod/other".into();
    assert_eq!(answer(&event).await["statusCode"], 404);
}

/// The stage and the base path of a custom domain name are not part of the path.
#[tokio::test]
async fn stage_and_base_path_are_removed() {
    for (path, resource, status) in [
        ("/upload-url", "/upload-url", 200),
        ("/prod/upload-url", "/upload-url", 200),
        ("/v1/upload-url", "/upload-url", 200),
        ("/prod/upload-url", "/{proxy+}", 200),
        ("/upload-url", "/{proxy+}", 200),
        ("/v1/upload-url", "/{proxy+}", 404),
        ("/prod/other", "/other", 404),
    ] {
        let mut event = rest_v1(None);
        event["path"] = path.into();
        event["resource"] = resource.into();
        event["requestContext"]["resourcePath"] = resource.into();
        let answer = answer(&event).await;
        assert_eq!(answer["statusCode"], status, "{path} {resource}: {answer}");
    }
}

/// A function with the default features contains neither a TLS client nor the AWS SDK.
#[test]
fn default_features_have_no_tls_and_no_sdk() {
    let tree = |features: &[&str]| {
        let mut cargo = std::process::Command::new(env!("CARGO"));
        cargo.args([
            "tree",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "-p",
            "upsign-lambda",
        ]);
        let output = cargo.args(features).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let heavy = |tree: &str| {
        let names = ["reqwest", "rustls", "aws-config", "aws-smithy-runtime", "openssl", "axum"];
        tree.lines().filter(|line| names.contains(&line.split(' ').next().unwrap())).count()
    };
    assert_eq!(heavy(&tree(&[])), 0);
    assert!(
        heavy(&tree(&["--features", "chain,verify"])) > 0,
        "the list must name crates that the features add"
    );
}
