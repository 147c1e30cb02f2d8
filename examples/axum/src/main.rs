//! Run with `AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… cargo run -p example-axum`: upload grants inside an axum
//! service of your own, for the users of a Cognito pool. `Dockerfile` and `upsign.service` beside this file run
//! `upsign serve` instead, which needs no code.
#![expect(clippy::disallowed_methods, reason = "a program reads its own environment")]

use std::env;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use upsign::policy::{Bodyless, ContentRules, KeyTemplate, SizeLimit};
use upsign::{SigV4, UploadIssuer, UploadPolicy};
use upsign_axum::{Authentication, Caller, Server, TrustedProxies, Unobserved, observed};
use upsign_cognito::{HttpFetch, TokenUse, TrustedIssuer, Verifier, VerifierConfig};
use upsign_core::{Credentials, Target, WithCredentials};
use upsign_documents::CorsOrigins;
use upsign_http::{Api, BearerToken};

/// A handler of your own: the caller is verified before it runs.
async fn hello(caller: Caller) -> String {
    format!("hello {}\n", caller.identity.subject().as_str())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let ids = ["article_id".parse()?];
    let template = KeyTemplate::parse("articles/{article_id}/raw/{id}.{ext}", &ids)?;
    let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    let policy = UploadPolicy::builder(target, template, Bodyless::Refuse)
        .content(ContentRules::of(["image/jpeg", "image/png", "image/webp"])?)
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
    // Request ids and spans around all of it; strangers' slow heads and idle connections kept in bounds.
    let app = observed(app, TrustedProxies::default(), Arc::new(Unobserved));
    let server = Server::new(tokio::net::TcpListener::bind("127.0.0.1:8080").await?);
    let end = async { drop(tokio::signal::ctrl_c().await) };
    server.serve(app, end).await;
    Ok(())
}
