//! Functions whose routes upload in parts: what they need to start, and an upload that begins.

use std::sync::Arc;

use upsign_config::{Config, InvalidTokenSecrets};
use upsign_core::Credentials;
use upsign_lambda::environment::FunctionSettings;
use upsign_lambda::{StartError, TokenKeys, UploadFunction, error_chain};
use upsign_testing::FixedClock;
use upsign_testing::mocks::MockObjectCalls;

use crate::events::{http_v2, rest_v1};
use crate::granted;

const FILE: &str = r#"
bucket = { name = "article-images-bucket", region = "ap-southeast-1" }
cors = { origins = ["https://app.example.com"] }

[route.videos]
key = "videos/{sub}/{id}"
types = ["video/mp4"]
max_size = "5 GiB"
bodyless = "refuse"
multipart = "always"

[auth]
user_pool = "ap-southeast-1_AbCdEf123"
client_ids = ["client-1"]
token_use = "any"
"#;

fn settings(rest: &str) -> FunctionSettings {
    let config = Config::read("upsign.toml", &format!("{FILE}{rest}"), |_| None).unwrap();
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    FunctionSettings::new(config, credentials).without_metrics()
}

fn keys() -> TokenKeys {
    TokenKeys::new("default", [[7; 32]]).unwrap()
}

/// Returns calls to a store that creates one upload.
fn store() -> MockObjectCalls {
    let mut store = MockObjectCalls::new();
    store.expect_create_multipart_upload().once().returning(|_, _| Ok("VXBsb2FkSWQ".parse().unwrap()));
    store
}

#[test]
fn function_without_secrets_of_upload_tokens_does_not_start() {
    let start = |rest: &str| {
        let settings = settings(rest).with_objects(|_| Arc::new(MockObjectCalls::new()));
        UploadFunction::behind_authorizer(settings).unwrap_err()
    };
    let error = start("");
    assert!(matches!(error, StartError::TokenKeys(InvalidTokenSecrets::NoKeys)), "{error:?}");
    let error = start("[token]\nkeys = [\"env:UPSIGN_TEST_TOKEN_SECRET_THAT_IS_NOT_SET\"]");
    assert_eq!(
        error_chain(&error).to_string(),
        "uploads with upload tokens cannot be served: token.keys: item 1: the variable UPSIGN_TEST_TOKEN_SECRET_THAT_IS_NOT_SET is not set or empty: set it to what `openssl rand -base64 32` prints"
    );
}

#[cfg(not(feature = "multipart"))]
#[test]
fn function_without_http_client_names_the_feature() {
    let error = UploadFunction::behind_authorizer(settings("").with_token_keys(keys())).unwrap_err();
    assert!(matches!(&error, StartError::MultipartDisabled(route) if **route == *"videos"), "{error:?}");
    assert!(error.to_string().contains("build the function with the feature `multipart`"), "{error}");
}

#[cfg(feature = "multipart")]
#[test]
fn calls_to_the_store_need_no_settings() {
    assert!(UploadFunction::behind_authorizer(settings("").with_token_keys(keys())).is_ok());
}

#[cfg(feature = "multipart")]
#[tokio::test]
async fn secrets_are_loaded_for_multipart_routes_only() {
    let error = settings("").load_token_keys().await.unwrap_err();
    assert!(matches!(error, InvalidTokenSecrets::NoKeys), "{error:?}");
    let file = FILE.replace("multipart = \"always\"", "");
    let config = Config::read("upsign.toml", &file, |_| None).unwrap();
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let settings = FunctionSettings::new(config, credentials).load_token_keys().await.unwrap();
    assert!(UploadFunction::behind_authorizer(settings).is_ok());
}

#[tokio::test]
async fn upload_in_parts_begins_behind_every_api() {
    let body = r#"{"route":"videos","contentType":"video/mp4","contentLength":20971520}"#;
    for event in [rest_v1(Some(body)), http_v2(Some(body))] {
        let settings = settings("").with_token_keys(keys()).with_objects(|_| Arc::new(store()));
        let function = UploadFunction::behind_authorizer(settings).unwrap();
        let function = function.with_clock(FixedClock::new("2026-01-01T00:00:00Z"));
        let grant = granted(&function.answer(&event.to_string()).await.unwrap());
        assert_eq!(grant["method"], "MULTIPART", "{grant}");
        assert!(grant["key"].as_str().unwrap().starts_with("videos/alice/"), "{grant}");
        assert_eq!((&grant["partSize"], &grant["partCount"]), (&(8 << 20).into(), &3.into()), "{grant}");
        assert!(grant["uploadToken"].as_str().unwrap().len() > 100 && grant.get("uploadUrl").is_none());
    }
}
