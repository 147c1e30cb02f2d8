//! Metrics in CloudWatch's embedded metric format: one line of JSON a request, in the function's log.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use std::fmt;
use std::io::Write;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use upsign::{Granted, Refused, UploadObserver};
use upsign_core::Timestamp;

use crate::credentials::End;

/// Takes a line.
pub(crate) type WriteLine = Arc<dyn Fn(&str) + Send + Sync>;

/// Writes a line for each grant and each refusal. It holds counts, times and a refusal's code: no URL, no key, no token,
/// no user.
#[derive(Clone)]
pub(crate) struct Emf {
    end: End,
    write: WriteLine,
}

impl Emf {
    pub(crate) fn new(end: End, write: WriteLine) -> Self {
        Self { end, write }
    }

    fn line(&self, at: Timestamp, reason: Option<&'static str>, mut metrics: Map<String, Value>) {
        if let Some(remaining) = self.end.remaining(at) {
            metrics.insert("CredentialsSeconds".into(), remaining.into());
        }
        let described: Vec<Value> =
            metrics.keys().map(|name| json!({"Name": name, "Unit": unit(name)})).collect();
        // Refusals are counted in all, and by reason: a dimension, so it has to be one of few words.
        let dimensions = if reason.is_some() { json!([[], ["Reason"]]) } else { json!([[]]) };
        let mut line = metrics;
        if let Some(reason) = reason {
            line.insert("Reason".into(), reason.into());
        }
        line.insert(
            "_aws".into(),
            json!({
                "Timestamp": at.as_unix().saturating_mul(1000),
                "CloudWatchMetrics": [{"Namespace": "upsign", "Dimensions": dimensions, "Metrics": described}],
            }),
        );
        (self.write)(&Value::Object(line).to_string());
    }
}

fn unit(name: &str) -> &'static str {
    match name {
        "SignMicros" => "Microseconds",
        "CredentialsSeconds" => "Seconds",
        _ => "Count",
    }
}

impl UploadObserver for Emf {
    fn granted(&self, told: &Granted<'_>) {
        let micros = u64::try_from(told.signing.as_micros()).unwrap_or(u64::MAX);
        let metrics = [("Issued", 1), ("Rejected", 0), ("SignMicros", micros)];
        self.line(
            told.at,
            None,
            metrics.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect(),
        );
    }

    fn refused(&self, told: &Refused) {
        let metrics = [("Issued", 0), ("Rejected", 1)];
        let metrics = metrics.map(|(name, value)| (name.to_owned(), Value::from(value)));
        self.line(told.at, Some(told.code), metrics.into_iter().collect());
    }
}

impl fmt::Debug for Emf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emf").field("end", &self.end).finish_non_exhaustive()
    }
}

/// Where Lambda collects a function's log.
pub(crate) fn standard_output(line: &str) {
    // A log that cannot be written is no reason to refuse a request.
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}
