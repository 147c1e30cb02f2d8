//! The headers and form fields that a route fixes, as `check` and `serve` print them.

use serde_json::{Map, Value, json};
use upsign_policy::UploadPolicy;

use crate::output::Printer;

/// Prints each setting of the objects of a route: `sets  content_encoding gzip`.
pub(crate) fn print(to: Printer, policy: &UploadPolicy) {
    for (key, value) in settings(policy) {
        let value = match &value {
            Value::String(text) => text.clone(),
            Value::Object(members) if key == "object_lock" => lock(members),
            Value::Object(members) => pairs(members),
            other => other.to_string(),
        };
        to.detail("sets", &format!("{key} {value}"));
    }
}

/// Returns what [`print`] prints, as a JSON object with the keys of the file. Values are those that are sent, except for the
/// encryption context and the lock, which have the form of the file.
pub(crate) fn json(policy: &UploadPolicy) -> Value {
    Value::Object(settings(policy))
}

fn settings(policy: &UploadPolicy) -> Map<String, Value> {
    let mut settings = Map::new();
    for (key, value) in policy.fixed_settings() {
        let value = match (key, policy.retention()) {
            ("kms_context", _) => {
                let pairs = policy.kms_context().iter();
                pairs.map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
            }
            ("object_lock", Some(retention)) => {
                json!({"mode": retention.mode().as_str().to_lowercase(), "days": retention.days()})
            }
            _ => value.into(),
        };
        settings.insert(key.to_owned(), value);
    }
    settings
}

fn lock(members: &Map<String, Value>) -> String {
    let text = |name: &str| members.get(name).map(plain).unwrap_or_default();
    let (mode, days) = (text("mode"), text("days"));
    let unit = if days == "1" { "day" } else { "days" };
    format!("{mode} for {days} {unit} from the grant")
}

fn pairs(members: &Map<String, Value>) -> String {
    let pairs: Vec<String> = members.iter().map(|(name, value)| format!("{name}={}", plain(value))).collect();
    pairs.join(", ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
