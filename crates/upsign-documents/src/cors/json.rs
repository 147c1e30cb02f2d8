//! The JSON form of `aws s3api put-bucket-cors --cors-configuration`.

use serde::{Deserialize, Serialize};

use super::{CorsDocument, CorsMethod, CorsRule, InvalidCorsDocument};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
    #[serde(rename = "CORSRules")]
    rules: Vec<Rule>,
}

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
    /// The document as `aws s3api put-bucket-cors --cors-configuration file://…` takes it: `{"CORSRules":[…]}`, indented,
    /// with a line break at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let wire = Document { rules: self.rules().iter().map(Rule::from).collect() };
        // Strings and numbers alone cannot fail to serialise.
        let mut json = serde_json::to_string_pretty(&wire).unwrap_or_default();
        json.push('\n');
        json
    }

    /// The bare list that the console's editor shows and takes, indented, with a line break at the end.
    #[must_use]
    pub fn to_console_json(&self) -> String {
        let rules: Vec<Rule> = self.rules().iter().map(Rule::from).collect();
        let mut json = serde_json::to_string_pretty(&rules).unwrap_or_default();
        json.push('\n');
        json
    }

    /// Reads `{"CORSRules":[…]}`, or the bare list that the console's editor shows.
    ///
    /// # Errors
    /// [`InvalidCorsDocument`].
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
        let rules = rules.into_iter().enumerate().map(|(index, rule)| rule.read(index));
        Self::new(rules.collect::<Result<Vec<_>, _>>()?)
    }
}

impl Rule {
    fn read(self, index: usize) -> Result<CorsRule, InvalidCorsDocument> {
        let invalid = |source| InvalidCorsDocument::Rule { index, source };
        let methods = self.allowed_methods.iter().map(|method| method.parse::<CorsMethod>());
        let methods =
            methods.collect::<Result<Vec<_>, _>>().map_err(|_| InvalidCorsDocument::Method { index })?;
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
