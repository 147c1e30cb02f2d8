//! Lifecycle documents as Terraform's resource `aws_s3_bucket_lifecycle_configuration`.

use serde_json::Value;

use super::json::ENABLED;
use super::{InvalidLifecycleDocument, LifecycleDocument, LifecycleRule};
use crate::node::{Node, find, map, text};
use crate::terraform;

const RESOURCE: &str = "aws_s3_bucket_lifecycle_configuration";

impl LifecycleDocument {
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
        let rules = self.rules().iter().map(to_block).collect();
        vec![("bucket", bucket), ("rule", Node::Blocks(rules))]
    }

    /// Reads the first `aws_s3_bucket_lifecycle_configuration` of a Terraform configuration in JSON syntax.
    ///
    /// # Errors
    /// Fails if the text is not JSON or contains no such resource with a `rule`.
    pub fn from_terraform_json(json: &str) -> Result<Self, InvalidLifecycleDocument> {
        Self::from_terraform_value(&serde_json::from_str(json).map_err(InvalidLifecycleDocument::Json)?)
    }

    /// Reads the first `aws_s3_bucket_lifecycle_configuration` of a Terraform configuration in HCL. Needs the feature `hcl`.
    ///
    /// # Errors
    /// Fails if the text is not HCL or contains no such resource with a `rule`.
    #[cfg(feature = "hcl")]
    pub fn from_terraform(text: &str) -> Result<Self, InvalidLifecycleDocument> {
        let value = terraform::parse(text);
        Self::from_terraform_value(&value.map_err(|error| InvalidLifecycleDocument::Text(error.to_string()))?)
    }

    pub(crate) fn from_terraform_value(value: &Value) -> Result<Self, InvalidLifecycleDocument> {
        let resource = find(value, RESOURCE).and_then(|it| it.get(RESOURCE));
        let resource = resource.and_then(|it| find(it, "rule"));
        let rules =
            resource.and_then(|it| it.get("rule")).ok_or(InvalidLifecycleDocument::Absent(RESOURCE))?;
        Ok(Self::new(terraform::blocks(rules).into_iter().map(from_block)))
    }
}

fn to_block(rule: &LifecycleRule) -> Node {
    let mut members = vec![("id", text(&rule.id)), ("status", text(ENABLED))];
    let block = |name, node| Node::Blocks(vec![map([(name, node)])]);
    members.push(("filter", block("prefix", text(&rule.prefix))));
    if let Some(days) = rule.abort_incomplete_after {
        members.push(("abort_incomplete_multipart_upload", block("days_after_initiation", days.into())));
    }
    if let Some(days) = rule.expire_after {
        members.push(("expiration", block("days", days.into())));
    }
    if rule.expire_delete_markers {
        members.push(("expiration", block("expired_object_delete_marker", true.into())));
    }
    if let Some(days) = rule.expire_noncurrent_after {
        members.push(("noncurrent_version_expiration", block("noncurrent_days", days.into())));
    }
    if let Some((days, class)) = &rule.transition_after {
        let both = map([("days", (*days).into()), ("storage_class", text(class))]);
        members.push(("transition", Node::Blocks(vec![both])));
    }
    map(members)
}

fn from_block(rule: &Value) -> LifecycleRule {
    let inner = |block: &str, name: &str| {
        let block = rule.get(block).map(terraform::blocks).unwrap_or_default();
        block.first().and_then(|block| block.get(name)).cloned()
    };
    let days = |block: &str, name: &str| {
        inner(block, name).and_then(|days| days.as_u64()).and_then(|days| u32::try_from(days).ok())
    };
    let string =
        |value: Option<Value>| value.and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default();
    LifecycleRule {
        id: string(rule.get("id").cloned()),
        prefix: string(inner("filter", "prefix")),
        abort_incomplete_after: days("abort_incomplete_multipart_upload", "days_after_initiation"),
        expire_after: days("expiration", "days"),
        expire_noncurrent_after: days("noncurrent_version_expiration", "noncurrent_days"),
        expire_delete_markers: inner("expiration", "expired_object_delete_marker") == Some(Value::Bool(true)),
        transition_after: days("transition", "days")
            .map(|days| (days, string(inner("transition", "storage_class")))),
    }
}
