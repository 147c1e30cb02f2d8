//! `upsign serve`.

use std::net::SocketAddr;

use axum::Router;
use axum::routing::get;
use serde_json::json;
use upsign::SigV4;
use upsign_axum::Authentication;
use upsign_cognito::{HttpFetch, Verifier};
use upsign_config::{Auth, Config};
use upsign_core::WithCredentials;
use upsign_http::{Api, BearerToken};

use crate::args::ConfigFile;
use crate::exit::{Exit, Failed};
use crate::{describe, environment, say, server};

pub(crate) async fn run(listen: SocketAddr, file: &ConfigFile, json: bool) -> Result<Exit, Failed> {
    let config = environment::config(file)?;
    let authentication = authentication(&config)?;
    let presigner = WithCredentials::new(SigV4::new(), environment::credentials_for(&config)?);
    let service = config.service(presigner);
    let service =
        service.map_err(|error| Failed::caused("the configuration cannot be served", &error).into_usage())?;
    for warning in config.warnings() {
        say::warn(&warning.to_string());
    }
    let (listener, address) = server::bind(listen).await?;
    describe(&config, address, json);
    let api = Api::new(service, config.origins().clone());
    let app = upsign_axum::router(api, authentication).merge(healthz());
    server::serve(listener, app, server::asked_to_end()).await?;
    Ok(Exit::Success)
}

fn healthz() -> Router {
    Router::new().route("/healthz", get(|| async { "ok\n" }))
}

fn authentication(config: &Config) -> Result<Authentication, Failed> {
    let Some(Auth { verifier, accept_raw_authorization, .. }) = config.auth().cloned() else {
        let hint = "say whose tokens count: auth.user_pool, auth.client_ids, auth.token_use";
        return Err(Failed::usage("the configuration has no [auth]").hint(hint));
    };
    if verifier.issuer().names().any(|name| name.ends_with(EMBEDDED_POOL)) {
        let hint = "its users are made up at each start: use a pool of your own";
        return Err(Failed::usage("the issuer is the embedded pool of `upsign dev`").hint(hint));
    }
    let bearer = BearerToken::new(Verifier::new(verifier, HttpFetch::new()));
    let bearer = if accept_raw_authorization { bearer.accept_raw_authorization() } else { bearer };
    Ok(Authentication::new(bearer))
}

/// The last part of the embedded pool's issuer.
const EMBEDDED_POOL: &str = "/local_upsign";

/// Says what the server will do before it does it.
fn describe(config: &Config, address: SocketAddr, json: bool) {
    say::line(&format!("POST http://{address}/upload-url"));
    for route in config.routes() {
        describe::route(route);
    }
    if let Some(auth) = config.auth() {
        say::detail("callers", &auth.verifier.issuer().names().collect::<Vec<_>>().join(", "));
    }
    if json {
        say::answer(&json!({"listening": format!("http://{address}")}).to_string());
    }
}
