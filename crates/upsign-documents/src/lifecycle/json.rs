//! Lifecycle documents in the JSON of `aws s3api`, whose shape XML and CloudFormation share in part.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{InvalidLifecycleDocument, LifecycleDocument, LifecycleRule};
use crate::node::Node;

/// A rule as S3's API has it.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Rule {
    #[serde(rename = "ID")]
    pub(super) id: String,
    pub(super) status: String,
    pub(super) filter: Filter,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expiration: Option<Expiration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) noncurrent_version_expiration: Option<Noncurrent>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) abort_incomplete_multipart_upload: Option<Abort>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) transitions: Vec<Transition>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Filter {
    #[serde(default)]
    pub(super) prefix: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Expiration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) days: Option<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) expired_object_delete_marker: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Noncurrent {
    pub(super) noncurrent_days: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Abort {
    pub(super) days_after_initiation: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Transition {
    pub(super) days: u32,
    pub(super) storage_class: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
    rules: Vec<Rule>,
}

pub(super) const ENABLED: &str = "Enabled";

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

/// Returns a document of the rules that are enabled: S3 applies no others.
pub(super) fn enabled(rules: Vec<Rule>) -> LifecycleDocument {
    LifecycleDocument(rules.into_iter().filter(|rule| rule.status == ENABLED).map(Into::into).collect())
}

impl LifecycleDocument {
    /// Returns `{"Rules": […]}`, indented, for
    /// `aws s3api put-bucket-lifecycle-configuration --lifecycle-configuration file://…`.
    #[must_use]
    pub fn to_json(&self) -> String {
        Node::from_serialize(&Document { rules: self.rules().iter().map(Rule::from).collect() }).to_json()
    }

    /// Reads `{"Rules": […]}`, as `aws s3api get-bucket-lifecycle-configuration` prints it. Disabled rules are left out.
    ///
    /// # Errors
    /// Fails if the text is not such JSON, or if a rule has a member that this crate never writes, such as a filter by tag.
    pub fn from_json(json: &str) -> Result<Self, InvalidLifecycleDocument> {
        let document: Document = serde_json::from_str(json).map_err(InvalidLifecycleDocument::Json)?;
        Ok(enabled(document.rules))
    }

    /// Reads `{"Rules": […]}` like [`from_json`](Self::from_json), but leaves out each rule that has a member that this crate
    /// never writes. The caller finds what was left out by writing the document again.
    pub(crate) fn of_known_rules(value: &Value) -> Self {
        let rules = value.get("Rules").and_then(Value::as_array).into_iter().flatten();
        enabled(rules.filter_map(|rule| Rule::deserialize(rule).ok()).collect())
    }
}
