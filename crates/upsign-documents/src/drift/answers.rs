//! Reads the JSON that AWS answers: configurations of a bucket, and policies in the members of other objects.

use serde_json::{Map, Value};

use super::comparison::Uncompared;
use super::documents;
use super::found::{FoundDocuments, UnrecognizedDocument, invalid};
use crate::cors::CorsDocument;
use crate::lifecycle::LifecycleDocument;
use crate::node::find;
use crate::notification::NotificationDocument;
use crate::read::{self, Dialect};

impl FoundDocuments {
    /// Distinguishes the formats by members that only one of them has.
    pub(super) fn add_configurations(&mut self, value: &Value) -> Result<(), UnrecognizedDocument> {
        let has = |member: &str| find(value, member).is_some();
        if value.get("CORSRules").is_some() || has("AllowedOrigins") && value.is_array() {
            self.cors = Some(CorsDocument::from_json(&value.to_string()).map_err(invalid)?);
        } else if has("CorsRules") {
            self.cors = Some(CorsDocument::from_cloudformation_value(value).map_err(invalid)?);
        } else if has("cors_rule") {
            self.cors = Some(CorsDocument::from_terraform_value(value).map_err(invalid)?);
        }
        if has("aws_s3_bucket_lifecycle_configuration") {
            self.lifecycle = Some(LifecycleDocument::from_terraform_value(value).map_err(invalid)?);
        } else if has("LifecycleConfiguration") {
            self.lifecycle = Some(LifecycleDocument::from_cloudformation_value(value).map_err(invalid)?);
        } else if value.get("Rules").is_some() {
            // The API and CloudFormation both have `Rules`; a rule of the one is never valid as a rule of the other.
            let json = value.to_string();
            let document = LifecycleDocument::from_json(&json);
            let document = document.or_else(|_| LifecycleDocument::from_cloudformation(&json));
            self.lifecycle = Some(document.map_err(invalid)?);
        }
        self.add_notification(value)
    }

    /// Adds a notification configuration, and names what its reader leaves out, such as filters for suffixes.
    fn add_notification(&mut self, value: &Value) -> Result<(), UnrecognizedDocument> {
        let Some(document) = notification(value)? else { return Ok(()) };
        let is_api = find(value, "QueueArn").is_some() || value.get("EventBridgeConfiguration").is_some();
        let inner = value.get("NotificationConfiguration").unwrap_or(value);
        let rest = if is_api && value.get("NotificationConfiguration").is_none() {
            let written = serde_json::from_str(&document.to_json()).unwrap_or_default();
            documents::rest_of_json(&read::plain(inner), &written)
        } else {
            let read = documents::notification(Dialect::CloudFormation, &read::plain(inner));
            read.map_or_else(Some, |(_, rest)| rest)
        };
        self.uncompared.extend(rest.map(|reason| Uncompared::new("notification", reason)));
        self.notification = Some(document);
        Ok(())
    }

    /// Adds every policy of a document of `aws iam` or `aws s3api`, and names what is next to it.
    pub(super) fn add_policies(&mut self, value: &Value) {
        let (mut policies, mut others) = (Vec::new(), Vec::new());
        collect(value, "", &mut policies, &mut others);
        if policies.is_empty() && others.iter().all(|other| !other.is_policy) {
            return;
        }
        for (index, policy) in policies.iter().enumerate() {
            let name = if index == 0 { "policy".to_owned() } else { format!("policy{}", index + 1) };
            self.add_policy(policy, &name);
        }
        self.uncompared.extend(others.into_iter().map(|it| Uncompared::new(&it.path, it.reason)));
    }
}

/// Something in an answer that is not read as a policy.
struct Other {
    path: String,
    reason: String,
    /// Whether it is a text in which a policy was expected.
    is_policy: bool,
}

/// The members of AWS's answers that name or describe a policy or what it belongs to.
const LABELS: [&str; 22] = [
    "Arn",
    "CORSRules",
    "CorsRules",
    "CreateDate",
    "CreatedTimestamp",
    "Description",
    "EventBridgeConfiguration",
    "IsDefaultVersion",
    "LastModifiedTimestamp",
    "NotificationConfiguration",
    "Path",
    "PolicyId",
    "PolicyName",
    "QueueArn",
    "QueueConfigurations",
    "ResponseMetadata",
    "RoleId",
    "RoleName",
    "Rules",
    "UpdateDate",
    "VersionId",
    "resource",
];

/// Collects the policies inside of a value. AWS's API answers them in `Policy`, `PolicyDocument` or `Attributes`, as an object
/// or as a text of JSON. Everything else but labels is collected too: an attached managed policy has only a name, but it permits
/// something.
fn collect(value: &Value, path: &str, policies: &mut Vec<Value>, others: &mut Vec<Other>) {
    let other = |reason: String, is_policy| Other { path: path.to_owned(), reason, is_policy };
    match value {
        Value::Object(members) if members.contains_key("Statement") => policies.push(value.clone()),
        Value::Object(members) => {
            for (name, inner) in members.iter().filter(|(name, _)| !LABELS.contains(&name.as_str())) {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                collect(inner, &path, policies, others);
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| collect(inner, path, policies, others)),
        Value::String(text) if text.trim_start().starts_with('{') => match read::inner_json(text) {
            Ok(inner) => collect(&inner, path, policies, others),
            Err(reason) => others.push(other(reason, true)),
        },
        Value::Null | Value::Bool(false) => {}
        _ => others.push(other("it is not a policy, and what it permits is not known".to_owned(), false)),
    }
}

fn notification(value: &Value) -> Result<Option<NotificationDocument>, UnrecognizedDocument> {
    let has = |member: &str| find(value, member).is_some();
    // The API writes `{}` for EventBridge; CloudFormation writes `{"EventBridgeEnabled": true}`.
    let empty = Value::Object(Map::new());
    let document = if has("aws_s3_bucket_notification") {
        NotificationDocument::from_terraform_value(value)
    } else if has("QueueArn") || value.get("EventBridgeConfiguration") == Some(&empty) {
        NotificationDocument::from_json(&value.to_string())
    } else if has("NotificationConfiguration")
        || has("QueueConfigurations")
        || has("EventBridgeConfiguration")
    {
        NotificationDocument::from_cloudformation_value(value)
    } else {
        return Ok(None);
    };
    document.map(Some).map_err(invalid)
}
