//! Notification documents in the JSON of `aws s3api`, and the encoding of prefixes that every form shares.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{InvalidNotificationDocument, NotificationDocument, QueueNotification};
use crate::node::Node;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    queue_configurations: Vec<Queue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_bridge_configuration: Option<EmptyObject>,
}

/// `{}`, with which S3 enables EventBridge.
#[derive(Serialize, Deserialize)]
pub(super) struct EmptyObject {}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Queue {
    id: String,
    queue_arn: String,
    events: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<Filter>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    key: Rules,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Rules {
    filter_rules: Vec<FilterRule>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct FilterRule {
    pub(super) name: String,
    pub(super) value: String,
}

impl NotificationDocument {
    /// Returns the document in JSON, indented, for
    /// `aws s3api put-bucket-notification-configuration --notification-configuration file://…`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let queues = self.queues.iter().map(|queue| Queue {
            id: queue.id.clone(),
            queue_arn: queue.queue.clone(),
            events: queue.events.clone(),
            filter: (!queue.prefix.is_empty()).then(|| Filter {
                key: Rules {
                    filter_rules: vec![FilterRule { name: "prefix".into(), value: encoded(&queue.prefix) }],
                },
            }),
        });
        let bridge = self.event_bridge.then_some(EmptyObject {});
        Node::from_serialize(&Document {
            queue_configurations: queues.collect(),
            event_bridge_configuration: bridge,
        })
        .to_json()
    }

    /// Reads the JSON that `aws s3api get-bucket-notification-configuration` prints.
    ///
    /// # Errors
    /// Fails if the text is not such JSON, or if it has a member that this crate never writes, such as a topic or a function.
    pub fn from_json(json: &str) -> Result<Self, InvalidNotificationDocument> {
        let document: Document = serde_json::from_str(json).map_err(InvalidNotificationDocument::Json)?;
        let queues = document.queue_configurations.into_iter().map(QueueNotification::from);
        let event_bridge = document.event_bridge_configuration.is_some();
        Ok(Self { queues: queues.collect(), event_bridge })
    }

    /// Reads a configuration like [`from_json`](Self::from_json), but leaves out every member that this crate never writes. The
    /// caller finds what was left out by writing the document again.
    pub(crate) fn of_known_members(value: &Value) -> Self {
        let queues = value.get("QueueConfigurations").and_then(Value::as_array).into_iter().flatten();
        let queues = queues.filter_map(|queue| Queue::deserialize(queue).ok()).map(QueueNotification::from);
        let event_bridge = value.get("EventBridgeConfiguration").is_some();
        Self { queues: queues.collect(), event_bridge }
    }
}

impl From<Queue> for QueueNotification {
    fn from(queue: Queue) -> Self {
        Self {
            id: queue.id,
            queue: queue.queue_arn,
            events: queue.events,
            prefix: prefix_of(queue.filter.into_iter().flat_map(|it| it.key.filter_rules)),
        }
    }
}

/// Returns the text of a string, or the JSON of anything else, such as a reference to another resource of a template.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns the decoded value of the rule named `prefix`; empty without such a rule. S3 ignores the case of the name.
pub(super) fn prefix_of(rules: impl IntoIterator<Item = FilterRule>) -> String {
    let prefix = rules.into_iter().find(|rule| rule.name.eq_ignore_ascii_case("prefix"));
    prefix.map(|rule| decoded(&rule.value)).unwrap_or_default()
}

/// Encodes a prefix as S3 wants it in a filter rule: a space as `+`, and every byte that is not safe in a URL as `%XX`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html>.
pub(super) fn encoded(prefix: &str) -> String {
    let mut out = String::new();
    for byte in prefix.bytes() {
        match byte {
            b' ' => out.push('+'),
            byte if byte.is_ascii_alphanumeric() || b"/-_.~!*'()".contains(&byte) => out.push(byte.into()),
            // Writing to a `String` cannot fail.
            byte => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// Undoes [`encoded`].
pub(super) fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        let hex = |digit: Option<u8>| digit.and_then(|it| char::from(it).to_digit(16));
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (high, low) = (hex(rest.next()), hex(rest.next()));
                let both = high.zip(low).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                bytes.extend(both);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
