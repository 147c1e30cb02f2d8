//! A handler that does nothing, behind the same server and middleware as `upsign serve`. Prints where it listens.
#![expect(clippy::print_stdout, reason = "whoever starts it reads where it listens")]

use std::sync::Arc;

use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use upsign_axum::{Metrics, Server, TrustedProxies, observed};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let metrics = Arc::new(Metrics::new());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", json!({"listening": format!("http://{}", listener.local_addr()?)}));
    // As long as a grant is.
    let answer = json!({"uploadUrl": "x".repeat(560), "key": "y".repeat(90), "headers": {"content-type": "image/jpeg"}});
    let app = Router::new().route("/upload-url", post(async move || Json(answer.clone())));
    let app = observed(app, TrustedProxies::default(), metrics.clone());
    Server::new(listener).with_observer(metrics).serve(app, std::future::pending()).await;
    Ok(())
}
