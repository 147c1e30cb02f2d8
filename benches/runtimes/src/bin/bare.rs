//! A handler that returns a constant, behind the same server and middleware as `upsign serve`. Prints its address.
#![expect(clippy::print_stdout, reason = "the load program reads the address from standard output")]

use std::sync::Arc;

use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use upsign_axum::{Metrics, Server, TrustedProxies, observe};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let metrics = Arc::new(Metrics::new());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", json!({"listening": format!("http://{}", listener.local_addr()?)}));
    // About as long as a response that contains a grant.
    let response = json!({"uploadUrl": "x".repeat(560), "key": "y".repeat(90), "headers": {"content-type": "image/jpeg"}});
    let app = Router::new().route("/upload-url", post(async move || Json(response.clone())));
    let app = observe(app, TrustedProxies::default(), metrics.clone());
    Server::new(listener).with_observer(metrics).serve(app, std::future::pending()).await;
    Ok(())
}
