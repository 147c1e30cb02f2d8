//! Finds documents in a file of any supported format.

use serde_json::Value;
use upsign_core::error_chain;

use crate::cors::CorsDocument;
use crate::iam::IamPolicy;
use crate::lifecycle::LifecycleDocument;
use crate::node::find;
use crate::notification::NotificationDocument;
use crate::terraform;

/// The documents found in one file. Each field holds the first document of its kind.
///
/// [`FoundDocuments::read`] has an example.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct FoundDocuments {
    /// The CORS configuration of a bucket.
    pub cors: Option<CorsDocument>,
    /// The lifecycle configuration of a bucket.
    pub lifecycle: Option<LifecycleDocument>,
    /// The notification configuration of a bucket.
    pub notification: Option<NotificationDocument>,
    /// An identity policy, for example of a role: no statement names a principal.
    pub role: Option<IamPolicy>,
    /// A resource policy, for example of a bucket or a queue: at least one statement names a principal.
    ///
    /// A file fills `role` or `resource`, never both: only its first policy is read.
    pub resource: Option<IamPolicy>,
}

/// The reason why a file yields no [`FoundDocuments`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnrecognizedDocument {
    /// The text is in no supported format, or it holds none of the documents.
    #[error(
        "no CORS, IAM, bucket policy, lifecycle or notification document found; expected JSON, XML, a CloudFormation \
         template in JSON, or Terraform"
    )]
    Nothing,
    /// The text is HCL, and the feature `hcl` is off. Enable it, or read the output of `terraform show -json` instead.
    #[error(
        "this build does not read HCL: enable the feature `hcl`, or pass the output of `terraform show -json`"
    )]
    HclNotSupported,
    /// The text is XML, and the feature `xml` is off. Enable it, or read the JSON of `aws s3api` instead.
    #[error("this build does not read XML: enable the feature `xml`, or pass the JSON of `aws s3api`")]
    XmlNotSupported,
    /// The text holds one of the documents, but that document is invalid. The text names the cause.
    #[error("{0}")]
    Invalid(String),
}

impl FoundDocuments {
    /// Reads a file and detects what it holds.
    ///
    /// Supported are the XML of S3's API (with the feature `xml`), the JSON of `aws s3api` and of the S3 console, IAM policies,
    /// CloudFormation templates in JSON, and Terraform: its JSON syntax, the output of `terraform show -json`, and HCL (with
    /// the feature `hcl`). YAML is not supported.
    ///
    /// ```
    /// use upsign_documents::FoundDocuments;
    /// let found = FoundDocuments::read(r#"[{"AllowedOrigins": ["https://app.example.com"], "AllowedMethods": ["PUT"]}]"#)?;
    /// assert!(found.cors.is_some());
    /// # Ok::<(), upsign_documents::UnrecognizedDocument>(())
    /// ```
    ///
    /// # Errors
    /// Fails if the text holds none of the documents, if one of them is invalid, or if this build lacks the feature for the
    /// format.
    pub fn read(text: &str) -> Result<Self, UnrecognizedDocument> {
        let start = text.trim_start();
        if start.starts_with('<') {
            return Self::from_xml(start);
        }
        let value = match serde_json::from_str(text) {
            Ok(value) => terraform::configuration(&value).unwrap_or(value),
            Err(_) => Self::parse_hcl(text)?,
        };
        let found = Self::from_value(&value)?;
        let Self { cors, lifecycle, notification, role, resource } = &found;
        let nothing = cors.is_none() && lifecycle.is_none() && notification.is_none();
        if nothing && role.is_none() && resource.is_none() {
            return Err(UnrecognizedDocument::Nothing);
        }
        Ok(found)
    }

    #[cfg(feature = "hcl")]
    fn parse_hcl(text: &str) -> Result<Value, UnrecognizedDocument> {
        terraform::parse(text).map_err(|_| UnrecognizedDocument::Nothing)
    }

    #[cfg(not(feature = "hcl"))]
    fn parse_hcl(text: &str) -> Result<Value, UnrecognizedDocument> {
        Err(if terraform::looks_like_hcl(text) {
            UnrecognizedDocument::HclNotSupported
        } else {
            UnrecognizedDocument::Nothing
        })
    }

    #[cfg(feature = "xml")]
    fn from_xml(text: &str) -> Result<Self, UnrecognizedDocument> {
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

    #[cfg(not(feature = "xml"))]
    fn from_xml(_: &str) -> Result<Self, UnrecognizedDocument> {
        Err(UnrecognizedDocument::XmlNotSupported)
    }

    /// Distinguishes the formats by members that only one of them has.
    fn from_value(value: &Value) -> Result<Self, UnrecognizedDocument> {
        let has = |member: &str| find(value, member).is_some();
        let mut found = Self::default();
        if value.get("CORSRules").is_some() || has("AllowedOrigins") && value.is_array() {
            found.cors = Some(CorsDocument::from_json(&value.to_string()).map_err(invalid)?);
        } else if has("CorsRules") {
            found.cors = Some(CorsDocument::from_cloudformation_value(value).map_err(invalid)?);
        } else if has("cors_rule") {
            found.cors = Some(CorsDocument::from_terraform_value(value).map_err(invalid)?);
        }
        if has("aws_s3_bucket_lifecycle_configuration") {
            found.lifecycle = Some(LifecycleDocument::from_terraform_value(value).map_err(invalid)?);
        } else if has("LifecycleConfiguration") {
            found.lifecycle = Some(LifecycleDocument::from_cloudformation_value(value).map_err(invalid)?);
        } else if value.get("Rules").is_some() {
            // The API and CloudFormation both have `Rules`; a rule of the one is never valid as a rule of the other.
            let json = value.to_string();
            let document = LifecycleDocument::from_json(&json);
            let document = document.or_else(|_| LifecycleDocument::from_cloudformation(&json));
            found.lifecycle = Some(document.map_err(invalid)?);
        }
        found.notification = notification(value)?;
        if let Some(policy) = find_policy(value) {
            let policy = IamPolicy::from_value(&policy).map_err(invalid)?;
            if policy.statements().iter().any(|statement| statement.has_principal()) {
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
    // The API writes `{}` for EventBridge; CloudFormation writes `{"EventBridgeEnabled": true}`.
    let empty = Value::Object(serde_json::Map::new());
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

/// Returns the policy itself, the one inside `Policy` or `PolicyDocument` as AWS's API answers it, or the one inside `policy`
/// as Terraform has it. The inner policy may be an object or a string of JSON.
fn find_policy(value: &Value) -> Option<Value> {
    if value.get("Statement").is_some() {
        return Some(value.clone());
    }
    // The policies of a CloudFormation template refer to other resources; what those references become is not known here.
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

/// Keeps the messages of the error and of its causes.
fn invalid(error: impl std::error::Error) -> UnrecognizedDocument {
    UnrecognizedDocument::Invalid(error_chain(&error).to_string())
}
