//! Metrics in the text format of OpenMetrics, which Prometheus reads.

mod application;
mod later;
mod sessions;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::{counter, gauge};
use prometheus_client::registry::{Registry, Unit};
use upsign::{
    AnnouncementEvent, GrantEvent, InspectionEvent, LimitSkipped, QuotaEvent, Refusal, SessionEvent,
    StoreCallEvent, UploadObserver,
};

use self::application::Registered;
pub use self::application::{Counter, Gauge, InvalidMetric};
use self::later::Later;
use self::sessions::Sessions;
use crate::observe::ServeObserver;

/// The content type of [`Metrics::text`].
pub const METRICS_CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Counts what a server does and what its service issues and refuses.
///
/// Cheap to clone; all clones share the same counters. Add one clone to the server ([`ServeObserver`]) and one to the service
/// ([`UploadObserver`]). Labels take their values from fixed sets and never contain text that a client wrote, so the number
/// of time series is bounded.
///
/// The application can add metrics of its own, and serves all of them where its monitoring reads them:
///
/// ```
/// use axum::Router;
/// use axum::http::header::CONTENT_TYPE;
/// use axum::routing::get;
/// use upsign_axum::{METRICS_CONTENT_TYPE, Metrics};
///
/// let metrics = Metrics::new();
/// let orders = metrics.counter("shop_orders", "Orders placed")?;
/// orders.increment();
/// assert!(metrics.text().contains("shop_orders_total 1\n"));
///
/// let text = move || async move { ([(CONTENT_TYPE, METRICS_CONTENT_TYPE)], metrics.text()) };
/// let admin: Router = Router::new().route("/metrics", get(text));
/// # Ok::<(), upsign_axum::InvalidMetric>(())
/// ```
#[derive(Clone)]
pub struct Metrics {
    registered: Arc<RwLock<Registered>>,
    requests: Family<ByStatus, counter::Counter>,
    took: Histogram,
    disconnected: counter::Counter,
    in_flight: gauge::Gauge,
    connections: gauge::Gauge,
    rejected: counter::Counter,
    issued: Family<ByRoute, counter::Counter>,
    refused: Family<ByCode, counter::Counter>,
    signing: Histogram,
    sessions: Sessions,
    later: Later,
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

/// Names of the metrics below, without the suffixes of their samples.
const NAMES: [&str; 9] = [
    "upsign_http_requests",
    "upsign_http_request_seconds",
    "upsign_http_requests_gone",
    "upsign_http_requests_in_flight",
    "upsign_connections_open",
    "upsign_connections_turned_away",
    "upsign_issued",
    "upsign_refused",
    "upsign_signing_seconds",
];

impl Metrics {
    /// Creates the metrics, all at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut metrics = Self {
            registered: Arc::default(),
            requests: Family::default(),
            took: Histogram::new(SECONDS),
            disconnected: counter::Counter::default(),
            in_flight: gauge::Gauge::default(),
            connections: gauge::Gauge::default(),
            rejected: counter::Counter::default(),
            issued: Family::default(),
            refused: Family::default(),
            signing: Histogram::new(SIGNING),
            sessions: Sessions::new(),
            later: Later::new(),
        };
        metrics.registered = Arc::new(RwLock::new(metrics.register()));
        metrics
    }

    /// Registers the metrics of the server and of the service.
    fn register(&self) -> Registered {
        let mut to = Registry::default();
        to.register("upsign_http_requests", "Requests answered", self.requests.clone());
        let help = "Time to answer a request";
        to.register_with_unit("upsign_http_request", help, Unit::Seconds, self.took.clone());
        let help = "Requests whose client disconnected before the answer";
        to.register("upsign_http_requests_gone", help, self.disconnected.clone());
        let help = "Requests being answered";
        to.register("upsign_http_requests_in_flight", help, self.in_flight.clone());
        to.register("upsign_connections_open", "Open connections", self.connections.clone());
        let help = "Connections rejected at the limit";
        to.register("upsign_connections_turned_away", help, self.rejected.clone());
        to.register("upsign_issued", "Grants issued", self.issued.clone());
        to.register("upsign_refused", "Requests refused, by code", self.refused.clone());
        let help = "Time to sign, including loading credentials";
        to.register_with_unit("upsign_signing", help, Unit::Seconds, self.signing.clone());
        self.sessions.register(&mut to);
        self.later.register(&mut to);
        let names = NAMES.into_iter().chain(sessions::NAMES).chain(later::NAMES);
        Registered::with_server_metrics(to, names)
    }

    /// Registers a counter of the application. `name` is that of the metric, with or without the suffix `_total`, which
    /// the text contains in any case. `help` is a line that describes it.
    ///
    /// # Errors
    /// Returns [`InvalidMetric`] if the name is invalid or already registered, or if `help` is not one line of text.
    pub fn counter(&self, name: &str, help: &str) -> Result<Counter, InvalidMetric> {
        self.registered.write().unwrap_or_else(PoisonError::into_inner).counter(name, help)
    }

    /// Registers a gauge of the application, at zero. `help` is a line that describes it.
    ///
    /// # Errors
    /// Returns [`InvalidMetric`] if the name is invalid or already registered, or if `help` is not one line of text.
    pub fn gauge(&self, name: &str, help: &str) -> Result<Gauge, InvalidMetric> {
        self.registered.write().unwrap_or_else(PoisonError::into_inner).gauge(name, help)
    }

    /// Registers a gauge of the application for each of `values`, at zero. They have the same name, and differ in the value of
    /// the label, as in `shop_queue_length{queue="mail"}`. The order is that of `values`.
    ///
    /// Each value is a time series, so the values must come from a fixed set, such as the names of a configuration.
    ///
    /// ```
    /// use upsign_axum::Metrics;
    ///
    /// let metrics = Metrics::new();
    /// let lengths = metrics.gauges("shop_queue_length", "Jobs waiting", "queue", &["mail", "print"])?;
    /// lengths[1].set(7);
    /// assert!(metrics.text().contains("shop_queue_length{queue=\"print\"} 7\n"));
    /// # Ok::<(), upsign_axum::InvalidMetric>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidMetric`] in the cases of [`gauge`](Self::gauge), or if the label is not a name.
    pub fn gauges(
        &self,
        name: &str,
        help: &str,
        label: &str,
        values: &[&str],
    ) -> Result<Vec<Gauge>, InvalidMetric> {
        self.registered.write().unwrap_or_else(PoisonError::into_inner).gauges(name, help, label, values)
    }

    /// Registers a counter of the application for each of `values`, as [`gauges`](Self::gauges) does for gauges.
    ///
    /// # Errors
    /// Returns [`InvalidMetric`] in the cases of [`counter`](Self::counter), or if the label is not a name.
    pub fn counters(
        &self,
        name: &str,
        help: &str,
        label: &str,
        values: &[&str],
    ) -> Result<Vec<Counter>, InvalidMetric> {
        self.registered.write().unwrap_or_else(PoisonError::into_inner).counters(name, help, label, values)
    }

    /// Returns the current values as text of the type [`METRICS_CONTENT_TYPE`].
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let registered = self.registered.read().unwrap_or_else(PoisonError::into_inner);
        // Writing to a String does not fail.
        let _ = encode(&mut text, registered.registry());
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

/// Counts grants, refusals and calls that continue uploads by route. The unnamed route has an empty `route` label, which Prometheus treats like an absent
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

    fn session(&self, event: &SessionEvent<'_>) {
        self.sessions.answered(event);
    }

    fn store_called(&self, event: &StoreCallEvent<'_>) {
        self.sessions.store_called(event);
    }

    fn limit_skipped(&self, event: &LimitSkipped<'_>) {
        self.sessions.limit_skipped(event);
    }

    fn quota_decided(&self, event: &QuotaEvent<'_>) {
        self.later.quota_decided(event);
    }

    fn inspected(&self, event: &InspectionEvent<'_>) {
        self.later.inspected(event);
    }

    fn announced(&self, event: &AnnouncementEvent<'_>) {
        self.later.announced(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn application_metrics_appear_in_the_text() {
        let metrics = Metrics::new();
        let orders = metrics.counter("shop_orders_total", "Orders placed.").unwrap();
        let queue = metrics.gauge("shop_queue_length", "Jobs waiting").unwrap();
        orders.increment();
        orders.clone().add(2);
        queue.set(5);
        queue.add(-7);
        assert_eq!((orders.get(), queue.get()), (3, -2));
        let text = metrics.clone().text();
        for line in ["# HELP shop_orders Orders placed.\n", "shop_orders_total 3\n", "shop_queue_length -2\n"]
        {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn metrics_of_a_label_share_a_name() {
        let metrics = Metrics::new();
        let failures =
            metrics.counters("shop_failures_total", "Failed jobs", "queue", &["mail", "print"]).unwrap();
        failures[1].add(2);
        let text = metrics.text();
        for line in ["shop_failures_total{queue=\"mail\"} 0\n", "shop_failures_total{queue=\"print\"} 2\n"] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert_eq!(text.matches("# HELP shop_failures ").count(), 1);
    }

    #[test]
    fn names_of_the_server_metrics_are_taken() {
        let metrics = Metrics::new();
        // Metrics with labels are absent from the text until their first sample.
        metrics.request_finished(Some(StatusCode::OK), Duration::ZERO);
        metrics.issued.get_or_create(&ByRoute { route: String::new() }).inc();
        metrics.refused.get_or_create(&ByCode { code: "not-found", route: String::new() }).inc();
        let text = metrics.text();
        let names: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next()).collect();
        // Those of uploads that have begun all have labels.
        assert_eq!(names.len(), NAMES.len());
        for name in names.into_iter().chain(sessions::NAMES).chain(later::NAMES) {
            assert_eq!(
                metrics.gauge(name, "Help").unwrap_err(),
                InvalidMetric::Taken { name: name.to_owned() }
            );
        }
    }
}
