//! Notification documents as the property `NotificationConfiguration` of CloudFormation's `AWS::S3::Bucket`.

use serde::Deserialize;
use serde_json::Value;

use super::json::{FilterRule, encoded, plain, prefix_of};
use super::{InvalidNotificationDocument, NotificationDocument, QueueNotification};
use crate::node::{Node, find, map, text};

impl NotificationDocument {
    /// Returns the document as `NotificationConfiguration` of `AWS::S3::Bucket`, in JSON.
    ///
    /// CloudFormation takes one event per configuration, so an entry for three events becomes three.
    #[must_use]
    pub fn to_cloudformation(&self) -> String {
        self.to_cloudformation_node().to_json()
    }

    pub(crate) fn to_cloudformation_node(&self) -> Node {
        if self.event_bridge {
            return map([("EventBridgeConfiguration", map([("EventBridgeEnabled", true.into())]))]);
        }
        let configuration = |queue: &QueueNotification, event: &String| {
            let mut members = vec![("Event", text(event)), ("Queue", text(&queue.queue))];
            if !queue.prefix.is_empty() {
                let rule = map([("Name", text("prefix")), ("Value", text(encoded(&queue.prefix)))]);
                let rules = map([("Rules", Node::List(vec![rule]))]);
                members.push(("Filter", map([("S3Key", rules)])));
            }
            map(members)
        };
        let queues =
            self.queues.iter().flat_map(|queue| queue.events.iter().map(move |it| configuration(queue, it)));
        map([("QueueConfigurations", Node::List(queues.collect()))])
    }

    /// Reads a `NotificationConfiguration` in JSON: alone, as a property, or the first one of a whole template.
    ///
    /// Entries for the same queue and prefix are merged. CloudFormation has no ids, so the entries are numbered `upsign-1`,
    /// `upsign-2` and so on.
    ///
    /// # Errors
    /// Fails if the text is not JSON or contains neither `QueueConfigurations` nor `EventBridgeConfiguration`.
    pub fn from_cloudformation(json: &str) -> Result<Self, InvalidNotificationDocument> {
        Self::from_cloudformation_value(
            &serde_json::from_str(json).map_err(InvalidNotificationDocument::Json)?,
        )
    }

    pub(crate) fn from_cloudformation_value(value: &Value) -> Result<Self, InvalidNotificationDocument> {
        if find(value, "EventBridgeConfiguration").is_some() {
            return Ok(Self { queues: Vec::new(), event_bridge: true });
        }
        let found = find(value, "QueueConfigurations").and_then(|it| it.get("QueueConfigurations"));
        let found = found
            .and_then(Value::as_array)
            .ok_or(InvalidNotificationDocument::Absent("QueueConfigurations"))?;
        let mut queues: Vec<QueueNotification> = Vec::new();
        for queue in found {
            let string = |name: &str| queue.get(name).map(plain).unwrap_or_default();
            let rules = queue.pointer("/Filter/S3Key/Rules").and_then(Value::as_array);
            let rules = rules.into_iter().flatten().filter_map(|rule| FilterRule::deserialize(rule).ok());
            let (prefix, arn, event) = (prefix_of(rules), string("Queue"), string("Event"));
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
