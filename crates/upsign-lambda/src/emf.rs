//! Metrics in CloudWatch's embedded metric format: one line of JSON for each request, in the function's log.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use std::fmt;
use std::io::Write;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use upsign::confirm::{ConfirmState, Confirmation};
use upsign::{
    AnnouncementEvent, GrantEvent, InspectionEvent, LimitSkipped, QuotaDecision, QuotaEvent, Refusal,
    SessionEvent, SessionOutcome, StoreCallEvent, UploadObserver,
};
use upsign_core::Timestamp;

use crate::credentials::LastExpiry;

/// Writes one line of metrics.
pub(crate) type WriteLine = Arc<dyn Fn(&str) + Send + Sync>;

/// Writes a line of metrics for each grant, each refusal, each call for an upload that has begun, each call to the store, each step of
/// a limit that was left out, each decision of a quota, each inspection and each announcement.
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

/// Returns the line about the webhooks of one event: how many were delivered, how many the queue delivers again, and how many left the
/// queue without delivery.
#[cfg(feature = "webhooks")]
pub(crate) fn deliveries([delivered, retried, lost]: [usize; 3], at: Timestamp) -> String {
    let metrics = [("WebhooksDelivered", delivered), ("WebhooksRetried", retried), ("WebhooksLost", lost)];
    let described: Vec<Value> =
        metrics.iter().map(|(name, _)| json!({"Name": name, "Unit": unit(name)})).collect();
    let mut line: Map<String, Value> =
        metrics.into_iter().map(|(name, count)| (name.to_owned(), count.into())).collect();
    line.insert("_aws".into(), directive(at, &json!([[]]), &described.into()));
    Value::Object(line).to_string()
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
        "StoreMillis" | "InspectMillis" => "Milliseconds",
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

    fn quota_decided(&self, event: &QuotaEvent<'_>) {
        let name = match event.decision {
            QuotaDecision::Granted => "QuotaGranted",
            QuotaDecision::Denied => "QuotaDenied",
            QuotaDecision::Unavailable => "QuotaUnavailable",
            // `LimitsSkipped` counts it.
            _ => return,
        };
        self.line(event.at, None, [(name, 1)]);
    }

    fn inspected(&self, event: &InspectionEvent<'_>) {
        let millis = u64::try_from(event.duration.as_millis()).unwrap_or(u64::MAX);
        self.line(event.at, Some(("Inspection", event.result.as_str())), [("InspectMillis", millis)]);
    }

    fn announced(&self, event: &AnnouncementEvent<'_>) {
        let (sent, failed) = if event.is_accepted { (1, 0) } else { (0, 1) };
        let counts = [("Announced", sent), ("AnnounceFailures", failed)];
        self.line(event.at, Some(("Announcement", event.kind.as_str())), counts);
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use upsign::{AnnouncementKind, InspectionResult};

    use super::*;

    #[test]
    fn what_follows_a_grant_is_written_as_metrics() {
        let at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let lines: Arc<Mutex<Vec<Value>>> = Arc::default();
        let written = Arc::clone(&lines);
        let write = move |line: &str| written.lock().unwrap().push(serde_json::from_str(line).unwrap());
        let emf = Emf::new(LastExpiry::default(), Arc::new(write));
        for decision in [
            QuotaDecision::Granted,
            QuotaDecision::Denied,
            QuotaDecision::Unavailable,
            QuotaDecision::Skipped,
        ] {
            emf.quota_decided(&QuotaEvent::new(Some("photos"), decision, at));
        }
        let took = Duration::from_millis(1500);
        emf.inspected(&InspectionEvent::new(Some("photos"), InspectionResult::Rejected, took, at));
        for is_accepted in [true, false] {
            let kind = AnnouncementKind::Confirmed;
            emf.announced(&AnnouncementEvent::new(Some("photos"), kind, is_accepted, at));
        }
        let metrics = |line: &Value| {
            let described = &line["_aws"]["CloudWatchMetrics"][0];
            let metrics = described["Metrics"].as_array().unwrap().iter();
            let value = |metric: &Value| {
                let name = metric["Name"].as_str().unwrap();
                format!("{name}={} {}", line[name], metric["Unit"].as_str().unwrap())
            };
            let dimension = described["Dimensions"][1][0].as_str();
            let dimension = dimension.map(|name| format!("{name}={}", line[name].as_str().unwrap()));
            metrics.map(value).chain(dimension).collect::<Vec<_>>().join(", ")
        };
        let found: Vec<String> = lines.lock().unwrap().iter().map(metrics).collect();
        let expected = [
            "QuotaGranted=1 Count",
            "QuotaDenied=1 Count",
            "QuotaUnavailable=1 Count",
            "InspectMillis=1500 Milliseconds, Inspection=rejected",
            "AnnounceFailures=0 Count, Announced=1 Count, Announcement=confirmed",
            "AnnounceFailures=1 Count, Announced=0 Count, Announcement=confirmed",
        ];
        assert_eq!(found, expected);
    }
}
