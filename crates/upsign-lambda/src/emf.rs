//! Metrics in CloudWatch's embedded metric format: one line of JSON for each request, in the function's log.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use std::fmt;
use std::io::Write;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use upsign::{GrantEvent, Refusal, UploadObserver};
use upsign_core::Timestamp;

use crate::credentials::LastExpiry;

/// Writes one line of metrics.
pub(crate) type WriteLine = Arc<dyn Fn(&str) + Send + Sync>;

/// Writes a line of metrics for each grant and each refusal.
///
/// A line contains counts, times and the code of a refusal. It contains no URL, key, token or user.
#[derive(Clone)]
pub(crate) struct Emf {
    last_expiry: LastExpiry,
    write: WriteLine,
}

impl Emf {
    pub(crate) fn new(last_expiry: LastExpiry, write: WriteLine) -> Self {
        Self { last_expiry, write }
    }

    fn line(&self, at: Timestamp, reason: Option<&'static str>, mut metrics: Map<String, Value>) {
        if let Some(remaining) = self.last_expiry.remaining(at) {
            metrics.insert("CredentialsSeconds".into(), remaining.into());
        }
        let described: Vec<Value> =
            metrics.keys().map(|name| json!({"Name": name, "Unit": unit(name)})).collect();
        // CloudWatch creates a metric for each value of a dimension. Codes come from a fixed set, so `Reason` can be one.
        let dimensions = if reason.is_some() { json!([[], ["Reason"]]) } else { json!([[]]) };
        let mut line = metrics;
        if let Some(reason) = reason {
            line.insert("Reason".into(), reason.into());
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
        "CredentialsSeconds" => "Seconds",
        _ => "Count",
    }
}

impl UploadObserver for Emf {
    fn granted(&self, event: &GrantEvent<'_>) {
        let micros = u64::try_from(event.signing.as_micros()).unwrap_or(u64::MAX);
        let metrics = [("Issued", 1), ("Rejected", 0), ("SignMicros", micros)];
        self.line(
            event.at,
            None,
            metrics.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect(),
        );
    }

    fn refused(&self, refusal: &Refusal) {
        let metrics = [("Issued", 0), ("Rejected", 1)];
        let metrics = metrics.map(|(name, value)| (name.to_owned(), Value::from(value)));
        self.line(refusal.at, Some(refusal.code), metrics.into_iter().collect());
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
