//! The forms.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{InvalidLifecycle, LifecycleDocument, LifecycleRule};
use crate::hcl;
use crate::node::{Node, find, map, text};
use crate::xml::Element;

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
const RESOURCE: &str = "aws_s3_bucket_lifecycle_configuration";

impl From<&LifecycleRule> for Rule {
    fn from(rule: &LifecycleRule) -> Self {
        let expires = rule.expire_after.is_some() || rule.clean_markers;
        let move_after = rule.move_after.iter();
        Self {
            id: rule.id.clone(),
            status: ENABLED.into(),
            filter: Filter { prefix: rule.prefix.clone() },
            expiration: expires.then_some(Expiration {
                days: rule.expire_after,
                expired_object_delete_marker: rule.clean_markers,
            }),
            noncurrent_version_expiration: rule
                .expire_noncurrent_after
                .map(|noncurrent_days| Noncurrent { noncurrent_days }),
            abort_incomplete_multipart_upload: rule
                .abort_incomplete_after
                .map(|days_after_initiation| Abort { days_after_initiation }),
            transitions: move_after
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
            clean_markers: rule.expiration.is_some_and(|it| it.expired_object_delete_marker),
            move_after: rule.transitions.into_iter().next().map(|it| (it.days, it.storage_class)),
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

    /// `<LifecycleConfiguration>`.
    #[must_use]
    pub fn to_xml(&self) -> String {
        Element::root("LifecycleConfiguration", self.rules().iter().map(|rule| xml(&Rule::from(rule))))
            .to_document()
    }

    /// `LifecycleConfiguration` of `AWS::S3::Bucket`.
    #[must_use]
    pub fn to_cloudformation(&self) -> String {
        self.to_cloud_node().to_json()
    }

    pub(crate) fn to_cloud_node(&self) -> Node {
        let rules = self.rules().iter().map(Rule::from).map(|rule| {
            let move_after = rule.transitions.into_iter();
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
                transitions: move_after
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
            let move_after = rule.transitions.into_iter();
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
                transitions: move_after
                    .map(|it| Transition { days: it.transition_in_days, storage_class: it.storage_class })
                    .collect(),
            })
        });
        Ok(enabled(rules.collect::<Result<_, InvalidLifecycle>>()?))
    }

    /// A resource of Terraform in JSON.
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
        let rules = self.rules().iter().map(terraform_rule).collect();
        hcl::resource(RESOURCE, name, map([("bucket", text(bucket)), ("rule", Node::Blocks(rules))]))
    }

    /// Reads a resource of Terraform in JSON.
    ///
    /// # Errors
    /// [`InvalidLifecycle`].
    pub fn from_terraform_json(json: &str) -> Result<Self, InvalidLifecycle> {
        Self::from_terraform_value(&serde_json::from_str(json).map_err(InvalidLifecycle::Json)?)
    }

    pub(crate) fn from_terraform_value(value: &Value) -> Result<Self, InvalidLifecycle> {
        let resource = find(value, RESOURCE).and_then(|it| it.get(RESOURCE));
        let resource = resource.and_then(|it| find(it, "rule"));
        let rules = resource.and_then(|it| it.get("rule")).ok_or(InvalidLifecycle::Absent(RESOURCE))?;
        Ok(Self(hcl::blocks(rules).into_iter().map(from_terraform_rule).collect()))
    }
}

fn terraform_rule(rule: &LifecycleRule) -> Node {
    let mut members = vec![("id", text(&rule.id)), ("status", text(ENABLED))];
    let block = |name, node| Node::Blocks(vec![map([(name, node)])]);
    members.push(("filter", block("prefix", text(&rule.prefix))));
    if let Some(days) = rule.abort_incomplete_after {
        members.push(("abort_incomplete_multipart_upload", block("days_after_initiation", days.into())));
    }
    if let Some(days) = rule.expire_after {
        members.push(("expiration", block("days", days.into())));
    }
    if rule.clean_markers {
        members.push(("expiration", block("expired_object_delete_marker", true.into())));
    }
    if let Some(days) = rule.expire_noncurrent_after {
        members.push(("noncurrent_version_expiration", block("noncurrent_days", days.into())));
    }
    if let Some((days, class)) = &rule.move_after {
        let both = map([("days", (*days).into()), ("storage_class", text(class))]);
        members.push(("transition", Node::Blocks(vec![both])));
    }
    map(members)
}

fn from_terraform_rule(rule: &Value) -> LifecycleRule {
    let inner = |block: &str, name: &str| {
        let block = rule.get(block).map(hcl::blocks).unwrap_or_default();
        block.first().and_then(|block| block.get(name)).cloned()
    };
    let days = |block: &str, name: &str| {
        inner(block, name).and_then(|days| days.as_u64()).and_then(|days| u32::try_from(days).ok())
    };
    let words =
        |value: Option<Value>| value.and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default();
    LifecycleRule {
        id: words(rule.get("id").cloned()),
        prefix: words(inner("filter", "prefix")),
        abort_incomplete_after: days("abort_incomplete_multipart_upload", "days_after_initiation"),
        expire_after: days("expiration", "days"),
        expire_noncurrent_after: days("noncurrent_version_expiration", "noncurrent_days"),
        clean_markers: inner("expiration", "expired_object_delete_marker") == Some(Value::Bool(true)),
        move_after: days("transition", "days")
            .map(|days| (days, words(inner("transition", "storage_class")))),
    }
}

fn xml(rule: &Rule) -> Element {
    let mut parts = vec![
        Element::text("ID", &rule.id),
        Element::of("Filter", [Element::text("Prefix", &rule.filter.prefix)]),
        Element::text("Status", &rule.status),
    ];
    let days = |name, days: u32| Element::text(name, &days.to_string());
    if let Some(expiration) = &rule.expiration {
        let markers = expiration.expired_object_delete_marker;
        let markers = markers.then(|| Element::text("ExpiredObjectDeleteMarker", "true"));
        let after = expiration.days.map(|it| days("Days", it));
        parts.push(Element::of("Expiration", after.into_iter().chain(markers)));
    }
    if let Some(it) = &rule.noncurrent_version_expiration {
        let after = days("NoncurrentDays", it.noncurrent_days);
        parts.push(Element::of("NoncurrentVersionExpiration", [after]));
    }
    if let Some(it) = &rule.abort_incomplete_multipart_upload {
        let after = days("DaysAfterInitiation", it.days_after_initiation);
        parts.push(Element::of("AbortIncompleteMultipartUpload", [after]));
    }
    for it in &rule.transitions {
        let class = Element::text("StorageClass", &it.storage_class);
        parts.push(Element::of("Transition", [days("Days", it.days), class]));
    }
    Element::of("Rule", parts)
}

#[cfg(feature = "read")]
mod read {
    use serde::Deserialize;

    use super::super::{InvalidLifecycle, LifecycleDocument};
    use super::{Abort, Expiration, Filter, Noncurrent, Rule, Transition, enabled};

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Document {
        #[serde(rename = "@xmlns", default)]
        _xmlns: String,
        #[serde(rename = "Rule", default)]
        rules: Vec<XmlRule>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct XmlRule {
        #[serde(rename = "ID")]
        id: String,
        status: String,
        filter: Filter,
        expiration: Option<Expiration>,
        noncurrent_version_expiration: Option<Noncurrent>,
        abort_incomplete_multipart_upload: Option<Abort>,
        #[serde(default)]
        transition: Vec<Transition>,
    }

    impl LifecycleDocument {
        /// Reads `<LifecycleConfiguration>`.
        ///
        /// # Errors
        /// [`InvalidLifecycle`].
        pub fn from_xml(xml: &str) -> Result<Self, InvalidLifecycle> {
            let document: Document =
                quick_xml::de::from_str(xml).map_err(|error| InvalidLifecycle::Text(error.to_string()))?;
            let rules = document.rules.into_iter().map(|rule| Rule {
                id: rule.id,
                status: rule.status,
                filter: rule.filter,
                expiration: rule.expiration,
                noncurrent_version_expiration: rule.noncurrent_version_expiration,
                abort_incomplete_multipart_upload: rule.abort_incomplete_multipart_upload,
                transitions: rule.transition,
            });
            Ok(enabled(rules.collect()))
        }

        /// Reads HCL.
        ///
        /// # Errors
        /// [`InvalidLifecycle`].
        pub fn from_terraform(text: &str) -> Result<Self, InvalidLifecycle> {
            let value = crate::hcl::read(text);
            Self::from_terraform_value(&value.map_err(|error| InvalidLifecycle::Text(error.to_string()))?)
        }
    }
}
