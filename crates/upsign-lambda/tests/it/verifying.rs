//! A function that verifies tokens itself, with keys fetched by the first request that needs them.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use upsign::{Clock, SystemClock};
use upsign_config::Config;
use upsign_core::Credentials;
use upsign_lambda::UploadFunction;
use upsign_lambda::environment::FunctionSettings;
use upsign_local::{LocalPool, LocalUser};
use upsign_testing::tokens::TestIssuer;

use crate::events::{alb, function_url, rest_v1};
use crate::granted;

fn with_token(event: &Value, token: &str) -> String {
    event.to_string().replace("x.y.z", token)
}

/// Returns settings for tokens of `pool`, whose keys are fetched from `jwks_uri`.
fn settings(pool: &LocalPool, jwks_uri: &str) -> FunctionSettings {
    let file = format!(
        r#"
        bucket = {{ name = "article-images-bucket", region = "ap-southeast-1" }}
        cors = {{ origins = ["https://app.example.com"] }}
        [upload]
        key = "articles/{{id}}.{{ext}}"
        types = ["image/jpeg"]
        max_size = "10 MiB"
        bodyless = "allow"
        [auth]
        issuer = "{}"
        jwks_uri = "{jwks_uri}"
        danger_http_keys = true
        client_ids = ["{}"]
        token_use = "access""#,
        pool.issuer(),
        pool.client_id()
    );
    let config = Config::read("upsign.toml", &file, |_| None).unwrap();
    FunctionSettings::new(config, Credentials::long_term("AKIDEXAMPLE", "secret").unwrap())
}

/// Nothing else shows a broken key endpoint while the keys that were fetched before are used.
#[tokio::test]
async fn failed_fetches_of_keys_are_counted() {
    let pool = LocalPool::builder().pool_id("eu-west-1_Readers");
    let pool = pool.user(LocalUser::new("alice", "password")).start().await.unwrap();
    let settings = settings(&pool, "http://127.0.0.1:1/jwks.json");
    let lines = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&lines);
    let write = move |line: &str| written.lock().unwrap().push(line.to_owned());
    let function = UploadFunction::verifying_tokens(settings.with_metrics_to(write)).unwrap();
    let token = pool.sign_in("alice", "password", pool.client_id(), SystemClock.now()).unwrap();
    let answer = function.answer(&with_token(&function_url(None), token.access_token())).await.unwrap();
    assert_eq!(answer["statusCode"], 503, "{answer}");
    let lines: Vec<Value> =
        lines.lock().unwrap().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["JwksRefreshFailures"], 1, "{lines:?}");
    assert_eq!(lines[0]["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"], "JwksRefreshFailures");
    assert_eq!(lines[1]["Reason"], "keys-unavailable", "{lines:?}");
}

/// With several issuers, an alarm can be set on each, and on all together.
#[tokio::test]
async fn failed_fetches_are_counted_for_each_of_several_issuers() {
    let file = r#"
        bucket = { name = "article-images-bucket", region = "ap-southeast-1" }
        cors = { origins = ["https://app.example.com"] }
        [upload]
        key = "{issuer}/{sub}/{id}.{ext}"
        types = ["image/jpeg"]
        max_size = "10 MiB"
        bodyless = "allow"
        [[auth]]
        name = "customers"
        user_pool = "ap-southeast-1_AbCdEf123"
        client_ids = ["shop"]
        token_use = "access"
        jwks = '{}'
        [[auth]]
        name = "staff"
        issuer = "https://id.example.com/staff"
        jwks_uri = "http://127.0.0.1:1/jwks.json"
        danger_http_keys = true
        client_ids = ["office"]
        token_use = "access"
        "#;
    let customers = TestIssuer::user_pool("ap-southeast-1_AbCdEf123");
    let config =
        Config::read("upsign.toml", &file.replace("'{}'", &format!("'{}'", customers.jwks())), |_| None);
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&lines);
    let write = move |line: &str| written.lock().unwrap().push(serde_json::from_str::<Value>(line).unwrap());
    let settings = FunctionSettings::new(config.unwrap(), credentials).with_metrics_to(write);
    let function = UploadFunction::configured(settings).unwrap();
    let at = SystemClock.now();
    let customer = customers.access_token("alice", "shop").sign(at);
    granted(&function.answer(&with_token(&function_url(None), &customer)).await.unwrap());
    let employee = TestIssuer::custom("https://id.example.com/staff").access_token("bob", "office").sign(at);
    let answer = function.answer(&with_token(&function_url(None), &employee)).await.unwrap();
    assert_eq!(answer["statusCode"], 503, "{answer}");
    let lines = lines.lock().unwrap();
    let failures: Vec<&Value> = lines.iter().filter(|line| line["JwksRefreshFailures"] == 1).collect();
    let [failure] = *failures else { panic!("{lines:?}") };
    assert_eq!(failure["Issuer"], "staff");
    let dimensions = &failure["_aws"]["CloudWatchMetrics"][0]["Dimensions"];
    assert_eq!(*dimensions, serde_json::json!([[], ["Issuer"]]));
}

#[tokio::test]
async fn tokens_are_verified_without_a_gateway() {
    let pool = LocalPool::builder().pool_id("eu-west-1_Readers");
    let pool = pool.user(LocalUser::new("alice", "password")).start().await.unwrap();
    let function =
        UploadFunction::verifying_tokens(settings(&pool, &pool.jwks_url()).without_metrics()).unwrap();
    let token = pool.sign_in("alice", "password", pool.client_id(), SystemClock.now()).unwrap();
    for event in [function_url(None), alb(None), rest_v1(None)] {
        granted(&function.answer(&with_token(&event, token.access_token())).await.unwrap());
        // Claims in the event are ignored, and a token of the wrong use is rejected.
        for wrong in ["x.y.z", token.id_token()] {
            let answer = function.answer(&with_token(&event, wrong)).await.unwrap();
            assert_eq!(answer["statusCode"], 401, "{answer}");
        }
    }
    // After the pool has stopped, the keys that were fetched before are still used.
    pool.shutdown().await;
    granted(&function.answer(&with_token(&alb(None), token.access_token())).await.unwrap());
}
