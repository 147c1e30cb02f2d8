//! `upsign serve`.

mod admin;
mod arguments;
mod credentials;
mod describe;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use serde_json::json;
use upsign::SigV4;
use upsign_axum::{Authentication, Metrics, Server, Tls, TrustedProxies, limited_router, observed};
use upsign_cognito::{CacheLimits, HttpFetch, Verifier};
use upsign_config::{Auth, Config};
use upsign_core::WithCredentials;
use upsign_http::{Api, BearerToken};

pub(crate) use arguments::{Arguments, LogFormat};

use crate::exit::{Exit, Failed};
use crate::{environment, say, server};

pub(crate) async fn run(arguments: &Arguments, json: bool) -> Result<Exit, Failed> {
    if arguments.print_openapi {
        say::answer(upsign_http::openapi().trim_end());
        return Ok(Exit::Success);
    }
    let config = environment::config(&arguments.config)?;
    if arguments.print_config {
        say::answer(describe::config(&config, arguments).trim_end());
        return Ok(Exit::Success);
    }
    let authentication = authentication(&config, arguments.token_cache)?;
    let source = credentials::source(&arguments.source, &config).await?;
    let presigner = WithCredentials::new(SigV4::new(), Arc::clone(&source));
    let service = config.service(presigner);
    let service =
        service.map_err(|error| Failed::caused("the configuration cannot be served", &error).into_usage())?;
    let tls = tls(arguments)?;
    describe::say(&config, arguments);
    std::panic::set_hook(Box::new(|panic| {
        // What a panic says may hold what it was about.
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "a panic");
    }));
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let (listener, address) = server::bind(arguments.listen).await?;
    let metrics = Metrics::new();
    let observer = Arc::new(metrics.clone());
    let api = Api::new(service.with_observer(metrics.clone()), config.origins().clone());
    let limits = arguments.bearing.limits();
    let mut server = Server::new(listener)
        .with_limits(limits.clone())
        .with_linger(arguments.bearing.linger)
        .with_observer(observer.clone());
    let scheme = if tls.is_some() { "https" } else { "http" };
    if let Some(tls) = tls {
        server = server.with_tls(tls);
    }
    let mut admin = None;
    if let Some(listen) = arguments.admin_listen {
        let (listener, address) = server::bind(listen).await?;
        let state = admin::State::new(metrics, source, server.draining());
        tokio::spawn(Server::new(listener).serve(admin::router(state), std::future::pending()));
        say::detail("admin", &format!("http://{address}/metrics, http://{address}/readyz"));
        admin = Some(format!("http://{address}"));
    }
    let app = limited_router(api, authentication, limits).merge(healthz());
    let app = observed(app, TrustedProxies::new(arguments.trusted_proxies.iter().copied()), observer);
    say::line(&format!("listening: POST {scheme}://{address}/upload-url"));
    if json {
        let ready = json!({"listening": format!("{scheme}://{address}"), "admin": admin});
        say::answer(&ready.to_string());
    }
    server::run(server, app).await
}

fn healthz() -> Router {
    Router::new().route("/healthz", get(|| async { "ok\n" }))
}

fn authentication(config: &Config, token_cache: usize) -> Result<Authentication, Failed> {
    let Some(Auth { verifier, accept_raw_authorization, .. }) = config.auth().cloned() else {
        let hint = "say whose tokens count: auth.user_pool, auth.client_ids, auth.token_use";
        return Err(Failed::usage("the configuration has no [auth]").hint(hint));
    };
    if verifier.issuer().names().any(|name| name.ends_with(EMBEDDED_POOL)) {
        let hint = "its users are made up at each start: use a pool of your own";
        return Err(Failed::usage("the issuer is the embedded pool of `upsign dev`").hint(hint));
    }
    let verifier = Verifier::new(verifier, HttpFetch::new());
    let verifier = match token_cache {
        0 => verifier,
        tokens => verifier.with_token_cache(CacheLimits::new(tokens, 300)),
    };
    let bearer = BearerToken::new(verifier);
    let bearer = if accept_raw_authorization { bearer.accept_raw_authorization() } else { bearer };
    Ok(Authentication::new(bearer))
}

/// The last part of the embedded pool's issuer.
const EMBEDDED_POOL: &str = "/local_upsign";

fn tls(arguments: &Arguments) -> Result<Option<Tls>, Failed> {
    let (Some(chain), Some(key)) = (&arguments.tls_cert, &arguments.tls_key) else { return Ok(None) };
    let read = |path| std::fs::read(path).map_err(|error| environment::unreadable(path, &error));
    let tls = Tls::from_pem(&read(chain)?, &read(key)?);
    let what = format!("{} and {}", chain.display(), key.display());
    tls.map(Some).map_err(|error| Failed::caused(&what, &error).into_usage())
}
