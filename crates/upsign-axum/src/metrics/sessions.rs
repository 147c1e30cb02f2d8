//! Metrics of uploads that have begun, of the calls to the store, and of limits.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use upsign::confirm::ConfirmReason;
use upsign::objects::{CallFailure, ErrorCode, ObjectError};
use upsign::session::UploadState;
use upsign::{LimitSkipped, SessionEvent, SessionOutcome, StoreCallEvent};

/// Histogram buckets in seconds: from 5 milliseconds, a fast answer of a store nearby, to 30 seconds, which completing an
/// upload of many parts may take.
const SECONDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// Names of the metrics below, without the suffixes of their samples.
pub(super) const NAMES: [&str; 7] = [
    "upsign_session_calls",
    "upsign_parts_signed",
    "upsign_completed_bytes",
    "upsign_confirmations",
    "upsign_store_seconds",
    "upsign_store_failures",
    "upsign_limits_skipped",
];

#[derive(Clone)]
pub(super) struct Sessions {
    calls: Family<ByCall, Counter>,
    parts: Family<ByRoute, Counter>,
    bytes: Family<ByRoute, Counter>,
    confirmations: Family<ByState, Counter>,
    store: Family<ByOperation, Histogram, fn() -> Histogram>,
    failures: Family<ByFailure, Counter>,
    skipped: Family<ByStep, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByCall {
    call: &'static str,
    route: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByRoute {
    route: String,
}

/// An empty label is one that Prometheus treats as absent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByState {
    route: String,
    state: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByOperation {
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByFailure {
    operation: &'static str,
    code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByStep {
    step: &'static str,
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self {
            calls: Family::default(),
            parts: Family::default(),
            bytes: Family::default(),
            confirmations: Family::default(),
            store: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            failures: Family::default(),
            skipped: Family::default(),
        }
    }

    pub(super) fn register(&self, to: &mut Registry) {
        let help = "Calls for an upload that had begun and that were answered";
        to.register("upsign_session_calls", help, self.calls.clone());
        let help = "Parts of uploads for which a URL was signed";
        to.register("upsign_parts_signed", help, self.parts.clone());
        let help = "Sizes of the objects whose multipart upload was completed";
        to.register("upsign_completed_bytes", help, self.bytes.clone());
        let help = "Confirmations of uploads that were answered, by state and reason";
        to.register("upsign_confirmations", help, self.confirmations.clone());
        let help = "Time that calls to the store took, with all attempts";
        to.register_with_unit("upsign_store", help, Unit::Seconds, self.store.clone());
        let help = "Failed calls to the store, by its error code";
        to.register("upsign_store_failures", help, self.failures.clone());
        let help = "Steps of a quota or a rate limit that were left out because its store failed";
        to.register("upsign_limits_skipped", help, self.skipped.clone());
    }

    pub(super) fn answered(&self, event: &SessionEvent<'_>) {
        let route = || event.route().unwrap_or_default().to_owned();
        let call = event.outcome.call().as_str();
        self.calls.get_or_create(&ByCall { call, route: route(), outcome: outcome(&event.outcome) }).inc();
        match event.outcome {
            SessionOutcome::PartsSigned(parts) => {
                let parts = u64::try_from(parts).unwrap_or(u64::MAX);
                self.parts.get_or_create(&ByRoute { route: route() }).inc_by(parts);
            }
            // A repeated request completes nothing.
            SessionOutcome::Completed(object) if !object.was_complete => {
                self.bytes.get_or_create(&ByRoute { route: route() }).inc_by(object.size);
            }
            SessionOutcome::Confirmed(answer) => {
                let (state, reason) =
                    (answer.state.as_str(), answer.reason.map_or("", ConfirmReason::as_str));
                self.confirmations.get_or_create(&ByState { route: route(), state, reason }).inc();
            }
            _ => {}
        }
    }

    pub(super) fn store_called(&self, event: &StoreCallEvent<'_>) {
        let operation = event.operation;
        self.store.get_or_create(&ByOperation { operation }).observe(event.duration.as_secs_f64());
        // That an object does not exist is an answer, which the service expects before an upload is complete.
        if let Some(error) = event.error.filter(|error| !error.is_not_found()) {
            let code = code(error).to_owned();
            self.failures.get_or_create(&ByFailure { operation, code }).inc();
        }
    }

    pub(super) fn limit_skipped(&self, event: &LimitSkipped<'_>) {
        self.skipped.get_or_create(&ByStep { step: event.step.as_str() }).inc();
    }
}

const fn outcome(outcome: &SessionOutcome<'_>) -> &'static str {
    match outcome {
        SessionOutcome::PartsSigned(_) => "signed",
        SessionOutcome::Status(status) => match status.state {
            UploadState::Open(_) => "open",
            UploadState::Completed(_) => "completed",
            UploadState::Gone => "gone",
        },
        SessionOutcome::Completed(object) if object.was_complete => "repeated",
        SessionOutcome::Completed(_) => "completed",
        SessionOutcome::Aborted => "aborted",
        SessionOutcome::Confirmed(answer) if answer.was_confirmed => "repeated",
        SessionOutcome::Confirmed(answer) => answer.state.as_str(),
        SessionOutcome::Read(_) => "signed",
        SessionOutcome::Deleted(_) => "deleted",
    }
}

/// Returns a label from a fixed set: the code of the store if S3 documents it, or a word for another failure.
fn code(error: &ObjectError) -> &str {
    match error.failure() {
        CallFailure::Store(answer) => match answer.code() {
            Some(ErrorCode::Other(_)) => "other",
            Some(code) => code.as_str(),
            None => match answer.status() {
                // Answers to HEAD have no body, hence no code.
                403 => "AccessDenied",
                _ => "other",
            },
        },
        CallFailure::Timeout(_) => "timeout",
        CallFailure::Connect(_) | CallFailure::Connection(_) => "connection",
        CallFailure::Presign(_) => "presign",
        CallFailure::Answer(_) => "answer",
        _ => "other",
    }
}
