//! `upsign dev`: the embedded services, kept running, with a web page to try them.

mod commands;
mod config;
mod diagnosis;
mod guard;
mod live;
mod page;
mod page_config;
mod panels;
mod run_state;
mod snippets;
mod token;
mod users;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::{FromRef, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};
use upsign::{SigV4, UploadService};
use upsign_axum::{Authentication, Caller, NoObserver, TrustedProxies};
use upsign_core::{Bucket, ExpiresIn, ObjectKey, Operation, Origin, PresignRequest, Sign, Timestamp};
use upsign_http::{Problem, UPLOAD_URL};
use upsign_policy::UploadPolicy;

use crate::browser_client::{self, Caching};
use crate::config_file::DEFAULT_FILE;
use crate::embedded::{EmbeddedIssuer, EmbeddedServices, Presigner, User};
use crate::exit::{CommandError, Exit};
use crate::listen::{self, ShutdownSignals};
use crate::output;
use live::{Live, Start};
use run_state::{RunState, SavedProblem};
use users::UserArgs;

#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// Serve the routes of this configuration file, with the embedded bucket and user pool in place of its own, and again when it is saved.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Loopback address for the page and the API; port 0 picks a free port.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:4280", value_parser = listen::address)]
    listen: SocketAddr,
    /// Admit pages of this origin, such as http://localhost:5173: they may call the API, upload, and get tokens; repeatable.
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<Origin>,
    #[command(flatten)]
    users: UserArgs,
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
    let start = Start {
        address,
        users: args.users.0.clone(),
        admitted: args.origins.clone(),
        file: args.config.clone(),
    };
    let live = Live::start(start, &config).await?;
    let services = Arc::clone(&live.current().services);
    let signals = ShutdownSignals::install()?;
    print_addresses(&services, address);
    match &args.config {
        Some(file) => config::print(file, &services),
        None if Path::new(DEFAULT_FILE).exists() => output::notes().line(&format!(
            "   The {DEFAULT_FILE} in this folder is not used. To try it: upsign dev --config {DEFAULT_FILE}"
        )),
        None => {}
    }
    config::print_users(&services);
    output::notes().line("   Press Ctrl-C to stop. Uploaded files are then deleted.");
    commands::print_reading(&services, address);
    commands::print_aws_cli(&services);
    commands::print_verification(&services, address);
    commands::print_requests(&services, address);
    if json {
        output::result(&ready(&services, address).to_string());
    }
    let config = services.config.clone();
    drop(services);
    let watch = live.watch();
    listen::serve_locally(listener, live.router(), &config, signals.received(1)).await;
    watch.abort();
    // Its end is waited for, because it uses the servers.
    let _ = watch.await;
    live.shutdown().await;
    Ok(Exit::Success)
}

fn print_addresses(services: &EmbeddedServices, address: SocketAddr) {
    let notes = output::notes();
    notes.line(&format!("upsign dev: open http://{address}/"));
    notes.detail("api", &format!("POST http://{address}{UPLOAD_URL}"));
    notes.detail(
        "client",
        &format!("import http://{address}{}{}", upsign_browser::PREFIX, upsign_browser::ENTRY),
    );
    notes.detail("s3", &services.s3.endpoint().to_string());
    for issuer in services.issuers.iter() {
        let name = issuer.name.as_ref().map(|name| format!("{name}, ")).unwrap_or_default();
        notes.detail(issuer.label(), &format!("{name}{}", issuer.pool.issuer()));
    }
    let has_several = (services.users.len() > 1, services.issuers.iter().count() > 1);
    let query = match has_several {
        (false, false) => "",
        (true, false) => "?user=NAME",
        (false, true) => "?issuer=NAME",
        (true, true) => "?user=NAME&issuer=NAME",
    };
    notes.detail("token", &format!("GET http://{address}{}{query}", token::PATH));
}

/// Returns what a program that starts the server needs to know. The keys and users exist for this run only.
fn ready(services: &EmbeddedServices, address: SocketAddr) -> Value {
    let credentials = services.s3.credentials();
    json!({
        "page": format!("http://{address}/"),
        "api": format!("http://{address}"),
        "token": format!("http://{address}{}", token::PATH),
        "client": format!("http://{address}{}", upsign_browser::path(upsign_browser::ENTRY)),
        "s3": services.s3.endpoint().to_string(),
        "s3Credentials": {
            "accessKeyId": credentials.access_key_id(),
            "secretAccessKey": credentials.secret_access_key(),
            "region": services.s3.region().as_str(),
        },
        "pool": services.issuers.first().pool.endpoint(),
        "users": services.users.iter().map(User::json).collect::<Vec<_>>(),
        "issuers": services.issuers.iter().map(EmbeddedIssuer::json).collect::<Vec<_>>(),
        "buckets": services.buckets().iter().map(Bucket::as_str).collect::<Vec<_>>(),
        "origins": services.origins.others(),
    })
}

/// The state of the page's own routes.
#[derive(Clone)]
struct DevState {
    services: Arc<EmbeddedServices>,
    signer: Arc<SigV4>,
    service: UploadService<Presigner>,
    run: RunState,
    problem: SavedProblem,
    /// The configuration file, as the command line names it.
    file: Option<Arc<str>>,
}

impl FromRef<DevState> for Authentication {
    fn from_ref(dev: &DevState) -> Self {
        dev.services.authentication.clone()
    }
}

fn app(dev: DevState) -> Result<Router, CommandError> {
    let (services, service) = (Arc::clone(&dev.services), dev.service.clone());
    let own = Router::new()
        .route("/dev/config.json", get(page_config::page_config))
        .route("/dev/state.json", get(run_state::state))
        .route("/dev/diagnose", diagnosis::route())
        .route("/dev/read", post(read))
        .route(token::PATH, get(token::token))
        .merge(panels::routes())
        .layer(middleware::map_response(token::private))
        .with_state(dev)
        .merge(page::router());
    let api = services.api(service)?;
    let base_path = services.config.base_path().as_str();
    let guard = guard::Guard::new(services.origins.clone(), &api, base_path);
    let client = browser_client::router(services.origins.all(), base_path, Caching::Never);
    let all = upsign_axum::router(api, services.authentication.clone()).merge(own).merge(client);
    let all = all.layer(middleware::from_fn_with_state(guard, guard::only_this_machine));
    Ok(upsign_axum::observe(all, TrustedProxies::default(), NoObserver))
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
    let malformed = |reason: &str| Problem::request_malformed(reason).response().map(Into::into);
    let key: ObjectKey = key.parse().map_err(|_| malformed("this is not the key of an object"))?;
    let unknown_route = || malformed("there is no route of this name: write upload for the default route");
    let policy = match &route {
        Some(name) => dev.services.named_policy(name).ok_or_else(unknown_route)?,
        None => dev.services.policy().map_err(|_| internal_error())?,
    };
    let url = read_url(&dev, policy, key, caller.at)?;
    Ok(Json(json!({ "url": url })))
}

/// Returns a URL that reads an object of a route, valid for one minute.
fn read_url(
    dev: &DevState,
    policy: &UploadPolicy,
    key: ObjectKey,
    at: Timestamp,
) -> Result<String, panels::Rejected> {
    let lifetime = ExpiresIn::from_secs(60).map_err(|_| internal_error())?;
    let request = PresignRequest::new(policy.target().clone(), Operation::GetObject, key, lifetime);
    let signed = dev.signer.sign(&request, dev.services.s3.credentials(), at);
    signed.map(|signed| signed.url.expose().to_owned()).map_err(|_| internal_error().into())
}
