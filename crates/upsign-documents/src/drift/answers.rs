//! Reads the JSON that AWS answers: configurations of a bucket, also in XML, and policies in the members of other
//! objects.

use serde_json::{Value, json};

use super::comparison::Uncompared;
use super::documents;
use super::found::{FoundDocuments, UnrecognizedDocument, invalid};
use super::rest::{rest_of_json, typed, with_ids};
use super::settings::BucketSetting;
use crate::cors::{CorsDocument, InvalidCorsDocument};
use crate::lifecycle::LifecycleDocument;
use crate::node::find;
use crate::notification::NotificationDocument;
use crate::read::{self, Dialect, Tree};

impl FoundDocuments {
    /// Distinguishes the formats by members that only one of them has.
    pub(super) fn add_configurations(&mut self, value: &Value) -> Result<(), UnrecognizedDocument> {
        let has = |member: &str| find(value, member).is_some();
        if value.get("CORSRules").is_some() || has("AllowedOrigins") && value.is_array() {
            self.add_cors(&read::plain(value)).map_err(invalid)?;
        } else if let Some(rules) = google_rules(value) {
            self.cors = Some(CorsDocument::from_google_rules(rules).map_err(invalid)?);
            self.is_google_cors = true;
        } else if has("CorsRules") {
            self.cors = Some(CorsDocument::from_cloudformation_value(value).map_err(invalid)?);
        } else if has("cors_rule") {
            self.cors = Some(CorsDocument::from_terraform_value(value).map_err(invalid)?);
        }
        let inside = find(value, "LifecycleConfiguration").and_then(|it| it.get("LifecycleConfiguration"));
        if let Some(lifecycle) = inside.or(value.get("Rules").is_some().then_some(value)) {
            self.add_lifecycle(&read::plain(lifecycle));
        }
        let inside = value.get("NotificationConfiguration");
        if inside.is_some() || NOTIFICATIONS.into_iter().any(has) {
            self.add_notification(&read::plain(inside.unwrap_or(value)));
        }
        let inside = value.get("ObjectLockConfiguration");
        if let Some(lock) = inside.or(value.get("ObjectLockEnabled").is_some().then_some(value)) {
            self.settings.push((BucketSetting::ObjectLock, Some(read::plain(lock))));
        }
        Ok(())
    }

    /// Adds the configuration of an element in XML, which has the members of the API's JSON. Returns whether it is known.
    #[cfg(feature = "xml")]
    pub(super) fn add_element(&mut self, name: &str, tree: &Tree) -> Result<bool, UnrecognizedDocument> {
        match name {
            "CORSConfiguration" => {
                self.add_cors(tree).map_err(|error| {
                    invalid(match error {
                        InvalidCorsDocument::Json(source) => InvalidCorsDocument::Xml(source.to_string()),
                        other => other,
                    })
                })?;
            }
            "LifecycleConfiguration" => self.add_lifecycle(tree),
            "NotificationConfiguration" => self.add_notification(tree),
            "ObjectLockConfiguration" => self.settings.push((BucketSetting::ObjectLock, Some(tree.clone()))),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn add_cors(&mut self, tree: &Tree) -> Result<(), InvalidCorsDocument> {
        let (document, rest) = cors(tree)?;
        self.cors = Some(document);
        self.leave("cors", rest);
        Ok(())
    }

    /// Adds a lifecycle configuration of the API or of CloudFormation.
    fn add_lifecycle(&mut self, tree: &Tree) {
        // CloudFormation has neither of these members in a rule.
        let is_api = |rule: &Tree| ["ID", "Filter", "Expiration"].iter().any(|it| rule.get(it).is_some());
        let read = match tree.get("Rules").map(Tree::elements) {
            Some(rules) if !rules.iter().any(is_api) => documents::lifecycle(Dialect::CloudFormation, tree),
            _ => lifecycle(tree),
        };
        self.lifecycle = self.left("lifecycle", read);
    }

    /// Adds a notification configuration of the API or of CloudFormation.
    fn add_notification(&mut self, tree: &Tree) {
        let configurations = tree.get("QueueConfigurations").map(Tree::elements).unwrap_or_default();
        let is_cloudformation = configurations.iter().any(|it| it.get("Queue").is_some())
            || tree.at("EventBridgeConfiguration.EventBridgeEnabled").is_some();
        let read = match is_cloudformation {
            true => documents::notification(Dialect::CloudFormation, tree),
            false => notification(tree),
        };
        self.notification = self.left("notification", read);
    }

    /// Returns a document that was read, and names what was not understood.
    fn left<D>(&mut self, name: &'static str, read: documents::Read<D>) -> Option<D> {
        let (document, rest) = match read {
            Ok((document, rest)) => (Some(document), rest),
            Err(reason) => (None, Some(reason)),
        };
        self.leave(name, rest);
        document
    }

    fn leave(&mut self, name: &'static str, rest: Option<String>) {
        self.uncompared.extend(rest.map(|reason| Uncompared::new(name, reason).of(name)));
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

/// Returns the CORS rules of Google Cloud Storage: the list of `gcloud storage buckets update --cors-file`, or the member of a
/// bucket that `gcloud storage buckets describe` (`cors_config`) or the JSON API (`cors`) answers.
fn google_rules(value: &Value) -> Option<&Value> {
    let inside = value.get("cors_config").or_else(|| value.get("cors")).unwrap_or(value);
    let is_rule = |rule: &Value| rule.get("origin").is_some() || rule.get("method").is_some();
    inside.as_array()?.iter().any(is_rule).then_some(inside)
}

/// The members of a notification configuration, in the API and in CloudFormation.
const NOTIFICATIONS: [&str; 6] = [
    "NotificationConfiguration",
    "QueueConfigurations",
    "TopicConfigurations",
    "LambdaFunctionConfigurations",
    "LambdaConfigurations",
    "EventBridgeConfiguration",
];

/// Something in an answer that is not read as a policy.
struct Other {
    path: String,
    reason: String,
    /// Whether it is a text in which a policy was expected.
    is_policy: bool,
}

/// The members of AWS's answers that name or describe a policy or what it belongs to.
const LABELS: [&str; 29] = [
    "Arn",
    "CORSRules",
    "CorsRules",
    "CreateDate",
    "CreatedTimestamp",
    "Description",
    "EventBridgeConfiguration",
    "IsDefaultVersion",
    "LambdaConfigurations",
    "LambdaFunctionConfigurations",
    "LastModifiedTimestamp",
    "NotificationConfiguration",
    "ObjectLockConfiguration",
    "ObjectLockEnabled",
    "Path",
    "PolicyId",
    "PolicyName",
    "QueueArn",
    "QueueConfigurations",
    "ResponseMetadata",
    "RoleId",
    "RoleName",
    "Rule",
    "Rules",
    "TopicConfigurations",
    "TransitionDefaultMinimumObjectSize",
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

/// Reads a CORS configuration in the JSON of S3's API, and names what is next to its rules. A rule that S3 does not accept is an
/// error.
fn cors(tree: &Tree) -> Result<(CorsDocument, Option<String>), InvalidCorsDocument> {
    let value = typed(tree).unwrap_or_default();
    // The S3 console shows the rules without the object around them.
    let rules = value.get("CORSRules").unwrap_or(&value);
    let document = CorsDocument::from_json(&rules.to_string())?;
    let written: Value = serde_json::from_str(&document.to_json()).unwrap_or_default();
    let is_bare = value.is_array();
    let written = if is_bare { written.get("CORSRules").cloned().unwrap_or_default() } else { written };
    let rest = rest_of_json(&read::plain(&value), &written);
    Ok((document, rest))
}

/// Replaces the prefix of a rule itself, the older form, by that of its filter.
fn with_filters(mut lifecycle: Value) -> Value {
    let rules = lifecycle.get_mut("Rules").and_then(Value::as_array_mut);
    for rule in rules.into_iter().flatten().filter_map(Value::as_object_mut) {
        if !rule.contains_key("Filter")
            && let Some(prefix) = rule.remove("Prefix")
        {
            rule.insert("Filter".to_owned(), json!({ "Prefix": prefix }));
        }
    }
    lifecycle
}

/// Reads a lifecycle configuration in the JSON of S3's API, and names what its reader does not understand.
fn lifecycle(tree: &Tree) -> documents::Read<LifecycleDocument> {
    let value = with_filters(with_ids(typed(tree)?, "Rules", "ID"));
    let document = LifecycleDocument::of_known_rules(&value);
    let written = serde_json::from_str(&document.to_json()).unwrap_or_default();
    let rest = rest_of_json(&read::plain(&value), &written);
    Ok((document, rest))
}

/// Reads a notification configuration in the JSON of S3's API, and names what its reader does not understand.
fn notification(tree: &Tree) -> documents::Read<NotificationDocument> {
    let value = with_ids(typed(tree)?, "QueueConfigurations", "Id");
    let document = NotificationDocument::of_known_members(&value);
    let written = serde_json::from_str(&document.to_json()).unwrap_or_default();
    let rest = rest_of_json(&read::plain(&value), &written);
    Ok((document, rest))
}
