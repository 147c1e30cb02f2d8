//! CORS documents in the JSON of `aws s3api` and of the S3 console.

use serde::{Deserialize, Serialize};

use super::{CorsDocument, CorsMethod, CorsRule, InvalidCorsDocument};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
    #[serde(rename = "CORSRules")]
    rules: Vec<Rule>,
}

/// A rule before validation. Every file format is converted to this type.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Rule {
    #[serde(rename = "ID", default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    pub(super) allowed_origins: Vec<String>,
    pub(super) allowed_methods: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) allowed_headers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) expose_headers: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) max_age_seconds: Option<u32>,
}

impl CorsDocument {
    /// Returns `{"CORSRules":[…]}`, as `aws s3api put-bucket-cors --cors-configuration file://…` takes it. The JSON is
    /// indented and ends with a line break.
    #[must_use]
    pub fn to_json(&self) -> String {
        let document = Document { rules: self.rules().iter().map(Rule::from).collect() };
        // Serializing strings and numbers cannot fail.
        let mut json = serde_json::to_string_pretty(&document).unwrap_or_default();
        json.push('\n');
        json
    }

    /// Returns the bare array of rules that the editor of the S3 console shows and takes. The JSON is indented and ends with
    /// a line break.
    #[must_use]
    pub fn to_console_json(&self) -> String {
        let rules: Vec<Rule> = self.rules().iter().map(Rule::from).collect();
        let mut json = serde_json::to_string_pretty(&rules).unwrap_or_default();
        json.push('\n');
        json
    }

    /// Reads `{"CORSRules":[…]}`, or the bare array of rules that the editor of the S3 console shows.
    ///
    /// # Errors
    /// Fails if the text is not such JSON, if a rule has an unknown member or a value that S3 does not accept, or if the
    /// document exceeds S3's limits.
    pub fn from_json(json: &str) -> Result<Self, InvalidCorsDocument> {
        let bare = json.trim_start().starts_with('[');
        let rules: Result<Vec<Rule>, _> = if bare {
            serde_json::from_str(json)
        } else {
            serde_json::from_str::<Document>(json).map(|document| document.rules)
        };
        Self::from_rules(rules.map_err(InvalidCorsDocument::Json)?)
    }

    pub(super) fn from_rules(rules: impl IntoIterator<Item = Rule>) -> Result<Self, InvalidCorsDocument> {
        let rules = rules.into_iter().enumerate().map(|(index, rule)| rule.validate(index));
        Self::new(rules.collect::<Result<Vec<_>, _>>()?)
    }
}

impl Rule {
    /// Validates a rule that was read. `index` is its position in the document, for errors.
    fn validate(self, index: usize) -> Result<CorsRule, InvalidCorsDocument> {
        let id = || self.id.as_deref().filter(|id| !id.is_empty()).map(Into::into);
        let invalid = |source| InvalidCorsDocument::Rule { index, id: id(), source };
        let methods = self.allowed_methods.iter().map(|method| method.parse::<CorsMethod>());
        let methods = methods.collect::<Result<Vec<_>, _>>();
        let methods = methods.map_err(|_| InvalidCorsDocument::Method { index, id: id() })?;
        let mut rule = CorsRule::new(&self.allowed_origins, methods)
            .and_then(|rule| rule.with_allowed_headers(&self.allowed_headers))
            .and_then(|rule| rule.with_expose_headers(&self.expose_headers))
            .map_err(invalid)?;
        if let Some(id) = self.id.as_deref().filter(|id| !id.is_empty()) {
            rule = rule.with_id(id).map_err(invalid)?;
        }
        Ok(match self.max_age_seconds {
            Some(seconds) => rule.with_max_age_seconds(seconds),
            None => rule,
        })
    }
}

impl From<&CorsRule> for Rule {
    fn from(rule: &CorsRule) -> Self {
        let texts = |list: &[Box<str>]| list.iter().map(ToString::to_string).collect();
        Self {
            id: rule.id().map(Into::into),
            allowed_origins: texts(rule.allowed_origins()),
            allowed_methods: rule.allowed_methods().iter().map(ToString::to_string).collect(),
            allowed_headers: texts(rule.allowed_headers()),
            expose_headers: texts(rule.expose_headers()),
            max_age_seconds: rule.max_age_seconds(),
        }
    }
}
