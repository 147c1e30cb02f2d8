//! The forms.

mod terraform;
mod xml;

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{InvalidNotification, NotificationDocument, QueueNotification};
use crate::node::{Node, find, map, text};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    queue_configurations: Vec<Queue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_bridge_configuration: Option<Nothing>,
}

#[derive(Serialize, Deserialize)]
struct Nothing {}

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
struct FilterRule {
    name: String,
    value: String,
}

impl NotificationDocument {
    /// For `aws s3api put-bucket-notification-configuration --notification-configuration file://…`.
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
        let bridge = self.event_bridge.then_some(Nothing {});
        Node::of(&Document { queue_configurations: queues.collect(), event_bridge_configuration: bridge })
            .to_json()
    }

    /// Reads that form.
    ///
    /// # Errors
    /// [`InvalidNotification`]; also for what is never written here, as topics and functions.
    pub fn from_json(json: &str) -> Result<Self, InvalidNotification> {
        let document: Document = serde_json::from_str(json).map_err(InvalidNotification::Json)?;
        let queues = document.queue_configurations.into_iter().map(|queue| QueueNotification {
            id: queue.id,
            queue: queue.queue_arn,
            events: queue.events,
            prefix: prefix_of(queue.filter.into_iter().flat_map(|it| it.key.filter_rules)),
        });
        let event_bridge = document.event_bridge_configuration.is_some();
        Ok(Self { queues: queues.collect(), event_bridge })
    }

    /// `NotificationConfiguration` of `AWS::S3::Bucket`, which takes one event in each configuration.
    #[must_use]
    pub fn to_cloudformation(&self) -> String {
        self.to_cloud_node().to_json()
    }

    pub(crate) fn to_cloud_node(&self) -> Node {
        if self.event_bridge {
            return map([("EventBridgeConfiguration", map([("EventBridgeEnabled", true.into())]))]);
        }
        let one = |queue: &QueueNotification, event: &String| {
            let mut members = vec![("Event", text(event)), ("Queue", text(&queue.queue))];
            if !queue.prefix.is_empty() {
                let rule = map([("Name", text("prefix")), ("Value", text(encoded(&queue.prefix)))]);
                let rules = map([("Rules", Node::List(vec![rule]))]);
                members.push(("Filter", map([("S3Key", rules)])));
            }
            map(members)
        };
        let queues = self.queues.iter().flat_map(|queue| queue.events.iter().map(move |it| one(queue, it)));
        map([("QueueConfigurations", Node::List(queues.collect()))])
    }

    /// Reads `NotificationConfiguration`: alone, as a property, or wherever it is in a template in JSON. What goes to one
    /// queue from one prefix becomes one configuration again, with an id as it is given here.
    ///
    /// # Errors
    /// [`InvalidNotification`].
    pub fn from_cloudformation(json: &str) -> Result<Self, InvalidNotification> {
        Self::from_cloud_value(&serde_json::from_str(json).map_err(InvalidNotification::Json)?)
    }

    pub(crate) fn from_cloud_value(value: &Value) -> Result<Self, InvalidNotification> {
        if find(value, "EventBridgeConfiguration").is_some() {
            return Ok(Self { queues: Vec::new(), event_bridge: true });
        }
        let found = find(value, "QueueConfigurations").and_then(|it| it.get("QueueConfigurations"));
        let found =
            found.and_then(Value::as_array).ok_or(InvalidNotification::Absent("QueueConfigurations"))?;
        let mut queues: Vec<QueueNotification> = Vec::new();
        for queue in found {
            let words = |name: &str| queue.get(name).map(plain).unwrap_or_default();
            let rules = queue.pointer("/Filter/S3Key/Rules").and_then(Value::as_array);
            let rules = rules.into_iter().flatten().filter_map(|rule| FilterRule::deserialize(rule).ok());
            let (prefix, arn, event) = (prefix_of(rules), words("Queue"), words("Event"));
            match queues.iter_mut().find(|known| known.queue == arn && known.prefix == prefix) {
                Some(known) => known.events.push(event),
                None => queues.push(QueueNotification {
                    id: format!("upsign-{}", queues.len() + 1),
                    queue: arn,
                    events: vec![event],
                    prefix,
                }),
            }
        }
        Ok(Self { queues, event_bridge: false })
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn prefix_of(rules: impl IntoIterator<Item = FilterRule>) -> String {
    let prefix = rules.into_iter().find(|rule| rule.name.eq_ignore_ascii_case("prefix"));
    prefix.map(|rule| decoded(&rule.value)).unwrap_or_default()
}

/// A space is `+`, what is not plain is percent-encoded.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html>.
fn encoded(prefix: &str) -> String {
    let mut out = String::new();
    for byte in prefix.bytes() {
        match byte {
            b' ' => out.push('+'),
            byte if byte.is_ascii_alphanumeric() || b"/-_.~!*'()".contains(&byte) => out.push(byte.into()),
            // Writing into a String cannot fail.
            byte => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

fn decoded(value: &str) -> String {
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
