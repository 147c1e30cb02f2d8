//! The forms.

mod terraform;
mod xml;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{InvalidLifecycle, LifecycleDocument, LifecycleRule};
use crate::node::{Node, find, map};

/// S3's own shape, in JSON and in XML.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Rule {
    #[serde(rename = "ID")]
    id: String,
    status: String,
    filter: Filter,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expiration: Option<Expiration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    noncurrent_version_expiration: Option<Noncurrent>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    abort_incomplete_multipart_upload: Option<Abort>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    transitions: Vec<Transition>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    #[serde(default)]
    prefix: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Expiration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    expired_object_delete_marker: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Noncurrent {
    noncurrent_days: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Abort {
    days_after_initiation: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Transition {
    days: u32,
    storage_class: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
    rules: Vec<Rule>,
}

/// CloudFormation's has no filter object, and an expiry by its days.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CloudRule {
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
    transitions: Vec<CloudTransition>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CloudTransition {
    transition_in_days: u32,
    storage_class: String,
}

const ENABLED: &str = "Enabled";

impl From<&LifecycleRule> for Rule {
    fn from(rule: &LifecycleRule) -> Self {
        let expires = rule.expire_after.is_some() || rule.expire_delete_markers;
        let transition_after = rule.transition_after.iter();
        Self {
            id: rule.id.clone(),
            status: ENABLED.into(),
            filter: Filter { prefix: rule.prefix.clone() },
            expiration: expires.then_some(Expiration {
                days: rule.expire_after,
                expired_object_delete_marker: rule.expire_delete_markers,
            }),
            noncurrent_version_expiration: rule
                .expire_noncurrent_after
                .map(|noncurrent_days| Noncurrent { noncurrent_days }),
            abort_incomplete_multipart_upload: rule
                .abort_incomplete_after
                .map(|days_after_initiation| Abort { days_after_initiation }),
            transitions: transition_after
                .map(|(days, class)| Transition { days: *days, storage_class: class.clone() })
                .collect(),
        }
    }
}

impl From<Rule> for LifecycleRule {
    fn from(rule: Rule) -> Self {
        Self {
            id: rule.id,
            prefix: rule.filter.prefix,
            abort_incomplete_after: rule.abort_incomplete_multipart_upload.map(|it| it.days_after_initiation),
            expire_after: rule.expiration.as_ref().and_then(|it| it.days),
            expire_noncurrent_after: rule.noncurrent_version_expiration.map(|it| it.noncurrent_days),
            expire_delete_markers: rule.expiration.is_some_and(|it| it.expired_object_delete_marker),
            transition_after: rule.transitions.into_iter().next().map(|it| (it.days, it.storage_class)),
        }
    }
}

fn enabled(rules: Vec<Rule>) -> LifecycleDocument {
    LifecycleDocument(rules.into_iter().filter(|rule| rule.status == ENABLED).map(Into::into).collect())
}

impl LifecycleDocument {
    /// `{"Rules": […]}`, for `aws s3api put-bucket-lifecycle-configuration --lifecycle-configuration file://…`.
    #[must_use]
    pub fn to_json(&self) -> String {
        Node::of(&Document { rules: self.rules().iter().map(Rule::from).collect() }).to_json()
    }

    /// Reads that form. Rules that are switched off are left out.
    ///
    /// # Errors
    /// [`InvalidLifecycle`]; also for what is never written here, as filters by tag.
    pub fn from_json(json: &str) -> Result<Self, InvalidLifecycle> {
        let document: Document = serde_json::from_str(json).map_err(InvalidLifecycle::Json)?;
        Ok(enabled(document.rules))
    }

    /// `LifecycleConfiguration` of `AWS::S3::Bucket`.
    #[must_use]
    pub fn to_cloudformation(&self) -> String {
        self.to_cloud_node().to_json()
    }

    pub(crate) fn to_cloud_node(&self) -> Node {
        let rules = self.rules().iter().map(Rule::from).map(|rule| {
            let transition_after = rule.transitions.into_iter();
            Node::of(&CloudRule {
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
                    .map(|it| CloudTransition {
                        transition_in_days: it.days,
                        storage_class: it.storage_class,
                    })
                    .collect(),
            })
        });
        map([("Rules", Node::List(rules.collect()))])
    }

    /// Reads `LifecycleConfiguration`: alone, as a property, or wherever it is in a template in JSON.
    ///
    /// # Errors
    /// [`InvalidLifecycle`].
    pub fn from_cloudformation(json: &str) -> Result<Self, InvalidLifecycle> {
        Self::from_cloud_value(&serde_json::from_str(json).map_err(InvalidLifecycle::Json)?)
    }

    pub(crate) fn from_cloud_value(value: &Value) -> Result<Self, InvalidLifecycle> {
        let inside = find(value, "LifecycleConfiguration").and_then(|it| it.get("LifecycleConfiguration"));
        let rules = inside.unwrap_or(value).get("Rules").and_then(Value::as_array);
        let rules = rules.ok_or(InvalidLifecycle::Absent("LifecycleConfiguration"))?;
        let rules = rules.iter().map(|rule| {
            let rule = CloudRule::deserialize(rule).map_err(InvalidLifecycle::Json)?;
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
        Ok(enabled(rules.collect::<Result<_, InvalidLifecycle>>()?))
    }
}
