//! `upsign dev`: the embedded services, kept running, with a web page to try them.

mod commands;
mod config;
mod guard;
mod page;
mod token;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::{FromRef, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use clap::Args;
use http::HeaderMap;
use http::header::HOST;
use serde::Deserialize;
use serde_json::{Value, json};
use upsign::{RouteName, SigV4};
use upsign_axum::{Authentication, Caller};
use upsign_core::{ExpiresIn, ObjectKey, Operation, PresignRequest, Sign};
use upsign_http::Problem;
use upsign_policy::Checksums;

use crate::config_file::DEFAULT_FILE;
use crate::embedded::{EmbeddedServices, USERNAME};
use crate::exit::{CommandError, Exit};
use crate::listen::{self, ShutdownSignals};
use crate::{output, sample};

#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// Serve the routes of this configuration file, with the embedded bucket and user pool in place of its own.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Loopback address for the page and the API; port 0 picks a free port.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:4280", value_parser = listen::address)]
    listen: SocketAddr,
}

pub(crate) async fn run(args: &DevArgs, json: bool) -> Result<Exit, CommandError> {
    if !args.listen.ip().is_loopback() {
        let hint = "its user and keys are for development; `upsign serve` is the server to expose";
        let message = format!("upsign dev listens on this machine only, not on {}", args.listen);
        return Err(CommandError::usage(message).with_help(hint));
    }
    let config = match &args.config {
        Some(file) => config::load(file)?,
        None => EmbeddedServices::default_config()?,
    };
    let (listener, address) = listen::bind(args.listen, "--listen").await?;
    let services = Arc::new(EmbeddedServices::start(address, &config).await?);
    let app = app(&services, address)?;
    let signals = ShutdownSignals::install()?;
    print_addresses(&services, address);
    match &args.config {
        Some(file) => config::print(file, &services),
        None if Path::new(DEFAULT_FILE).exists() => output::notes().line(&format!(
            "   The {DEFAULT_FILE} in this folder is not used. To try it: upsign dev --config {DEFAULT_FILE}"
        )),
        None => {}
    }
    output::notes().line("   Press Ctrl-C to stop. Uploaded files are then deleted.");
    commands::print_reading(&services, address);
    commands::print_verification(&services, address);
    commands::print_requests(&services, address, args.config.as_deref());
    if json {
        let ready = json!({
            "page": format!("http://{address}/"), "api": format!("http://{address}"),
            "token": format!("http://{address}{}", token::PATH),
            "s3": services.s3.endpoint().to_string(), "pool": services.pool.endpoint(),
        });
        output::result(&ready.to_string());
    }
    listen::serve_locally(listener, app, signals.received(1)).await;
    if let Ok(services) = Arc::try_unwrap(services) {
        services.shutdown().await;
    }
    Ok(Exit::Success)
}

fn print_addresses(services: &EmbeddedServices, address: SocketAddr) {
    output::notes().line(&format!("upsign dev: open http://{address}/"));
    output::notes().detail("api", &format!("POST http://{address}/upload-url"));
    output::notes().detail("s3", &services.s3.endpoint().to_string());
    output::notes().detail("pool", &services.pool.issuer());
    output::notes().detail("token", &format!("GET http://{address}{}", token::PATH));
}

/// The state of the page's own routes.
#[derive(Clone)]
struct DevState {
    services: Arc<EmbeddedServices>,
    signer: Arc<SigV4>,
}

impl FromRef<DevState> for Authentication {
    fn from_ref(dev: &DevState) -> Self {
        dev.services.authentication.clone()
    }
}

fn app(services: &Arc<EmbeddedServices>, address: SocketAddr) -> Result<Router, CommandError> {
    let dev = DevState { services: Arc::clone(services), signer: Arc::new(SigV4::new()) };
    let own = Router::new()
        .route("/dev/config.json", get(page_config))
        .route("/dev/read", post(read))
        .route(token::PATH, get(token::token))
        .with_state(dev)
        .merge(page::router());
    let api = services.api()?;
    let guard = guard::Guard::new(address, services.listed_origins.clone(), api.path());
    let all = upsign_axum::router(api, services.authentication.clone()).merge(own);
    Ok(all.layer(middleware::from_fn_with_state(guard, guard::only_this_machine)))
}

/// Returns the configuration of the page: that of the default route. The password works for this process only.
async fn page_config(State(dev): State<DevState>, headers: HeaderMap) -> Response {
    let services = &dev.services;
    let Ok(route) = services.route() else { return internal_error() };
    let policy = &route.policy;
    // 127.0.0.1 and localhost are two origins, so the API is addressed by the name that the page was opened with.
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let types: Vec<String> = policy.content_rules().ranges().iter().map(ToString::to_string).collect();
    let required = match policy.checksums() {
        Checksums::Required(algorithms) => algorithms.iter().map(|algorithm| algorithm.as_str()).collect(),
        _ => Vec::new(),
    };
    let config = json!({
        "api": format!("http://{host}"),
        "uploadUrlPath": "/upload-url",
        "route": route.name.as_ref().map(RouteName::as_str),
        "pool": {
            "endpoint": services.pool.endpoint(), "clientId": services.pool.client_id(),
            "username": USERNAME, "password": services.password,
            "token": if services.takes_id_tokens() { "IdToken" } else { "AccessToken" },
        },
        "s3": services.s3.endpoint().to_string(),
        "bucket": policy.target().bucket().as_str(),
        "region": policy.target().region().as_str(),
        "policy": {
            "types": types, "minSize": policy.size().min(), "maxSize": policy.max_size(),
            "expiresIn": policy.expires_in().as_secs(), "keyTemplate": policy.template().as_str(),
            "requiredChecksums": required,
        },
        "sample": sample::upload(route).body,
    });
    Json(config).into_response()
}

fn internal_error() -> Response {
    Problem::internal().response().map(Into::into)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadRequest {
    key: String,
    /// The route of the upload. Routes can have buckets of their own.
    route: Option<String>,
}

/// Returns a URL that reads an upload of a route, or of the page's route, valid for one minute.
async fn read(
    State(dev): State<DevState>,
    caller: Caller,
    Json(ReadRequest { key, route }): Json<ReadRequest>,
) -> Result<Json<Value>, Response> {
    let not_found = || Problem::not_found().response().map(Into::into);
    let key: ObjectKey = key.parse().map_err(|_| not_found())?;
    let lifetime = ExpiresIn::from_secs(60).map_err(|_| not_found())?;
    let policy = match &route {
        Some(name) => dev.services.named_policy(name).ok_or_else(not_found)?,
        None => dev.services.policy().map_err(|_| internal_error())?,
    };
    let target = policy.target().clone();
    let request = PresignRequest::new(target, Operation::GetObject, key, lifetime);
    match dev.signer.sign(&request, dev.services.s3.credentials(), caller.at) {
        Ok(signed) => Ok(Json(json!({"url": signed.url.expose()}))),
        Err(_) => Err(internal_error()),
    }
}
