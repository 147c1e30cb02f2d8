//! `upsign serve`: runs the upload API.

mod admin;
mod args;
mod credentials;
mod events;
mod openapi;
mod proxy;
mod queues;
mod quota;
mod reads;
mod startup;
mod tls;
mod tokens;
mod uploads;
mod webhook;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use http::header::ALLOW;
use serde_json::json;
use tokio::net::TcpListener;
use upsign_axum::{Metrics, Server, TrustedProxies, observe, router_with_limits};
use upsign_config::Config;
use upsign_core::Presigner;
use upsign_http::{Api, Problem};

use self::credentials::Signer;
use self::queues::Queues;
pub(crate) use args::{LogFormat, ServeArgs};

use self::tls::Certificate;
use crate::browser_client::{self, Caching};
use crate::credentials::service_account;
use crate::exit::{CommandError, Exit};
use crate::listen::{self, ShutdownSignals};
use crate::output;

pub(crate) async fn run(args: &ServeArgs, json: bool) -> Result<Exit, CommandError> {
    if args.print_openapi {
        output::result(openapi::of_config(&args.config.load()?)?.trim_end());
        return Ok(Exit::Success);
    }
    if args.print_config {
        let config = args.config.load()?;
        if json {
            let effective: serde_json::Value = toml::from_str(config.effective())
                .map_err(|error| CommandError::caused("the effective configuration", &error))?;
            output::result(&json!({"config": effective, "options": startup::options(args)}).to_string());
        } else {
            output::result(startup::effective_config(&config, args).trim_end());
        }
        return Ok(Exit::Success);
    }
    let config = args.config.load_to_serve()?;
    let (authentication, keys) = tokens::authentication(&config, args.tokens.token_cache)?;
    let signer = Signer::load(&args.credentials, &config).await?;
    let service_account: Option<Arc<dyn Presigner>> = match config.needs_service_account() {
        true => Some(Arc::new(service_account::from_variable()?)),
        false => None,
    };
    let presigner = config.presigner(signer.clone(), service_account);
    let presigner = presigner.map_err(|error| CommandError::caused("cannot sign", &error).into_usage())?;
    let process = signer.of_process(&args.credentials, &config).await?;
    let (parts, token_keys) = uploads::parts(&config, &process).await?;
    let service = config.service_with(presigner, parts);
    let service = service
        .map_err(|error| CommandError::caused("cannot serve this configuration", &error).into_usage())?;
    let webhooks = webhook::open(&config, &process).await?;
    let service = match &webhooks {
        Some(webhooks) => service.with_announcer(Arc::clone(&webhooks.announcer)),
        None => service,
    };
    let service = match reads::open(&config, &process).await? {
        Some(sign) => service.with_read_signer(sign),
        None => service,
    };
    let metrics = Metrics::new();
    let service = service.with_observer(metrics.clone());
    let mut queues = Queues::open(&config, &process, service.clone(), &metrics).await?;
    let certificate = Certificate::read(&args.tls)?;
    let (listener, address) = listen::bind(args.listening.listen, "--listen").await?;
    let admin = bind_admin(args, address).await?;
    startup::print(&config, args, token_keys.as_deref());
    log_panics();
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let observer = Arc::new(metrics.clone());
    let api = Api::new(service, config.origins().clone())
        .with_allow_headers(config.allow_headers())
        .with_base_path(config.base_path().clone())
        .with_read_urls(config.signs_reads())
        .with_dialects(config.dialects().iter().copied())
        .map_err(|error| CommandError::caused("cannot serve this configuration", &error).into_usage())?;
    let limits = listen::limits_for_tokens(&config, args.limits.limits());
    let mut server = Server::new(listener)
        .with_cors(config.origins().clone())
        .with_limits(limits.clone())
        .with_linger(args.listening.linger)
        .with_observer(observer.clone());
    let scheme = if certificate.is_some() { "https" } else { "http" };
    match certificate {
        Some(certificate) => {
            server = server.with_tls(certificate.tls.clone());
            certificate.watch()?;
        }
        None => tls::ignore_hangups()?,
    }
    let (described, described_config) = (api.clone(), config.clone());
    let description = Arc::new(move || openapi::describe(&described, &described_config));
    let outbox = webhooks.as_ref().and_then(|webhooks| webhooks.in_process.clone());
    let deliveries = admin::Deliveries::register(&metrics, outbox, queues.deliverer.clone());
    let deliveries = deliveries.map_err(|error| CommandError::caused("cannot create the metrics", &error))?;
    let observed = admin::Observed { signer: signer.clone(), keys, queues: queues.observed(), deliveries };
    let state = admin::State::new(metrics, observed, server.draining(), description);
    let state = state.map_err(|error| CommandError::caused("cannot create the metrics", &error))?;
    // The first caller does not wait, and an issuer or a provider that does not answer is logged before there is one.
    state.refresh();
    let admin = admin.map(|(listener, address)| {
        tokio::spawn(Server::new(listener).serve(admin::router(state), std::future::pending()));
        output::notes().detail("admin", &format!("http://{address}/metrics, http://{address}/readyz"));
        format!("http://{address}")
    });
    let app = router_with_limits(api, authentication, limits).merge(healthz()).merge(client(&config));
    let app = observe(app, TrustedProxies::new(args.listening.trusted_proxies.iter().copied()), observer);
    let signals = ShutdownSignals::install()?;
    let url = format!("{scheme}://{address}");
    output::notes().line(&format!("listening: POST {url}/upload-url"));
    let reachable = startup::reachable(scheme, address);
    if let Some(next) = startup::NextStep::new(&config, args, &reachable, admin.as_deref()) {
        next.print_with_credentials(&signer);
    }
    if json {
        let ready = json!({"listening": url, "admin": admin});
        output::result(&ready.to_string());
    }
    queues.start(&signals);
    let served = listen::serve_until_signal(server, app, signals.clone());
    let exit = queues.finish_with(served, signals).await;
    // Requests and messages announce, so the outbox is drained after both.
    webhook::drain(webhooks).await;
    exit
}

/// Binds the port of the admin endpoints, if there is one.
async fn bind_admin(
    args: &ServeArgs,
    public: SocketAddr,
) -> Result<Option<(TcpListener, SocketAddr)>, CommandError> {
    match args.listening.admin_listen {
        Some(same) if same == public => {
            let error = CommandError::usage(format!("--listen and --admin-listen are both {public}"));
            Err(error.with_help("the admin endpoints need a port of their own, as in 127.0.0.1:9090"))
        }
        Some(address) => listen::bind(address, "--admin-listen").await.map(Some),
        None => Ok(None),
    }
}

/// Logs a panic with its source location only: its message may quote a request.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location, "panic");
    }));
}

/// Serves the client for browsers, if the configuration says so.
fn client(config: &Config) -> Router {
    if !config.serves_browser_client() {
        return Router::new();
    }
    browser_client::router(config.origins().clone(), config.base_path().as_str(), Caching::Forever)
        .method_not_allowed_fallback(method_not_allowed)
}

fn healthz() -> Router {
    Router::new().route("/healthz", get(|| async { "ok\n" })).method_not_allowed_fallback(method_not_allowed)
}

/// Answers a request method that a route does not accept with a problem document, in place of axum's empty response.
async fn method_not_allowed() -> Response {
    let mut response = Problem::method_not_allowed().response().map(Body::from);
    // The problem document lists the methods of `/upload-url`. Without a value, axum inserts those of the route.
    response.headers_mut().remove(ALLOW);
    response
}
