//! The form of Terraform.

use serde_json::Value;

use super::super::{InvalidNotification, NotificationDocument, QueueNotification};
use super::{decoded, encoded, plain};
use crate::hcl;
use crate::node::{Node, find, list, map, text};

const RESOURCE: &str = "aws_s3_bucket_notification";

impl NotificationDocument {
    /// A resource of Terraform in JSON. A bucket takes one such resource.
    #[must_use]
    pub fn to_terraform_json(&self, bucket: &str) -> String {
        self.to_terraform_node("uploads", bucket).to_json()
    }

    /// The same in HCL.
    #[must_use]
    pub fn to_terraform(&self, bucket: &str) -> String {
        self.to_terraform_node("uploads", bucket).to_hcl()
    }

    pub(crate) fn to_terraform_node(&self, name: &str, bucket: &str) -> Node {
        let queues = self.queues.iter().map(|queue| {
            let mut members = vec![
                ("id", text(&queue.id)),
                ("queue_arn", text(&queue.queue)),
                ("events", list(queue.events.iter().map(String::as_str))),
            ];
            if !queue.prefix.is_empty() {
                members.push(("filter_prefix", text(encoded(&queue.prefix))));
            }
            map(members)
        });
        let mut members = vec![("bucket", text(bucket))];
        if self.event_bridge {
            members.push(("eventbridge", true.into()));
        } else {
            members.push(("queue", Node::Blocks(queues.collect())));
        }
        hcl::resource(RESOURCE, name, map(members))
    }

    /// Reads a resource of Terraform in JSON.
    ///
    /// # Errors
    /// [`InvalidNotification`].
    pub fn from_terraform_json(json: &str) -> Result<Self, InvalidNotification> {
        Self::from_terraform_value(&serde_json::from_str(json).map_err(InvalidNotification::Json)?)
    }

    pub(crate) fn from_terraform_value(value: &Value) -> Result<Self, InvalidNotification> {
        let found = find(value, RESOURCE).and_then(|it| it.get(RESOURCE));
        let found = found.and_then(|it| find(it, "bucket")).ok_or(InvalidNotification::Absent(RESOURCE))?;
        let event_bridge = found.get("eventbridge") == Some(&Value::Bool(true));
        let queues = found.get("queue").map(hcl::blocks).unwrap_or_default().into_iter().map(|queue| {
            let words = |name: &str| queue.get(name).map(plain).unwrap_or_default();
            let events = queue.get("events").and_then(Value::as_array).into_iter().flatten();
            QueueNotification {
                id: words("id"),
                queue: words("queue_arn"),
                events: events.map(plain).collect(),
                prefix: decoded(&words("filter_prefix")),
            }
        });
        Ok(Self { queues: queues.collect(), event_bridge })
    }
}
