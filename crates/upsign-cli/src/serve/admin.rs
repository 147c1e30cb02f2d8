//! What an operator's own machines ask: metrics, and whether requests should be sent here.

use std::sync::Arc;

use axum::Router;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use prometheus_client::metrics::gauge::Gauge;
use upsign::{Clock, SystemClock};
use upsign_axum::{Draining, METRICS_TYPE, Metrics};
use upsign_core::{CredentialsSource, Expiry, Timestamp};

#[derive(Clone)]
pub(crate) struct State {
    metrics: Metrics,
    source: Arc<dyn CredentialsSource>,
    draining: Draining,
    remaining: Gauge,
}

impl State {
    /// Adds what is left of the credentials to the metrics: -1 where nobody says when they end, 0 where there are none.
    pub(crate) fn new(metrics: Metrics, source: Arc<dyn CredentialsSource>, draining: Draining) -> Self {
        let remaining = Gauge::default();
        remaining.set(-1);
        let help = "Seconds until the credentials end";
        metrics.register(|to| to.register("upsign_credentials_remaining_seconds", help, remaining.clone()));
        Self { metrics, source, draining, remaining }
    }
}

pub(crate) fn router(state: State) -> Router {
    Router::new().route("/metrics", get(metrics)).route("/readyz", get(readyz)).with_state(state)
}

async fn metrics(Extract(state): Extract<State>) -> Response {
    let at = SystemClock.now();
    // A source that fails holds nothing to sign with: an alarm on what remains must not sleep through that.
    state.remaining.set(match state.source.credentials(at).await.map(|credentials| credentials.expiry()) {
        Ok(Expiry::At(end) | Expiry::AtMost(end)) => i64::try_from(end.seconds_since(at)).unwrap_or(i64::MAX),
        Ok(_) => -1,
        Err(_) => 0,
    });
    ([(CONTENT_TYPE, METRICS_TYPE)], state.metrics.text()).into_response()
}

/// Ready: not about to end, and holding credentials that have not ended.
async fn readyz(Extract(state): Extract<State>) -> (StatusCode, &'static str) {
    if state.draining.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    let at = SystemClock.now();
    match state.source.credentials(at).await {
        Ok(credentials) if !has_ended(credentials.expiry(), at) => (StatusCode::OK, "ready\n"),
        Ok(_) => (StatusCode::SERVICE_UNAVAILABLE, "the credentials have ended\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "no credentials\n"),
    }
}

const fn has_ended(expiry: Expiry, at: Timestamp) -> bool {
    matches!(expiry, Expiry::At(end) | Expiry::AtMost(end) if end.seconds_since(at) == 0)
}
