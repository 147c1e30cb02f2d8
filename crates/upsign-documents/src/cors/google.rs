//! CORS documents in the JSON of Google Cloud Storage.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{CorsDocument, CorsRule, InvalidCorsDocument, json};

/// A rule of Google Cloud Storage.
///
/// Source: <https://cloud.google.com/storage/docs/using-cors>.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    origin: Vec<&'a str>,
    method: Vec<String>,
    response_header: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age_seconds: Option<u32>,
}

/// A rule that was read. A member of its own for the headers that pages may read does not exist.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReadRule {
    #[serde(default)]
    origin: Vec<String>,
    #[serde(default)]
    method: Vec<String>,
    #[serde(default)]
    response_header: Vec<String>,
    max_age_seconds: Option<u32>,
}

/// A rule contains `*` within a text, and Google Cloud Storage compares origins and headers as a whole.
///
/// Source: <https://cloud.google.com/storage/docs/cross-origin>.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} contains `*`, and Google Cloud Storage compares origins and headers as a whole")]
#[non_exhaustive]
pub struct PatternAtGoogle(
    /// The origin or the name of the header.
    pub Box<str>,
);

impl CorsDocument {
    /// Returns the list of rules that `gcloud storage buckets update --cors-file` takes. The JSON is indented and ends with a line
    /// break.
    ///
    /// One list, `responseHeader`, holds the headers that pages may send and those that they may read. In place of S3's version
    /// id, pages may read `x-goog-generation`.
    ///
    /// ```
    /// use upsign_documents::{CorsDocument, CorsMethod, CorsRule};
    /// let rule = CorsRule::new(["https://app.example.com"], [CorsMethod::Put])?.with_allowed_headers(["content-type"])?;
    /// let json = CorsDocument::new([rule])?.to_google_json()?;
    /// assert_eq!(json.split_whitespace().collect::<String>(), concat!(
    ///     r#"[{"origin":["https://app.example.com"],"method":["PUT"],"responseHeader":["content-type"]}]"#
    /// ));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Fails if an origin other than `*` or a header contains `*`.
    pub fn to_google_json(&self) -> Result<String, PatternAtGoogle> {
        let rules = self.rules().iter().map(Rule::of).collect::<Result<Vec<_>, _>>()?;
        // Serializing strings and numbers cannot fail.
        let mut json = serde_json::to_string_pretty(&rules).unwrap_or_default();
        json.push('\n');
        Ok(json)
    }
}

impl CorsDocument {
    /// Reads a list of rules of Google Cloud Storage. Pages may send and read every header that a rule lists.
    pub(crate) fn from_google_rules(rules: &Value) -> Result<Self, InvalidCorsDocument> {
        let rules: Vec<ReadRule> = Vec::deserialize(rules).map_err(InvalidCorsDocument::Json)?;
        Self::from_rules(rules.into_iter().map(|rule| json::Rule {
            id: None,
            allowed_origins: rule.origin,
            allowed_methods: rule.method,
            allowed_headers: rule.response_header.clone(),
            expose_headers: rule.response_header,
            max_age_seconds: rule.max_age_seconds,
        }))
    }

    /// Returns the document with what it permits at Google Cloud Storage, where pages may send and read every listed header.
    pub(crate) fn at_google(&self) -> Self {
        let rules = self.rules().iter().map(|rule| {
            let headers: Vec<String> = rule
                .allowed_headers()
                .iter()
                .map(AsRef::as_ref)
                .chain(exposed(rule))
                .map(str::to_owned)
                .collect();
            json::Rule {
                id: None,
                allowed_origins: rule.allowed_origins().iter().map(ToString::to_string).collect(),
                allowed_methods: rule.allowed_methods().iter().map(ToString::to_string).collect(),
                allowed_headers: headers.clone(),
                expose_headers: headers,
                max_age_seconds: rule.max_age_seconds(),
            }
        });
        // A header with `*`, which pages cannot read, is not written for this store.
        Self::from_rules(rules).unwrap_or_else(|_| self.clone())
    }
}

/// Returns the headers that pages may read, with the names of Google Cloud Storage.
fn exposed(rule: &CorsRule) -> impl Iterator<Item = &str> {
    rule.expose_headers().iter().map(|name| match name.as_ref() {
        "x-amz-version-id" => "x-goog-generation",
        other => other,
    })
}

impl<'a> Rule<'a> {
    fn of(rule: &'a CorsRule) -> Result<Self, PatternAtGoogle> {
        let origin: Vec<&str> = rule.allowed_origins().iter().map(AsRef::as_ref).collect();
        let response_header: Vec<&str> =
            rule.allowed_headers().iter().map(AsRef::as_ref).chain(exposed(rule)).collect();
        let mut whole = origin.iter().filter(|origin| **origin != "*").chain(&response_header);
        match whole.find(|text| text.contains('*')) {
            Some(pattern) => Err(PatternAtGoogle((*pattern).into())),
            None => Ok(Self {
                origin,
                method: rule.allowed_methods().iter().map(ToString::to_string).collect(),
                response_header,
                max_age_seconds: rule.max_age_seconds(),
            }),
        }
    }
}
