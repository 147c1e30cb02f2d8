//! The upload API of an application that asks its database about each upload: the answer takes 20 ms. The first argument is
//! the maximum number of concurrent requests. Prints its address.
#![expect(clippy::print_stdout, reason = "the measurement reads the address from standard output")]

use std::time::Duration;

use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::sleep;
use upsign_axum::{
    Api, Authentication, Bodyless, CorsOrigins, Credentials, Decision, Identity, Limits, Server, Target,
    UploadIssuer, UploadPolicy, authenticate_fn, authorize_fn, router_with_limits,
};

/// How long the database takes to answer.
const QUERY: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let requests = std::env::args().nth(1).ok_or("usage: authorizing REQUESTS")?.parse()?;
    let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    let policy =
        UploadPolicy::builder(target, "articles/{article_id}/raw/{id}.{ext}".parse()?, Bodyless::Allow)
            .content_types(["image/jpeg", "image/png", "image/webp"])
            .max_size(10 << 20)
            .build()?;
    let credentials =
        Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")?;
    let authorize = authorize_fn(|_| async {
        sleep(QUERY).await;
        Ok(Decision::Allow)
    });
    let issuer = UploadIssuer::sigv4(policy, credentials)?.with_authorizer(authorize);
    let api = Api::new(issuer, CorsOrigins::listed(["https://app.example.com".parse()?]));
    let authentication = Authentication::new(authenticate_fn(|_, _| async {
        Ok(Identity::from_verified("https://issuer.example", "alice")?)
    }));
    let limits = Limits::default().with_requests(requests);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", json!({"listening": format!("http://{}", listener.local_addr()?)}));
    let app = router_with_limits(api, authentication, limits.clone());
    Server::new(listener).with_limits(limits).serve(app, std::future::pending()).await;
    Ok(())
}
