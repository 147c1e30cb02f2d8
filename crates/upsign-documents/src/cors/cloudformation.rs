//! CORS documents as the property `CorsConfiguration` of CloudFormation's `AWS::S3::Bucket`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::{CorsDocument, InvalidCorsDocument};
use super::json::Rule;
use crate::node::{Node, find};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CorsConfiguration {
    cors_rules: Vec<CloudFormationRule>,
}

/// Three names differ from those of S3's API: `Id`, `ExposedHeaders` and `MaxAge`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CloudFormationRule {
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

impl CorsDocument {
    /// Returns the document as `CorsConfiguration` of `AWS::S3::Bucket`: `{"CorsRules": […]}` in JSON.
    #[must_use]
    pub fn to_cloudformation(&self) -> String {
        self.to_cloudformation_node().to_json()
    }

    pub(crate) fn to_cloudformation_node(&self) -> Node {
        let rules = self.rules().iter().map(Rule::from).map(|rule| CloudFormationRule {
            id: rule.id,
            allowed_origins: rule.allowed_origins,
            allowed_methods: rule.allowed_methods,
            allowed_headers: rule.allowed_headers,
            exposed_headers: rule.expose_headers,
            max_age: rule.max_age_seconds,
        });
        Node::from_serialize(&CorsConfiguration { cors_rules: rules.collect() })
    }

    /// Reads a `CorsConfiguration` in JSON: alone, as a property, or the first one of a whole template.
    ///
    /// # Errors
    /// Fails if the text is not JSON, if it contains no `CorsRules`, or if a rule has an unknown member or a value that S3
    /// does not accept.
    pub fn from_cloudformation(json: &str) -> Result<Self, InvalidCorsDocument> {
        let value: Value = serde_json::from_str(json).map_err(InvalidCorsDocument::Json)?;
        Self::from_cloudformation_value(&value)
    }

    pub(crate) fn from_cloudformation_value(value: &Value) -> Result<Self, InvalidCorsDocument> {
        let found = find(value, "CorsRules").ok_or(InvalidCorsDocument::Absent("CorsRules"))?;
        let configuration = CorsConfiguration::deserialize(found).map_err(InvalidCorsDocument::Json)?;
        Self::from_rules(configuration.cors_rules.into_iter().map(|rule| Rule {
            id: rule.id,
            allowed_origins: rule.allowed_origins,
            allowed_methods: rule.allowed_methods,
            allowed_headers: rule.allowed_headers,
            expose_headers: rule.exposed_headers,
            max_age_seconds: rule.max_age,
        }))
    }
}
