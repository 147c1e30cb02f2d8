//! `upsign dev`: the embedded stack, kept running, with a page to try it.

mod guard;
mod page;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{FromRef, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use http::HeaderMap;
use http::header::HOST;
use serde::Deserialize;
use serde_json::{Value, json};
use upsign::SigV4;
use upsign_axum::{Authentication, Caller};
use upsign_core::{ExpiresIn, ObjectKey, Operation, PresignRequest, Sign};
use upsign_http::Problem;

use crate::exit::{Exit, Failed};
use crate::stack::{Stack, TEMPLATE, TYPES, USERNAME};
use crate::{say, server};

pub(crate) async fn run(listen: SocketAddr, json: bool) -> Result<Exit, Failed> {
    if !listen.ip().is_loopback() {
        let hint = "its user and keys are for trying out; `upsign serve` is the one to expose";
        return Err(
            Failed::usage(format!("upsign dev listens on this machine only, not on {listen}")).hint(hint)
        );
    }
    let (listener, address) = server::bind(listen).await?;
    let stack = Arc::new(Stack::start(address).await?);
    describe(&stack, address, json);
    let app = app(&stack, address)?;
    server::serve(listener, app, server::asked_to_end()).await?;
    if let Ok(stack) = Arc::try_unwrap(stack) {
        stack.shutdown().await;
    }
    Ok(Exit::Success)
}

fn describe(stack: &Stack, address: SocketAddr, json: bool) {
    say::line(&format!("upsign dev: open http://{address}/"));
    say::detail("api", &format!("POST http://{address}/upload-url"));
    say::detail("s3", &stack.s3.endpoint().to_string());
    say::detail("pool", &stack.pool.issuer());
    say::line("   Ctrl-C ends it; everything uploaded goes with it.");
    if json {
        let ready = json!({
            "page": format!("http://{address}/"), "api": format!("http://{address}"),
            "s3": stack.s3.endpoint().to_string(), "pool": stack.pool.endpoint(),
        });
        say::answer(&ready.to_string());
    }
}

/// What the page's own routes know.
#[derive(Clone)]
struct Dev {
    stack: Arc<Stack>,
    signer: Arc<SigV4>,
}

impl FromRef<Dev> for Authentication {
    fn from_ref(dev: &Dev) -> Self {
        dev.stack.authentication.clone()
    }
}

fn app(stack: &Arc<Stack>, address: SocketAddr) -> Result<Router, Failed> {
    let dev = Dev { stack: Arc::clone(stack), signer: Arc::new(SigV4::new()) };
    let own = Router::new()
        .route("/dev/config.json", get(config))
        .route("/dev/read", post(read))
        .with_state(dev)
        .merge(page::router());
    let all = upsign_axum::router(stack.api()?, stack.authentication.clone()).merge(own);
    Ok(all.layer(middleware::from_fn_with_state(guard::Guard::new(address), guard::only_this_machine)))
}

/// What the page needs to know. The password is good for this process alone.
async fn config(State(dev): State<Dev>, headers: HeaderMap) -> Json<Value> {
    let (stack, policy) = (&dev.stack, &dev.stack.policy);
    // Under the name that the page was called by, 127.0.0.1 or localhost: they are two origins.
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    Json(json!({
        "api": format!("http://{host}"),
        "uploadUrlPath": "/upload-url",
        "pool": {
            "endpoint": stack.pool.endpoint(), "clientId": stack.pool.client_id(),
            "username": USERNAME, "password": stack.password,
        },
        "s3": stack.s3.endpoint().to_string(),
        "bucket": policy.target().bucket().as_str(),
        "region": policy.target().region().as_str(),
        "policy": {
            "types": TYPES, "maxSize": policy.max_size(), "expiresIn": policy.expires_in().as_secs(),
            "keyTemplate": TEMPLATE,
        },
    }))
}

#[derive(Deserialize)]
struct Read {
    key: String,
}

/// A URL to read an upload back with, for a minute.
async fn read(
    State(dev): State<Dev>,
    caller: Caller,
    Json(Read { key }): Json<Read>,
) -> Result<Json<Value>, Response> {
    let refused = || Problem::not_found().response().map(Into::into);
    let key: ObjectKey = key.parse().map_err(|_| refused())?;
    let lifetime = ExpiresIn::from_secs(60).map_err(|_| refused())?;
    let request = PresignRequest::new(dev.stack.policy.target().clone(), Operation::GetObject, key, lifetime);
    match dev.signer.sign(&request, dev.stack.s3.credentials(), caller.at) {
        Ok(signed) => Ok(Json(json!({"url": signed.url.expose()}))),
        Err(_) => Err(Problem::internal().response().map(Into::into)),
    }
}
