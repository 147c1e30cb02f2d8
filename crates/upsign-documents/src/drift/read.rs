//! Which document a file holds.

use serde_json::Value;

use crate::node::find;
use crate::{CorsDocument, IamPolicy, LifecycleDocument, NotificationDocument};

/// What was found in a file: each document once, whatever form it was in.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct FoundDocuments {
    /// CORS.
    pub cors: Option<CorsDocument>,
    /// Lifecycle.
    pub lifecycle: Option<LifecycleDocument>,
    /// Notification.
    pub notification: Option<NotificationDocument>,
    /// A policy of a role: no statement has a principal.
    pub role: Option<IamPolicy>,
    /// A policy of a resource.
    pub resource: Option<IamPolicy>,
}

/// Why nothing was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnrecognizedDocument {
    /// Not JSON, XML or HCL, or none of the documents.
    #[error(
        "no CORS, IAM, bucket policy, lifecycle or notification document, in JSON, XML, CloudFormation's JSON or Terraform"
    )]
    Nothing,
    /// One of them, and it cannot be read.
    #[error("{0}")]
    Invalid(String),
}

impl FoundDocuments {
    /// Reads a file: what it is, is told by what is in it.
    ///
    /// # Errors
    /// [`UnrecognizedDocument`].
    pub fn read(text: &str) -> Result<Self, UnrecognizedDocument> {
        let begins = text.trim_start();
        if begins.starts_with('<') {
            return Self::xml(begins);
        }
        let value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(_) => Self::not_json(text)?,
        };
        let found = Self::value(&value)?;
        let Self { cors, lifecycle, notification, role, resource } = &found;
        let nothing = cors.is_none() && lifecycle.is_none() && notification.is_none();
        if nothing && role.is_none() && resource.is_none() {
            Err(UnrecognizedDocument::Nothing)
        } else {
            Ok(found)
        }
    }

    #[cfg(feature = "read")]
    fn not_json(text: &str) -> Result<Value, UnrecognizedDocument> {
        crate::hcl::read(text).map_err(|_| UnrecognizedDocument::Nothing)
    }

    #[cfg(not(feature = "read"))]
    fn not_json(_: &str) -> Result<Value, UnrecognizedDocument> {
        Err(UnrecognizedDocument::Nothing)
    }

    #[cfg(feature = "read")]
    fn xml(text: &str) -> Result<Self, UnrecognizedDocument> {
        let text = text.split_once("?>").map_or(text, |(_, rest)| rest).trim_start();
        Ok(if text.starts_with("<CORSConfiguration") {
            Self { cors: Some(CorsDocument::from_xml(text).map_err(invalid)?), ..Self::default() }
        } else if text.starts_with("<LifecycleConfiguration") {
            Self { lifecycle: Some(LifecycleDocument::from_xml(text).map_err(invalid)?), ..Self::default() }
        } else if text.starts_with("<NotificationConfiguration") {
            let document = NotificationDocument::from_xml(text).map_err(invalid)?;
            Self { notification: Some(document), ..Self::default() }
        } else {
            return Err(UnrecognizedDocument::Nothing);
        })
    }

    #[cfg(not(feature = "read"))]
    fn xml(_: &str) -> Result<Self, UnrecognizedDocument> {
        Err(UnrecognizedDocument::Nothing)
    }

    fn value(value: &Value) -> Result<Self, UnrecognizedDocument> {
        let has = |member: &str| find(value, member).is_some();
        let mut found = Self::default();
        if value.get("CORSRules").is_some() || has("AllowedOrigins") && value.is_array() {
            found.cors = Some(CorsDocument::from_json(&value.to_string()).map_err(invalid)?);
        } else if has("CorsRules") {
            found.cors = Some(CorsDocument::from_cloud_value(value).map_err(invalid)?);
        } else if has("cors_rule") {
            found.cors = Some(CorsDocument::from_terraform_value(value).map_err(invalid)?);
        }
        if has("aws_s3_bucket_lifecycle_configuration") {
            found.lifecycle = Some(LifecycleDocument::from_terraform_value(value).map_err(invalid)?);
        } else if has("LifecycleConfiguration") {
            found.lifecycle = Some(LifecycleDocument::from_cloud_value(value).map_err(invalid)?);
        } else if value.get("Rules").is_some() {
            let json = value.to_string();
            let document = LifecycleDocument::from_json(&json);
            let document = document.or_else(|_| LifecycleDocument::from_cloudformation(&json));
            found.lifecycle = Some(document.map_err(invalid)?);
        }
        found.notification = notification(value)?;
        if let Some(policy) = policy_text(value) {
            let policy = IamPolicy::from_value(&policy).map_err(invalid)?;
            if policy.statements().iter().any(|statement| statement.principal().is_some()) {
                found.resource = Some(policy);
            } else {
                found.role = Some(policy);
            }
        }
        Ok(found)
    }
}

fn notification(value: &Value) -> Result<Option<NotificationDocument>, UnrecognizedDocument> {
    let has = |member: &str| find(value, member).is_some();
    let document = if has("aws_s3_bucket_notification") {
        NotificationDocument::from_terraform_value(value)
    } else if has("QueueArn")
        || value
            .get("EventBridgeConfiguration")
            .is_some_and(|it| it == &Value::Object(serde_json::Map::new()))
    {
        NotificationDocument::from_json(&value.to_string())
    } else if has("NotificationConfiguration")
        || has("QueueConfigurations")
        || has("EventBridgeConfiguration")
    {
        NotificationDocument::from_cloud_value(value)
    } else {
        return Ok(None);
    };
    document.map(Some).map_err(invalid)
}

/// A policy by itself, as the API gives it inside `Policy` or `PolicyDocument`, or as Terraform has it: a text of JSON.
fn policy_text(value: &Value) -> Option<Value> {
    if value.get("Statement").is_some() {
        return Some(value.clone());
    }
    // A whole template's policies name its resources by reference: what they come to is known when it is up.
    if value.get("Resources").is_some() {
        return None;
    }
    for member in ["Policy", "PolicyDocument", "policy"] {
        let inside = find(value, member).and_then(|it| it.get(member));
        let inside = match inside {
            Some(Value::String(text)) => serde_json::from_str(text).ok(),
            Some(object @ Value::Object(_)) => Some(object.clone()),
            _ => None,
        };
        if let Some(policy) = inside.filter(|it: &Value| it.get("Statement").is_some()) {
            return Some(policy);
        }
    }
    None
}

fn invalid(error: impl std::error::Error) -> UnrecognizedDocument {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    UnrecognizedDocument::Invalid(text)
}
