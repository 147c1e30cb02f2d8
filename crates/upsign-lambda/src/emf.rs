//! Metrics in CloudWatch's embedded metric format: one line of JSON for each request, in the function's log.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use std::fmt;
use std::io::Write;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use upsign::confirm::{ConfirmState, Confirmation};
use upsign::{
    GrantEvent, LimitSkipped, Refusal, SessionEvent, SessionOutcome, StoreCallEvent, UploadObserver,
};
use upsign_core::Timestamp;

use crate::credentials::LastExpiry;

/// Writes one line of metrics.
pub(crate) type WriteLine = Arc<dyn Fn(&str) + Send + Sync>;

/// Writes a line of metrics for each grant, each refusal, each call for an upload that has begun, each call to the store, and each
/// step of a limit that was left out.
///
/// A line contains counts, times, the code of a refusal and the operation of the store. It contains no URL, key, token or user.
#[derive(Clone)]
pub(crate) struct Emf {
    last_expiry: LastExpiry,
    write: WriteLine,
}

impl Emf {
    pub(crate) fn new(last_expiry: LastExpiry, write: WriteLine) -> Self {
        Self { last_expiry, write }
    }

    /// Writes a line. `dimension` is the name and the value of a dimension: CloudWatch creates a metric for each of its values, so
    /// they come from a fixed set.
    fn line(
        &self,
        at: Timestamp,
        dimension: Option<(&'static str, &'static str)>,
        metrics: impl IntoIterator<Item = (&'static str, u64)>,
    ) {
        let metrics = metrics.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
        let mut metrics: Map<String, Value> = metrics.collect();
        if let Some(remaining) = self.last_expiry.remaining(at) {
            metrics.insert("CredentialsSeconds".into(), remaining.into());
        }
        let described: Vec<Value> =
            metrics.keys().map(|name| json!({"Name": name, "Unit": unit(name)})).collect();
        let dimensions = dimension.map_or_else(|| json!([[]]), |(name, _)| json!([[], [name]]));
        let mut line = metrics;
        if let Some((name, value)) = dimension {
            line.insert(name.into(), value.into());
        }
        line.insert("_aws".into(), directive(at, &dimensions, &described.into()));
        (self.write)(&Value::Object(line).to_string());
    }
}

/// Returns the line of a metric with the value 1: without dimensions, and for each value of `Issuer` if there are several
/// issuers. Their names are in the configuration, so there are few.
#[cfg(any(feature = "verify", feature = "chain"))]
pub(crate) fn count(name: &'static str, issuer: Option<&str>, at: Timestamp) -> String {
    let described = json!([{"Name": name, "Unit": unit(name)}]);
    match issuer {
        None => json!({name: 1, "_aws": directive(at, &json!([[]]), &described)}),
        Some(issuer) => {
            let aws = directive(at, &json!([[], ["Issuer"]]), &described);
            json!({name: 1, "Issuer": issuer, "_aws": aws})
        }
    }
    .to_string()
}

/// Returns the member that tells CloudWatch which members of a line are metrics.
fn directive(at: Timestamp, dimensions: &Value, metrics: &Value) -> Value {
    json!({
        "Timestamp": at.as_unix().saturating_mul(1000),
        "CloudWatchMetrics": [{"Namespace": "upsign", "Dimensions": dimensions, "Metrics": metrics}],
    })
}

fn unit(name: &str) -> &'static str {
    match name {
        "SignMicros" => "Microseconds",
        "StoreMillis" => "Milliseconds",
        "CompletedBytes" => "Bytes",
        "CredentialsSeconds" => "Seconds",
        _ => "Count",
    }
}

/// Returns what a confirmation counts. A confirmed object counts once, whatever the number of requests.
fn confirmed(answer: &Confirmation) -> Option<(&'static str, u64)> {
    match answer.state {
        ConfirmState::Confirmed if !answer.was_confirmed => Some(("UploadConfirmed", 1)),
        ConfirmState::Rejected => Some(("UploadRejected", 1)),
        ConfirmState::Mismatch => Some(("UploadMismatch", 1)),
        _ => None,
    }
}

impl UploadObserver for Emf {
    fn granted(&self, event: &GrantEvent<'_>) {
        let micros = u64::try_from(event.signing.as_micros()).unwrap_or(u64::MAX);
        self.line(event.at, None, [("Issued", 1), ("Rejected", 0), ("SignMicros", micros)]);
    }

    fn refused(&self, refusal: &Refusal) {
        self.line(refusal.at, Some(("Reason", refusal.code)), [("Issued", 0), ("Rejected", 1)]);
    }

    fn session(&self, event: &SessionEvent<'_>) {
        let mut metrics = vec![("Rejected", 0)];
        match event.outcome {
            SessionOutcome::PartsSigned(parts) => {
                metrics.push(("PartsSigned", u64::try_from(parts).unwrap_or(u64::MAX)));
            }
            // A repeated request completes nothing.
            SessionOutcome::Completed(object) if !object.was_complete => {
                metrics.extend([("Completed", 1), ("CompletedBytes", object.size)]);
            }
            SessionOutcome::Aborted => metrics.push(("Aborted", 1)),
            SessionOutcome::Deleted(_) => metrics.push(("UploadDeleted", 1)),
            SessionOutcome::Confirmed(answer) => {
                metrics.extend(confirmed(answer));
                let reason = answer.reason.map(|reason| ("ConfirmReason", reason.as_str()));
                return self.line(event.at, reason, metrics);
            }
            SessionOutcome::Completed(_) | SessionOutcome::Status(_) | SessionOutcome::Read(_) => {}
        }
        self.line(event.at, None, metrics);
    }

    fn store_called(&self, event: &StoreCallEvent<'_>) {
        let millis = u64::try_from(event.duration.as_millis()).unwrap_or(u64::MAX);
        self.line(event.at, Some(("Operation", event.operation)), [("StoreMillis", millis)]);
    }

    fn limit_skipped(&self, event: &LimitSkipped<'_>) {
        self.line(event.at, Some(("Step", event.step.as_str())), [("LimitsSkipped", 1)]);
    }
}

impl fmt::Debug for Emf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emf").field("last_expiry", &self.last_expiry).finish_non_exhaustive()
    }
}

/// Writes to standard output, from which Lambda collects the log of a function.
pub(crate) fn standard_output(line: &str) {
    // A failure to write metrics must not fail the request.
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}
