//! Run with `AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… cargo run -p example-axum`.
//!
//! Adds `POST /upload-url` to your own axum service, for users of a Cognito user pool. The `Dockerfile` and
//! `upsign.service` of this package run `upsign serve` instead, which needs no code.
#![expect(clippy::disallowed_methods, reason = "a program reads its own environment")]

use std::env;

use axum::{Router, routing::get};
use upsign_axum::{
    Api, Authentication, Bodyless, Caller, CorsOrigins, Credentials, Target, TokenUse, UploadIssuer,
    UploadPolicy, UserPool, router,
};

/// One of your own handlers. The extractor `Caller` verifies the token before the handler runs.
async fn hello(caller: Caller) -> String {
    format!("hello {}\n", caller.identity.subject())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    let key = "articles/{article_id}/raw/{id}.{ext}".parse()?;
    let policy = UploadPolicy::builder(target, key, Bodyless::Refuse)
        .content_types(["image/jpeg", "image/png", "image/webp"])
        .max_size(10 << 20)
        .build()?;
    let credentials =
        Credentials::long_term(&env::var("AWS_ACCESS_KEY_ID")?, &env::var("AWS_SECRET_ACCESS_KEY")?)?;
    let origins = CorsOrigins::listed(["https://app.example.com".parse()?]);
    let api = Api::new(UploadIssuer::sigv4(policy, credentials)?, origins);

    let clients = ["3n4b5urk1ft4fl3mg5e62d9ado"];
    let verifier = UserPool::verifier("ap-southeast-1_AbCdEf123", clients, TokenUse::Access)?;
    let authentication = Authentication::bearer(verifier);

    let app = Router::new()
        .route("/hello", get(hello))
        .with_state(authentication.clone())
        .merge(router(api, authentication));
    // `upsign_axum::observe` adds request ids and spans; `upsign_axum::Server` limits connections and slow requests.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    Ok(axum::serve(listener, app).await?)
}
