//! The forms of CloudFormation and Terraform.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::json::Rule;
use super::{CorsDocument, InvalidCorsDocument};
use crate::hcl;
use crate::node::{Node, map, text};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Cloud {
    cors_rules: Vec<CloudRule>,
}

/// The names differ from the API's: `Id`, `ExposedHeaders`, `MaxAge`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CloudRule {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    allowed_origins: Vec<String>,
    allowed_methods: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    allowed_headers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    exposed_headers: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_age: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TerraformRule {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    allowed_origins: Vec<String>,
    allowed_methods: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    allowed_headers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    expose_headers: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_age_seconds: Option<u32>,
}

const RESOURCE: &str = "aws_s3_bucket_cors_configuration";

impl CorsDocument {
    /// `CorsConfiguration` of `AWS::S3::Bucket`: `{"CorsRules": […]}` in JSON.
    #[must_use]
    pub fn to_cloudformation(&self) -> String {
        self.to_cloud_node().to_json()
    }

    pub(crate) fn to_cloud_node(&self) -> Node {
        let rules = self.rules().iter().map(Rule::from).map(|rule| CloudRule {
            id: rule.id,
            allowed_origins: rule.allowed_origins,
            allowed_methods: rule.allowed_methods,
            allowed_headers: rule.allowed_headers,
            exposed_headers: rule.expose_headers,
            max_age: rule.max_age_seconds,
        });
        Node::of(&Cloud { cors_rules: rules.collect() })
    }

    /// Reads `CorsConfiguration`: alone, as a property, or wherever it is in a template in JSON.
    ///
    /// # Errors
    /// [`InvalidCorsDocument`].
    pub fn from_cloudformation(json: &str) -> Result<Self, InvalidCorsDocument> {
        let value: Value = serde_json::from_str(json).map_err(InvalidCorsDocument::Json)?;
        Self::from_cloud_value(&value)
    }

    pub(crate) fn from_cloud_value(value: &Value) -> Result<Self, InvalidCorsDocument> {
        let found = crate::node::find(value, "CorsRules").ok_or(InvalidCorsDocument::Absent("CorsRules"))?;
        let cloud: Cloud = Cloud::deserialize(found).map_err(InvalidCorsDocument::Json)?;
        Self::from_rules(cloud.cors_rules.into_iter().map(|rule| Rule {
            id: rule.id,
            allowed_origins: rule.allowed_origins,
            allowed_methods: rule.allowed_methods,
            allowed_headers: rule.allowed_headers,
            expose_headers: rule.exposed_headers,
            max_age_seconds: rule.max_age,
        }))
    }

    /// A resource of Terraform in JSON. A bucket takes one such resource: two would overwrite each other for ever.
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
        let rules = self.rules().iter().map(Rule::from).map(|rule| {
            Node::of(&TerraformRule {
                id: rule.id,
                allowed_origins: rule.allowed_origins,
                allowed_methods: rule.allowed_methods,
                allowed_headers: rule.allowed_headers,
                expose_headers: rule.expose_headers,
                max_age_seconds: rule.max_age_seconds,
            })
        });
        let body = map([("bucket", text(bucket)), ("cors_rule", Node::Blocks(rules.collect()))]);
        hcl::resource(RESOURCE, name, body)
    }

    /// Reads a resource of Terraform in JSON, or the bare list of its `cors_rule`.
    ///
    /// # Errors
    /// [`InvalidCorsDocument`].
    pub fn from_terraform_json(json: &str) -> Result<Self, InvalidCorsDocument> {
        let value: Value = serde_json::from_str(json).map_err(InvalidCorsDocument::Json)?;
        Self::from_terraform_value(&value)
    }

    /// Reads HCL.
    ///
    /// # Errors
    /// [`InvalidCorsDocument`].
    #[cfg(feature = "read")]
    pub fn from_terraform(text: &str) -> Result<Self, InvalidCorsDocument> {
        let value = hcl::read(text).map_err(|error| InvalidCorsDocument::Hcl(error.to_string()))?;
        Self::from_terraform_value(&value)
    }

    pub(crate) fn from_terraform_value(value: &Value) -> Result<Self, InvalidCorsDocument> {
        let absent = InvalidCorsDocument::Absent(RESOURCE);
        let resource = crate::node::find(value, "cors_rule").ok_or(absent)?;
        let rules = resource.get("cors_rule").map(hcl::blocks).unwrap_or_default();
        let rules = rules.into_iter().map(|rule| {
            TerraformRule::deserialize(rule).map_err(InvalidCorsDocument::Json).map(|rule| Rule {
                id: rule.id,
                allowed_origins: rule.allowed_origins,
                allowed_methods: rule.allowed_methods,
                allowed_headers: rule.allowed_headers,
                expose_headers: rule.expose_headers,
                max_age_seconds: rule.max_age_seconds,
            })
        });
        Self::from_rules(rules.collect::<Result<Vec<_>, _>>()?)
    }
}
