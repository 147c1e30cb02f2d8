//! The admin endpoints: metrics, readiness, and the OpenAPI description of the API.
//!
//! The first two report what is known and wait for nothing: neither for a provider of credentials nor for the key endpoint. A poll of
//! `/readyz` starts what is due in the background, because a server that is not ready may receive no other requests.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use upsign::{Clock, SystemClock};
use upsign_axum::{Counter, Draining, Gauge, InvalidMetric, METRICS_CONTENT_TYPE, Metrics};
use upsign_cognito::{FetchKeys, JwksCache};
use upsign_core::CredentialsSource;
use upsign_http::Problem;

use super::credentials::Signer;
use crate::logs;

#[derive(Clone)]
pub(super) struct State {
    metrics: Metrics,
    signer: Signer,
    keys: JwksCache<Box<dyn FetchKeys>>,
    draining: Draining,
    remaining: Gauge,
    credentials_failures: Counter,
    key_age: Gauge,
    key_failures: Counter,
    lines_lost: Counter,
    description: Description,
}

/// Derives the OpenAPI description of the API. With many routes it is long, so it is not kept.
type Description = Arc<dyn Fn() -> String + Send + Sync>;

impl State {
    /// Registers the metrics of what the server depends on.
    ///
    /// # Errors
    /// Fails if one of them is already registered.
    pub(super) fn new(
        metrics: Metrics,
        signer: Signer,
        keys: JwksCache<Box<dyn FetchKeys>>,
        draining: Draining,
        description: Description,
    ) -> Result<Self, InvalidMetric> {
        let help =
            "Seconds until the credentials expire; 0 without credentials, -1 if they do not state when";
        let remaining = metrics.gauge("upsign_credentials_remaining_seconds", help)?;
        let help = "Failed attempts to renew the credentials";
        let credentials_failures = metrics.counter("upsign_credentials_refresh_failures_total", help)?;
        let help =
            "Seconds since the issuer's keys were fetched; -1 before that. Above 86400 no token is accepted";
        let key_age = metrics.gauge("upsign_jwks_age_seconds", help)?;
        let help = "Failed attempts to fetch the issuer's keys";
        let key_failures = metrics.counter("upsign_jwks_refresh_failures_total", help)?;
        let help = "Log lines lost because standard error was too slow, full or closed";
        let lines_lost = metrics.counter("upsign_log_lines_lost_total", help)?;
        Ok(Self {
            metrics,
            signer,
            keys,
            draining,
            remaining,
            credentials_failures,
            key_age,
            key_failures,
            lines_lost,
            description,
        })
    }

    /// Sets the metrics to the current state.
    fn update(&self) {
        let at = SystemClock.now();
        let credentials = self.signer.status(at);
        // Without credentials nothing can be signed, so this reports 0: alarms on this metric must fire.
        self.remaining.set(match credentials.remaining {
            Some(seconds) => i64::try_from(seconds).unwrap_or(i64::MAX),
            None if credentials.is_usable => -1,
            None => 0,
        });
        raise(&self.credentials_failures, credentials.total_failures);
        let keys = self.keys.status(at);
        self.key_age.set(keys.age.map_or(-1, |seconds| i64::try_from(seconds).unwrap_or(i64::MAX)));
        raise(&self.key_failures, keys.total_failures);
        raise(&self.lines_lost, logs::lines_lost());
    }

    /// Renews credentials and keys in the background if they are due.
    pub(super) fn refresh(&self) {
        let at = SystemClock.now();
        let (signer, keys) = (self.signer.clone(), self.keys.clone());
        // The results are in the status, and the observers of both have logged a failure.
        tokio::spawn(async move { drop(signer.credentials(at).await) });
        tokio::spawn(async move { drop(keys.warm(at).await) });
    }
}

/// Raises a counter to a total that is counted elsewhere.
fn raise(counter: &Counter, total: u64) {
    counter.add(total.saturating_sub(counter.get()));
}

pub(super) fn router(state: State) -> Router {
    let routes = Router::new().route("/metrics", get(metrics)).route("/readyz", get(readyz));
    // Not at the public address: the description contains the names of the routes and the layout of the keys.
    let routes = routes.route("/openapi.json", get(description));
    routes.method_not_allowed_fallback(super::method_not_allowed).fallback(not_found).with_state(state)
}

async fn not_found() -> Response {
    Problem::not_found().response().map(Body::from)
}

async fn metrics(Extract(state): Extract<State>) -> Response {
    state.update();
    ([(CONTENT_TYPE, METRICS_CONTENT_TYPE)], state.metrics.text()).into_response()
}

async fn description(Extract(state): Extract<State>) -> Response {
    ([(CONTENT_TYPE, "application/json")], (state.description)()).into_response()
}

/// Returns 200 if the server is not shutting down, has credentials that can sign a grant, and has keys that verify tokens.
async fn readyz(Extract(state): Extract<State>) -> (StatusCode, &'static str) {
    if state.draining.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    let at = SystemClock.now();
    let (credentials, keys) = (state.signer.status(at), state.keys.status(at));
    state.refresh();
    let reason = match (credentials.is_usable, keys.is_usable) {
        (true, true) => return (StatusCode::OK, "ready\n"),
        (false, _) if credentials.remaining == Some(0) => "the credentials have expired\n",
        (false, _) if credentials.remaining.is_some() => {
            "the credentials expire too soon to sign an upload\n"
        }
        (false, _) => "no credentials\n",
        (true, false) if keys.age.is_some() => "the issuer's keys are too old\n",
        (true, false) => "the issuer's keys have not been fetched\n",
    };
    (StatusCode::SERVICE_UNAVAILABLE, reason)
}
