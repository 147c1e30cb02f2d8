//! What an operator's own machines ask: metrics, and whether requests should be sent here.

use std::sync::Arc;

use axum::Router;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use upsign::{Clock, SystemClock};
use upsign_axum::{Draining, METRICS_TYPE, Metrics};
use upsign_core::{CredentialsSource, Expiry, Timestamp};

#[derive(Clone)]
pub(crate) struct State {
    pub(crate) metrics: Metrics,
    pub(crate) source: Arc<dyn CredentialsSource>,
    pub(crate) draining: Draining,
}

pub(crate) fn router(state: State) -> Router {
    Router::new().route("/metrics", get(metrics)).route("/readyz", get(readyz)).with_state(state)
}

async fn metrics(Extract(state): Extract<State>) -> Response {
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
