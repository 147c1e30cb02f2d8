//! The admin endpoints: metrics and readiness.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use upsign::{Clock, SystemClock};
use upsign_axum::{Draining, Gauge, InvalidMetric, METRICS_CONTENT_TYPE, Metrics};
use upsign_core::{CredentialsSource, Expiry, Timestamp};
use upsign_http::Problem;

#[derive(Clone)]
pub(super) struct State {
    metrics: Metrics,
    source: Arc<dyn CredentialsSource>,
    draining: Draining,
    remaining: Gauge,
}

impl State {
    /// Registers the metric for the remaining lifetime of the credentials: -1 if it is unknown or unlimited, 0 if there are
    /// no credentials.
    ///
    /// # Errors
    /// Fails if the metric is already registered.
    pub(super) fn new(
        metrics: Metrics,
        source: Arc<dyn CredentialsSource>,
        draining: Draining,
    ) -> Result<Self, InvalidMetric> {
        let help = "Seconds until the credentials expire";
        let remaining = metrics.gauge("upsign_credentials_remaining_seconds", help)?;
        remaining.set(-1);
        Ok(Self { metrics, source, draining, remaining })
    }
}

pub(super) fn router(state: State) -> Router {
    let routes = Router::new().route("/metrics", get(metrics)).route("/readyz", get(readyz));
    routes.method_not_allowed_fallback(super::method_not_allowed).fallback(not_found).with_state(state)
}

async fn not_found() -> Response {
    Problem::not_found().response().map(Body::from)
}

async fn metrics(Extract(state): Extract<State>) -> Response {
    let at = SystemClock.now();
    // Without credentials nothing can be signed, so a failing source reports 0: alarms on this metric must fire.
    state.remaining.set(match state.source.credentials(at).await.map(|credentials| credentials.expiry()) {
        Ok(Expiry::At(end) | Expiry::AtMost(end)) => i64::try_from(end.seconds_since(at)).unwrap_or(i64::MAX),
        Ok(_) => -1,
        Err(_) => 0,
    });
    ([(CONTENT_TYPE, METRICS_CONTENT_TYPE)], state.metrics.text()).into_response()
}

/// Returns 200 if the server is not shutting down and has credentials that have not expired.
async fn readyz(Extract(state): Extract<State>) -> (StatusCode, &'static str) {
    if state.draining.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    let at = SystemClock.now();
    match state.source.credentials(at).await {
        Ok(credentials) if !has_expired(credentials.expiry(), at) => (StatusCode::OK, "ready\n"),
        Ok(_) => (StatusCode::SERVICE_UNAVAILABLE, "the credentials have expired\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "no credentials\n"),
    }
}

const fn has_expired(expiry: Expiry, at: Timestamp) -> bool {
    matches!(expiry, Expiry::At(end) | Expiry::AtMost(end) if end.seconds_since(at) == 0)
}
