//! CORS documents as Terraform's resource `aws_s3_bucket_cors_configuration`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::{CorsDocument, InvalidCorsDocument};
use super::json::Rule;
use crate::node::{Node, find, map, text};
use crate::terraform;

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
    /// Returns a Terraform resource for `bucket` in Terraform's JSON syntax.
    ///
    /// Declare one such resource per bucket: two of them replace each other's rules on every `terraform apply`.
    #[must_use]
    pub fn to_terraform_json(&self, bucket: &str) -> String {
        self.to_terraform_node("uploads", bucket).to_json()
    }

    /// Returns a Terraform resource for `bucket` in HCL.
    ///
    /// Declare one such resource per bucket: two of them replace each other's rules on every `terraform apply`.
    #[must_use]
    pub fn to_terraform(&self, bucket: &str) -> String {
        self.to_terraform_node("uploads", bucket).to_hcl()
    }

    pub(crate) fn to_terraform_node(&self, name: &str, bucket: &str) -> Node {
        terraform::resource(RESOURCE, name, map(self.terraform_body(text(bucket))))
    }

    /// Returns the arguments of the resource.
    pub(crate) fn terraform_body(&self, bucket: Node) -> Vec<(&'static str, Node)> {
        let rules = self.rules().iter().map(Rule::from).map(|rule| {
            Node::from_serialize(&TerraformRule {
                id: rule.id,
                allowed_origins: rule.allowed_origins,
                allowed_methods: rule.allowed_methods,
                allowed_headers: rule.allowed_headers,
                expose_headers: rule.expose_headers,
                max_age_seconds: rule.max_age_seconds,
            })
        });
        vec![("bucket", bucket), ("cors_rule", Node::Blocks(rules.collect()))]
    }

    /// Reads the first `cors_rule` list of a Terraform configuration in JSON syntax, whole or in part.
    ///
    /// # Errors
    /// Fails if the text is not JSON, if it contains no `cors_rule`, or if a rule has an unknown argument or a value that S3
    /// does not accept.
    pub fn from_terraform_json(json: &str) -> Result<Self, InvalidCorsDocument> {
        let value: Value = serde_json::from_str(json).map_err(InvalidCorsDocument::Json)?;
        Self::from_terraform_value(&value)
    }

    /// Reads the first `cors_rule` blocks of a Terraform configuration in HCL. Needs the feature `hcl`.
    ///
    /// # Errors
    /// Fails if the text is not HCL, and as [`from_terraform_json`](Self::from_terraform_json) does.
    #[cfg(feature = "hcl")]
    pub fn from_terraform(text: &str) -> Result<Self, InvalidCorsDocument> {
        let value = terraform::parse(text).map_err(|error| InvalidCorsDocument::Hcl(error.to_string()))?;
        Self::from_terraform_value(&value)
    }

    pub(crate) fn from_terraform_value(value: &Value) -> Result<Self, InvalidCorsDocument> {
        let absent = InvalidCorsDocument::Absent(RESOURCE);
        let resource = find(value, "cors_rule").ok_or(absent)?;
        let rules = resource.get("cors_rule").map(terraform::blocks).unwrap_or_default();
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
