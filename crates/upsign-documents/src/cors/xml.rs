//! CORS documents as `<CORSConfiguration>`, the XML of S3's API.

use super::{CorsDocument, CorsRule};
use crate::xml::Element;

impl CorsDocument {
    /// Returns `<CORSConfiguration>` in one line, as the API of S3 and of compatible stores takes it.
    #[must_use]
    pub fn to_xml(&self) -> String {
        Element::root("CORSConfiguration", self.rules().iter().map(rule)).to_document()
    }
}

fn rule(rule: &CorsRule) -> Element {
    let each = |name: &'static str, texts: &[Box<str>]| {
        texts.iter().map(|text| Element::text(name, text)).collect::<Vec<_>>()
    };
    let mut parts: Vec<Element> = rule.id().map(|id| Element::text("ID", id)).into_iter().collect();
    parts.extend(each("AllowedOrigin", rule.allowed_origins()));
    parts.extend(rule.allowed_methods().iter().map(|it| Element::text("AllowedMethod", it.as_str())));
    parts.extend(each("AllowedHeader", rule.allowed_headers()));
    parts.extend(each("ExposeHeader", rule.expose_headers()));
    parts.extend(rule.max_age_seconds().map(|age| Element::text("MaxAgeSeconds", &age.to_string())));
    Element::new("CORSRule", parts)
}

#[cfg(feature = "xml")]
mod read {
    use serde::Deserialize;

    use super::super::json::Rule;
    use super::super::{CorsDocument, InvalidCorsDocument};

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Document {
        #[serde(rename = "@xmlns", default)]
        _xmlns: String,
        #[serde(rename = "CORSRule", default)]
        rules: Vec<XmlRule>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct XmlRule {
        #[serde(rename = "ID")]
        id: Option<String>,
        #[serde(default)]
        allowed_origin: Vec<String>,
        #[serde(default)]
        allowed_method: Vec<String>,
        #[serde(default)]
        allowed_header: Vec<String>,
        #[serde(default)]
        expose_header: Vec<String>,
        max_age_seconds: Option<u32>,
    }

    impl CorsDocument {
        /// Reads `<CORSConfiguration>`. Needs the feature `xml`.
        ///
        /// # Errors
        /// Fails if the text is not such XML or if a rule has a value that S3 does not accept.
        pub fn from_xml(xml: &str) -> Result<Self, InvalidCorsDocument> {
            let document: Document =
                quick_xml::de::from_str(xml).map_err(|error| InvalidCorsDocument::Xml(error.to_string()))?;
            Self::from_rules(document.rules.into_iter().map(|rule| Rule {
                id: rule.id,
                allowed_origins: rule.allowed_origin,
                allowed_methods: rule.allowed_method,
                allowed_headers: rule.allowed_header,
                expose_headers: rule.expose_header,
                max_age_seconds: rule.max_age_seconds,
            }))
        }
    }
}
