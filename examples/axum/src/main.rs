//! Run with `AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… cargo run -p example-axum`.
//!
//! Adds `POST /upload-url` to your own axum service, for users of a Cognito user pool. The `Dockerfile` and
//! `upsign.service` of this package run `upsign serve` instead, which needs no code.
#![expect(clippy::disallowed_methods, reason = "a program reads its own environment")]

use std::env;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use upsign::policy::{Bodyless, ContentRules, KeyTemplate, SizeLimit};
use upsign::{SigV4, UploadIssuer, UploadPolicy};
use upsign_axum::{Authentication, Caller, NoObserver, Server, TrustedProxies, observe};
use upsign_cognito::{HttpFetch, TokenUse, TrustedIssuer, Verifier, VerifierConfig};
use upsign_core::{CorsOrigins, Credentials, Target, WithCredentials};
use upsign_http::{Api, BearerToken};

/// One of your own handlers. The extractor `Caller` verifies the token before the handler runs.
async fn hello(caller: Caller) -> String {
    format!("hello {}\n", caller.identity.subject().as_str())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let ids = ["article_id".parse()?];
    let template = KeyTemplate::parse("articles/{article_id}/raw/{id}.{ext}", &ids)?;
    let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    let policy = UploadPolicy::builder(target, template, Bodyless::Refuse)
        .content(ContentRules::new(["image/jpeg", "image/png", "image/webp"])?)
        .size(SizeLimit::up_to(10 << 20)?)
        .build()?;
    let credentials =
        Credentials::long_term(&env::var("AWS_ACCESS_KEY_ID")?, &env::var("AWS_SECRET_ACCESS_KEY")?)?;
    let issuer = UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials))?;
    let api = Api::new(issuer, CorsOrigins::listed(["https://app.example.com".parse()?]));

    let pool = TrustedIssuer::user_pool(&"ap-southeast-1_AbCdEf123".parse()?);
    let verifier = VerifierConfig::new(pool, ["3n4b5urk1ft4fl3mg5e62d9ado"], TokenUse::Access)?;
    let authentication = Authentication::new(BearerToken::new(Verifier::new(verifier, HttpFetch::new())));

    let app = Router::new()
        .route("/hello", get(hello))
        .with_state(authentication.clone())
        .merge(upsign_axum::router(api, authentication));
    // Request ids and spans for every route; `Server` limits connections, slow request heads and idle time.
    let app = observe(app, TrustedProxies::default(), Arc::new(NoObserver));
    let server = Server::new(tokio::net::TcpListener::bind("127.0.0.1:8080").await?);
    let shutdown = async { drop(tokio::signal::ctrl_c().await) };
    server.serve(app, shutdown).await;
    Ok(())
}
