//! Metrics in the text format of OpenMetrics, which Prometheus reads.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use upsign::{GrantEvent, Refusal, UploadObserver};

use crate::observe::ServeObserver;

/// The content type of [`Metrics::text`].
pub const METRICS_CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Counts what a server does and what its service issues and refuses.
///
/// Cheap to clone; all clones share the same counters. Add one clone to the server ([`ServeObserver`]) and one to the service
/// ([`UploadObserver`]). Labels take their values from fixed sets and never contain text that a client wrote, so the number
/// of time series is bounded.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<RwLock<Registry>>,
    requests: Family<ByStatus, Counter>,
    took: Histogram,
    disconnected: Counter,
    in_flight: Gauge,
    connections: Gauge,
    rejected: Counter,
    issued: Family<ByRoute, Counter>,
    refused: Family<ByCode, Counter>,
    signing: Histogram,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByStatus {
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByRoute {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByCode {
    code: &'static str,
    route: String,
}

/// Histogram buckets in seconds: from one microsecond, which a signature takes, to one second, which loading credentials may
/// take.
const SIGNING: [f64; 9] = [1e-6, 2.5e-6, 5e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0];

/// Histogram buckets in seconds: from half a millisecond to the default limit for a request.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

impl Metrics {
    /// Creates the metrics, all at zero.
    #[must_use]
    pub fn new() -> Self {
        let metrics = Self {
            registry: Arc::default(),
            requests: Family::default(),
            took: Histogram::new(SECONDS),
            disconnected: Counter::default(),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            rejected: Counter::default(),
            issued: Family::default(),
            refused: Family::default(),
            signing: Histogram::new(SIGNING),
        };
        metrics.register(|to| {
            to.register("upsign_http_requests", "Requests answered", metrics.requests.clone());
            let help = "Time to answer a request";
            to.register_with_unit("upsign_http_request", help, Unit::Seconds, metrics.took.clone());
            to.register(
                "upsign_http_requests_gone",
                "Requests whose client disconnected before the answer",
                metrics.disconnected.clone(),
            );
            let help = "Requests being answered";
            to.register("upsign_http_requests_in_flight", help, metrics.in_flight.clone());
            to.register("upsign_connections_open", "Open connections", metrics.connections.clone());
            let help = "Connections rejected at the limit";
            to.register("upsign_connections_turned_away", help, metrics.rejected.clone());
            to.register("upsign_issued", "Grants issued", metrics.issued.clone());
            to.register("upsign_refused", "Requests refused, by code", metrics.refused.clone());
            let help = "Time to sign, including loading credentials";
            to.register_with_unit("upsign_signing", help, Unit::Seconds, metrics.signing.clone());
        });
        metrics
    }

    /// Registers metrics of the application in the same registry.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.registry.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Returns the current values as text of the type [`METRICS_CONTENT_TYPE`].
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.read().unwrap_or_else(PoisonError::into_inner);
        // Writing to a String does not fail.
        let _ = encode(&mut text, &registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl ServeObserver for Metrics {
    fn request_started(&self) {
        self.in_flight.inc();
    }

    fn request_finished(&self, status: Option<StatusCode>, took: Duration) {
        self.in_flight.dec();
        self.took.observe(took.as_secs_f64());
        match status {
            Some(status) => drop(self.requests.get_or_create(&ByStatus { status: status.as_u16() }).inc()),
            None => drop(self.disconnected.inc()),
        }
    }

    fn connection_opened(&self) {
        self.connections.inc();
    }

    fn connection_closed(&self) {
        self.connections.dec();
    }

    fn connection_rejected(&self) {
        self.rejected.inc();
    }
}

/// Counts grants and refusals by route. The unnamed route has an empty `route` label, which Prometheus treats like an absent
/// one.
impl UploadObserver for Metrics {
    fn granted(&self, event: &GrantEvent<'_>) {
        let route = event.route.unwrap_or_default().to_owned();
        self.issued.get_or_create(&ByRoute { route }).inc();
        self.signing.observe(event.signing.as_secs_f64());
    }

    fn refused(&self, refusal: &Refusal) {
        let route = refusal.route.as_deref().unwrap_or_default().to_owned();
        self.refused.get_or_create(&ByCode { code: refusal.code, route }).inc();
    }
}
