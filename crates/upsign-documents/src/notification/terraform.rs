//! Notification documents as Terraform's resource `aws_s3_bucket_notification`.

use serde_json::Value;

use super::json::{decoded, encoded, plain};
use super::{InvalidNotificationDocument, NotificationDocument, QueueNotification};
use crate::node::{Node, find, list, map, text};
use crate::terraform;

const RESOURCE: &str = "aws_s3_bucket_notification";

impl NotificationDocument {
    /// Returns a Terraform resource for `bucket` in Terraform's JSON syntax. Declare one such resource per bucket.
    #[must_use]
    pub fn to_terraform_json(&self, bucket: &str) -> String {
        self.to_terraform_node("uploads", bucket).to_json()
    }

    /// Returns a Terraform resource for `bucket` in HCL. Declare one such resource per bucket.
    #[must_use]
    pub fn to_terraform(&self, bucket: &str) -> String {
        self.to_terraform_node("uploads", bucket).to_hcl()
    }

    pub(crate) fn to_terraform_node(&self, name: &str, bucket: &str) -> Node {
        terraform::resource(RESOURCE, name, map(self.terraform_body(text(bucket))))
    }

    /// Returns the arguments of the resource.
    pub(crate) fn terraform_body(&self, bucket: Node) -> Vec<(&'static str, Node)> {
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
        let mut members = vec![("bucket", bucket)];
        if self.event_bridge {
            members.push(("eventbridge", true.into()));
        } else {
            members.push(("queue", Node::Blocks(queues.collect())));
        }
        members
    }

    /// Reads the first `aws_s3_bucket_notification` of a Terraform configuration in JSON syntax.
    ///
    /// # Errors
    /// Fails if the text is not JSON or contains no such resource.
    pub fn from_terraform_json(json: &str) -> Result<Self, InvalidNotificationDocument> {
        Self::from_terraform_value(&serde_json::from_str(json).map_err(InvalidNotificationDocument::Json)?)
    }

    /// Reads the first `aws_s3_bucket_notification` of a Terraform configuration in HCL. Needs the feature `hcl`.
    ///
    /// # Errors
    /// Fails if the text is not HCL or contains no such resource.
    #[cfg(feature = "hcl")]
    pub fn from_terraform(text: &str) -> Result<Self, InvalidNotificationDocument> {
        let value = terraform::parse(text);
        Self::from_terraform_value(
            &value.map_err(|error| InvalidNotificationDocument::Text(error.to_string()))?,
        )
    }

    pub(crate) fn from_terraform_value(value: &Value) -> Result<Self, InvalidNotificationDocument> {
        let found = find(value, RESOURCE).and_then(|it| it.get(RESOURCE));
        let found =
            found.and_then(|it| find(it, "bucket")).ok_or(InvalidNotificationDocument::Absent(RESOURCE))?;
        let event_bridge = found.get("eventbridge") == Some(&Value::Bool(true));
        let queues = found.get("queue").map(terraform::blocks).unwrap_or_default().into_iter().map(|queue| {
            let string = |name: &str| queue.get(name).map(plain).unwrap_or_default();
            let events = queue.get("events").and_then(Value::as_array).into_iter().flatten();
            QueueNotification {
                id: string("id"),
                queue: string("queue_arn"),
                events: events.map(plain).collect(),
                prefix: decoded(&string("filter_prefix")),
            }
        });
        Ok(Self { queues: queues.collect(), event_bridge })
    }
}
