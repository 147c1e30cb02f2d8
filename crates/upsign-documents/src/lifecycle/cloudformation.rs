//! Lifecycle documents as the property `LifecycleConfiguration` of CloudFormation's `AWS::S3::Bucket`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::json::{Abort, Expiration, Filter, Noncurrent, Rule, Transition, enabled};
use super::{InvalidLifecycleDocument, LifecycleDocument};
use crate::node::{Node, find, map};

/// CloudFormation has the prefix and the days of the expiration in the rule itself.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CloudFormationRule {
    id: String,
    status: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    prefix: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expiration_in_days: Option<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    expired_object_delete_marker: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    noncurrent_version_expiration: Option<Noncurrent>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    abort_incomplete_multipart_upload: Option<Abort>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    transitions: Vec<CloudFormationTransition>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CloudFormationTransition {
    transition_in_days: u32,
    storage_class: String,
}

impl LifecycleDocument {
    /// Returns the document as `LifecycleConfiguration` of `AWS::S3::Bucket`: `{"Rules": […]}` in JSON.
    #[must_use]
    pub fn to_cloudformation(&self) -> String {
        self.to_cloudformation_node().to_json()
    }

    pub(crate) fn to_cloudformation_node(&self) -> Node {
        let rules = self.rules().iter().map(Rule::from).map(|rule| {
            let transition_after = rule.transitions.into_iter();
            Node::from_serialize(&CloudFormationRule {
                id: rule.id,
                status: rule.status,
                prefix: rule.filter.prefix,
                expiration_in_days: rule.expiration.as_ref().and_then(|it| it.days),
                expired_object_delete_marker: rule
                    .expiration
                    .is_some_and(|it| it.expired_object_delete_marker),
                noncurrent_version_expiration: rule.noncurrent_version_expiration,
                abort_incomplete_multipart_upload: rule.abort_incomplete_multipart_upload,
                transitions: transition_after
                    .map(|it| CloudFormationTransition {
                        transition_in_days: it.days,
                        storage_class: it.storage_class,
                    })
                    .collect(),
            })
        });
        map([("Rules", Node::List(rules.collect()))])
    }

    /// Reads a `LifecycleConfiguration` in JSON: alone, as a property, or the first one of a whole template. Disabled rules are
    /// left out.
    ///
    /// # Errors
    /// Fails if the text is not JSON, if it contains no such configuration, or if a rule has a member that this crate never
    /// writes.
    pub fn from_cloudformation(json: &str) -> Result<Self, InvalidLifecycleDocument> {
        Self::from_cloudformation_value(&serde_json::from_str(json).map_err(InvalidLifecycleDocument::Json)?)
    }

    pub(crate) fn from_cloudformation_value(value: &Value) -> Result<Self, InvalidLifecycleDocument> {
        let inside = find(value, "LifecycleConfiguration").and_then(|it| it.get("LifecycleConfiguration"));
        let rules = inside.unwrap_or(value).get("Rules").and_then(Value::as_array);
        let rules = rules.ok_or(InvalidLifecycleDocument::Absent("LifecycleConfiguration"))?;
        let rules = rules.iter().map(|rule| {
            let rule = CloudFormationRule::deserialize(rule).map_err(InvalidLifecycleDocument::Json)?;
            let transition_after = rule.transitions.into_iter();
            Ok(Rule {
                id: rule.id,
                status: rule.status,
                filter: Filter { prefix: rule.prefix },
                expiration: Some(Expiration {
                    days: rule.expiration_in_days,
                    expired_object_delete_marker: rule.expired_object_delete_marker,
                }),
                noncurrent_version_expiration: rule.noncurrent_version_expiration,
                abort_incomplete_multipart_upload: rule.abort_incomplete_multipart_upload,
                transitions: transition_after
                    .map(|it| Transition { days: it.transition_in_days, storage_class: it.storage_class })
                    .collect(),
            })
        });
        Ok(enabled(rules.collect::<Result<_, InvalidLifecycleDocument>>()?))
    }
}
