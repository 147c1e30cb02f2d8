//! The URLs of the API in its answers begin with what the gateway has removed from the path: a stage, or a base path.

use std::sync::Arc;

use serde_json::Value;
use upsign_config::Config;
use upsign_core::{Credentials, Identity};
use upsign_http::authenticate_fn;
use upsign_lambda::environment::FunctionSettings;
use upsign_lambda::{RoleSigner, TokenKeys, UploadFunction};
use upsign_objects::{CallFailure, ObjectError, StoreError};
use upsign_testing::FixedClock;
use upsign_testing::mocks::MockObjectCalls;

use crate::granted;

const FILE: &str = r#"
dialects = ["better-upload", "git-lfs"]
bucket = { name = "article-images-bucket", region = "eu-central-1" }
cors = { origins = ["https://app.example.com"] }

[route.videos]
key = "videos/{sub}/{id}"
types = ["video/mp4"]
max_size = "5 GiB"
bodyless = "refuse"
multipart = "always"

# It has the name of the stage.
[route.prod]
key = "prod/{sub}/{sha256}"
types = ["application/octet-stream"]
max_size = "5 GiB"
bodyless = "refuse"
checksums = ["sha256"]
require_checksum = true
confirm = true
"#;
const BETTER_UPLOAD: &str =
    r#"{"route": "videos", "files": [{"name": "a.mp4", "size": 20971520, "type": "video/mp4"}]}"#;
const BATCH: &str = r#"{"operation": "upload", "transfers": ["basic"], "objects": [{"size": 5, "oid":
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}]}"#;

/// The recorded events with an own path, and the public URL of the API.
const CASES: [(&str, &str); 9] = [
    ("rest-stage", "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod"),
    ("rest-base-path", "https://api.example.com/v1"),
    ("rest-proxy-base-path", "https://api.example.com/v1"),
    ("http-stage", "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod"),
    ("http-payload-1-stage", "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod"),
    ("http-base-path", "https://api.example.com/v1"),
    ("http-proxy-base-path", "https://api.example.com/v1"),
    ("http-base64", "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"),
    ("load-balancer", "https://uploads-846800462.eu-central-1.elb.amazonaws.com"),
];

fn store() -> MockObjectCalls {
    let mut store = MockObjectCalls::new();
    store.expect_create_multipart_upload().returning(|_, _| Ok("VXBsb2FkSWQ".parse().unwrap()));
    store.expect_head_object().returning(|_, _| {
        let failure = CallFailure::Store(StoreError::new(404).with_code("NoSuchKey"));
        Err(ObjectError::new("HeadObject", failure))
    });
    store
}

fn function() -> UploadFunction<RoleSigner> {
    let config = Config::read("upsign.toml", FILE, |_| None).unwrap();
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let settings = FunctionSettings::new(config, credentials).without_metrics();
    let keys = TokenKeys::new("default", [[7; 32]]).unwrap();
    let settings = settings.with_token_keys(keys).with_objects(|_| Arc::new(store()));
    let alice =
        authenticate_fn(|_, _| async { Ok(Identity::from_verified("https://issuer.example", "alice")?) });
    let function = UploadFunction::with_authenticator(settings.api().unwrap(), alice);
    function.with_clock(FixedClock::new("2026-01-01T00:00:00Z"))
}

/// Returns a recorded event with another path and body.
fn event(name: &str, path: &str, body: &str) -> Value {
    let file = format!("{}/tests/it/gateways/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(file).unwrap().replace("upload-url", path);
    let mut event: Value =
        serde_json::from_str(&text.replace("\"45\"", &format!("\"{}\"", body.len()))).unwrap();
    event["body"] = body.into();
    event["isBase64Encoded"] = false.into();
    event
}

#[tokio::test]
async fn urls_of_the_api_have_the_stage_or_the_base_path() {
    let function = function();
    for (name, public) in CASES {
        let answer = function.answer(&event(name, "better-upload", BETTER_UPLOAD).to_string()).await.unwrap();
        let complete = granted(&answer)["multipart"]["files"][0]["completeSignedUrl"].clone();
        let expected = format!("{public}/better-upload/multipart?uploadId=");
        assert!(complete.as_str().unwrap().starts_with(&expected), "{name}: {complete}");

        let path = "prod/info/lfs/objects/batch";
        let answer = function.answer(&event(name, path, BATCH).to_string()).await.unwrap();
        let object = granted(&answer)["objects"][0].clone();
        let verify = &object["actions"]["verify"]["href"];
        assert_eq!(verify, &format!("{public}/prod/info/lfs/verify"), "{name}: {object}");
    }
}

/// The path of an HTTP API has the stage also behind a custom domain, where no client sends it.
#[tokio::test]
async fn stage_behind_a_custom_domain_is_not_public() {
    let mut event = event("http-stage", "better-upload", BETTER_UPLOAD);
    event["requestContext"]["domainName"] = "api.example.com".into();
    for (prefix, public) in [(None::<&str>, ""), (Some("/v2"), "/v2")] {
        if let Some(prefix) = prefix {
            event["headers"]["x-forwarded-prefix"] = prefix.into();
        }
        event["headers"]["host"] = "api.example.com".into();
        let answer = function().answer(&event.to_string()).await.unwrap();
        let complete = granted(&answer)["multipart"]["files"][0]["completeSignedUrl"].clone();
        let expected = format!("https://api.example.com{public}/better-upload/multipart?");
        assert!(complete.as_str().unwrap().starts_with(&expected), "{complete}");
    }
}
