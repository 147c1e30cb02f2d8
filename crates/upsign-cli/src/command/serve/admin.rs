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
use upsign_config::IssuerName;
use upsign_core::{CredentialsSource, Timestamp};
use upsign_http::{OpenApi, OpenApiVersion, Problem};
use upsign_webhooks::{DeliveryCounts, InProcessOutbox, QueueDeliverer};

use super::credentials::Signer;
use super::queues::{self, ObservedQueue};
use super::tokens::IssuerKeys;
use crate::logs;

#[derive(Clone)]
pub(super) struct State {
    metrics: Metrics,
    signer: Signer,
    keys: Arc<[ObservedKeys]>,
    draining: Draining,
    remaining: Gauge,
    credentials_failures: Counter,
    lines_lost: Counter,
    deliveries: Option<Deliveries>,
    queues: Arc<[(ObservedQueue, Counter)]>,
    description: Description,
}

/// What the server depends on.
pub(super) struct Observed {
    pub(super) signer: Signer,
    pub(super) keys: Vec<IssuerKeys>,
    pub(super) queues: Vec<ObservedQueue>,
    pub(super) deliveries: Option<Deliveries>,
}

/// The keys of an issuer, with the metrics that show their state.
struct ObservedKeys {
    keys: IssuerKeys,
    age: Gauge,
    failures: Counter,
}

impl ObservedKeys {
    /// Registers the metrics of each issuer's keys. With several issuers, they have the label `issuer`.
    fn register(metrics: &Metrics, keys: Vec<IssuerKeys>) -> Result<Vec<Self>, InvalidMetric> {
        let age = "upsign_jwks_age_seconds";
        let age_help =
            "Seconds since the issuer's keys were fetched; -1 before that. Above 86400 no token is accepted";
        let failures = "upsign_jwks_refresh_failures_total";
        let failures_help = "Failed attempts to fetch the issuer's keys";
        let names: Vec<&str> =
            keys.iter().filter_map(|keys| keys.name.as_ref().map(IssuerName::as_str)).collect();
        let (ages, failures) = if names.is_empty() {
            (vec![metrics.gauge(age, age_help)?], vec![metrics.counter(failures, failures_help)?])
        } else {
            let ages = metrics.gauges(age, age_help, "issuer", &names)?;
            (ages, metrics.counters(failures, failures_help, "issuer", &names)?)
        };
        let observed = keys.into_iter().zip(ages).zip(failures);
        Ok(observed.map(|((keys, age), failures)| Self { keys, age, failures }).collect())
    }

    fn update(&self, at: Timestamp) {
        let status = self.keys.cache.status(at);
        self.age.set(status.age.map_or(-1, |seconds| i64::try_from(seconds).unwrap_or(i64::MAX)));
        raise(&self.failures, status.total_failures);
    }
}

/// What delivers webhooks in this process, with the metrics that show what it does.
#[derive(Clone)]
pub(super) struct Deliveries {
    /// The outbox in memory, and how many of its messages wait.
    outbox: Option<(Arc<InProcessOutbox>, Gauge)>,
    deliverer: Option<Arc<QueueDeliverer>>,
    /// In the order of [`RESULTS`](Self::RESULTS).
    counts: Vec<Counter>,
}

impl Deliveries {
    const RESULTS: [&str; 3] = ["delivered", "retried", "lost"];

    /// Registers the metrics of the outbox in memory, or of what delivers from a queue. Returns `None` without either.
    pub(super) fn register(
        metrics: &Metrics,
        outbox: Option<Arc<InProcessOutbox>>,
        deliverer: Option<Arc<QueueDeliverer>>,
    ) -> Result<Option<Self>, InvalidMetric> {
        if outbox.is_none() && deliverer.is_none() {
            return Ok(None);
        }
        let help = "Webhooks in the memory of this process that are not delivered yet";
        let waiting = |outbox| Ok((outbox, metrics.gauge("upsign_webhooks_waiting", help)?));
        let outbox = outbox.map(waiting).transpose()?;
        let (name, help) = ("upsign_webhook_attempts_total", "Attempts to deliver webhooks, by result");
        let counts = metrics.counters(name, help, "result", &Self::RESULTS)?;
        Ok(Some(Self { outbox, deliverer, counts }))
    }

    fn update(&self) {
        if let Some((outbox, waiting)) = &self.outbox {
            waiting.set(i64::try_from(outbox.waiting()).unwrap_or(i64::MAX));
        }
        let of_memory = self.outbox.iter().map(|(outbox, _)| outbox.counts());
        let of_queue = self.deliverer.iter().map(|deliverer| deliverer.counts());
        // A configuration has one of them only.
        let counts: DeliveryCounts = of_memory.chain(of_queue).next().unwrap_or_default();
        let totals = [counts.delivered, counts.retried, counts.lost];
        self.counts.iter().zip(totals).for_each(|(counter, total)| raise(counter, total));
    }
}

/// Derives the OpenAPI description of the API. With many routes it is long, so it is not kept.
type Description = Arc<dyn Fn() -> OpenApi + Send + Sync>;

impl State {
    /// Registers the metrics of what the server depends on.
    ///
    /// # Errors
    /// Fails if one of them is already registered.
    pub(super) fn new(
        metrics: Metrics,
        observed: Observed,
        draining: Draining,
        description: Description,
    ) -> Result<Self, InvalidMetric> {
        let Observed { signer, keys, queues, deliveries } = observed;
        let help =
            "Seconds until the credentials expire; 0 without credentials, -1 if they do not state when";
        let remaining = metrics.gauge("upsign_credentials_remaining_seconds", help)?;
        let help = "Failed attempts to renew the credentials";
        let credentials_failures = metrics.counter("upsign_credentials_refresh_failures_total", help)?;
        let keys = ObservedKeys::register(&metrics, keys)?.into();
        let help = "Log lines lost because standard error was too slow, full or closed";
        let lines_lost = metrics.counter("upsign_log_lines_lost_total", help)?;
        let failures = queues::failures(&metrics, &queues)?;
        let queues = queues.into_iter().zip(failures).collect();
        Ok(Self {
            metrics,
            signer,
            keys,
            draining,
            remaining,
            credentials_failures,
            lines_lost,
            deliveries,
            queues,
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
        self.keys.iter().for_each(|keys| keys.update(at));
        raise(&self.lines_lost, logs::lines_lost());
        self.deliveries.iter().for_each(Deliveries::update);
        self.queues.iter().for_each(|(queue, failures)| raise(failures, queue.total_failures()));
    }

    /// Renews credentials and keys in the background if they are due.
    pub(super) fn refresh(&self) {
        let at = SystemClock.now();
        let signer = self.signer.clone();
        // The results are in the status, and the observers of both have logged a failure.
        tokio::spawn(async move { drop(signer.credentials(at).await) });
        for observed in &*self.keys {
            let keys = observed.keys.cache.clone();
            tokio::spawn(async move { drop(keys.warm(at).await) });
        }
    }
}

/// Raises a counter to a total that is counted elsewhere.
fn raise(counter: &Counter, total: u64) {
    counter.add(total.saturating_sub(counter.get()));
}

pub(super) fn router(state: State) -> Router {
    let routes = Router::new().route("/metrics", get(metrics)).route("/readyz", get(readyz));
    // Not at the public address: the description contains the names of the routes and the layout of the keys.
    let routes = routes.route("/openapi.json", get(description)).route("/llms.txt", get(page));
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
    let description = (state.description)().to_json(OpenApiVersion::V3_1);
    ([(CONTENT_TYPE, "application/json")], description).into_response()
}

/// Answers with the description as a page of Markdown.
async fn page(Extract(state): Extract<State>) -> Response {
    let page = (state.description)().to_markdown();
    ([(CONTENT_TYPE, "text/markdown; charset=utf-8")], page).into_response()
}

/// Returns 200 if the server is not shutting down, has credentials that can sign a grant, and has keys that verify tokens.
///
/// With several issuers, the keys of one are enough: otherwise one issuer that fails would take the service away from the
/// users of all others. The body names the issuers without usable keys, and the queues that cannot be read.
async fn readyz(Extract(state): Extract<State>) -> (StatusCode, String) {
    let unavailable = |reason: &str| (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n"));
    if state.draining.is_draining() {
        return unavailable("draining");
    }
    let at = SystemClock.now();
    let credentials = state.signer.status(at);
    let unusable: Vec<String> = state.keys.iter().filter_map(|observed| observed.keys.unusable(at)).collect();
    state.refresh();
    if !credentials.is_usable {
        return unavailable(match credentials.remaining {
            Some(0) => "the credentials have expired",
            Some(_) => "the credentials expire too soon to sign an upload",
            None => "no credentials",
        });
    }
    if !unusable.is_empty() && unusable.len() == state.keys.len() {
        return unavailable(&unusable.join("\n"));
    }
    // A queue that cannot be read does not stop the grants, which other processes could not make either.
    let unread = state.queues.iter().filter_map(|(queue, _)| queue.problem());
    let lines: String = unusable.into_iter().chain(unread).map(|line| format!("{line}\n")).collect();
    (StatusCode::OK, format!("ready\n{lines}"))
}
