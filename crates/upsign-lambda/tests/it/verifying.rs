//! A function that verifies tokens itself, with keys fetched by the first request that needs them.

use serde_json::Value;
use upsign::{Clock, SystemClock};
use upsign_config::Config;
use upsign_core::Credentials;
use upsign_lambda::UploadFunction;
use upsign_lambda::environment::FunctionSettings;
use upsign_local::{LocalPool, LocalUser};

use crate::events::{alb, function_url, rest_v1};
use crate::granted;

fn with_token(event: &Value, token: &str) -> String {
    event.to_string().replace("x.y.z", token)
}

#[tokio::test]
async fn tokens_are_verified_without_a_gateway() {
    let pool = LocalPool::builder(SystemClock).pool_id("eu-west-1_Readers");
    let pool = pool.user(LocalUser::new("alice", "password")).start().await.unwrap();
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
        jwks_uri = "{}"
        danger_http_issuer = true
        client_ids = ["{}"]
        token_use = "access""#,
        pool.issuer(),
        pool.jwks_url(),
        pool.client_id()
    );
    let config = Config::read("upsign.toml", &file, |_| None).unwrap();
    let settings = FunctionSettings::new(config, Credentials::long_term("AKIDEXAMPLE", "secret").unwrap());
    let function = UploadFunction::verifying_tokens(settings.without_metrics()).unwrap();
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
