//! The whole document.

use super::{CorsRule, InvalidCorsRule};

/// A bucket's CORS document: rules of which the first that matches decides.
///
/// ```
/// use upsign_documents::{CorsDocument, CorsMethod, CorsRule};
/// let document = CorsDocument::new([CorsRule::new(["https://app.example.com"], [CorsMethod::Put])?])?;
/// assert_eq!(CorsDocument::from_json(&document.to_json())?, document);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsDocument(Vec<CorsRule>);

/// Why rules do not make a [`CorsDocument`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCorsDocument {
    /// Over 100 rules.
    #[error("a CORS document has at most 100 rules, this one has {0}")]
    TooManyRules(usize),
    /// Over 64 KB as XML, which is what S3 stores.
    #[error("a CORS document has at most 65536 bytes as XML, this one has {0}")]
    TooLarge(usize),
    /// One id twice.
    #[error("two CORS rules have one id")]
    RepeatedId,
    /// Not JSON of the right shape.
    #[error("not a CORS document in JSON")]
    Json(#[source] serde_json::Error),
    /// Not XML of the right shape.
    #[cfg(feature = "read")]
    #[error("not a CORS document in XML: {0}")]
    Xml(String),
    /// Not HCL.
    #[cfg(feature = "read")]
    #[error("not HCL: {0}")]
    Hcl(String),
    /// A template or a module without it.
    #[error("there is no {0} in it")]
    Absent(&'static str),
    /// A rule that is none.
    #[error("rule {index} is invalid")]
    Rule {
        /// Which, from 0.
        index: usize,
        /// What is wrong.
        source: InvalidCorsRule,
    },
    /// A method that a rule cannot allow.
    #[error("rule {index} allows a method other than GET, PUT, POST, DELETE and HEAD")]
    Method {
        /// Which, from 0.
        index: usize,
    },
}

impl CorsDocument {
    /// The most rules.
    pub const MAX_RULES: usize = 100;
    /// The most bytes as XML.
    pub const MAX_BYTES: usize = 65_536;

    /// A document of these rules.
    ///
    /// # Errors
    /// [`InvalidCorsDocument`] over S3's limits.
    pub fn new(rules: impl IntoIterator<Item = CorsRule>) -> Result<Self, InvalidCorsDocument> {
        let rules: Vec<CorsRule> = rules.into_iter().collect();
        if rules.len() > Self::MAX_RULES {
            return Err(InvalidCorsDocument::TooManyRules(rules.len()));
        }
        let bytes = rules.iter().map(xml_len).sum::<usize>() + XML_ROOT;
        if bytes > Self::MAX_BYTES {
            return Err(InvalidCorsDocument::TooLarge(bytes));
        }
        let ids = || rules.iter().filter_map(CorsRule::id);
        if ids().enumerate().any(|(index, id)| ids().skip(index + 1).any(|other| other == id)) {
            return Err(InvalidCorsDocument::RepeatedId);
        }
        Ok(Self(rules))
    }

    /// No rules: a bucket on which CORS is not switched on. S3 stores no such document.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// The rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[CorsRule] {
        &self.0
    }
}

/// `<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></CORSConfiguration>`.
const XML_ROOT: usize = 87;

/// The bytes of a rule as XML, without white space.
fn xml_len(rule: &CorsRule) -> usize {
    let element = |name: &str, text: &str| 2 * name.len() + 5 + escaped_len(text);
    let each = |name: &str, texts: &[Box<str>]| texts.iter().map(|text| element(name, text)).sum::<usize>();
    let methods: usize = rule.allowed_methods().iter().map(|it| element("AllowedMethod", it.as_str())).sum();
    element("CORSRule", "")
        + rule.id().map_or(0, |id| element("ID", id))
        + each("AllowedOrigin", rule.allowed_origins())
        + methods
        + each("AllowedHeader", rule.allowed_headers())
        + each("ExposeHeader", rule.expose_headers())
        + rule.max_age_seconds().map_or(0, |age| element("MaxAgeSeconds", &age.to_string()))
}

/// `&amp;`, `&lt;`, `&gt;`.
fn escaped_len(text: &str) -> usize {
    text.bytes()
        .map(|byte| {
            if matches!(byte, b'&') {
                5
            } else if matches!(byte, b'<' | b'>') {
                4
            } else {
                1
            }
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CorsMethod;

    fn rule(origin: &str) -> CorsRule {
        CorsRule::new([origin], [CorsMethod::Put]).unwrap()
    }

    #[test]
    fn limits() {
        assert!(CorsDocument::new(vec![rule("*"); 100]).is_ok());
        assert!(matches!(
            CorsDocument::new(vec![rule("*"); 101]),
            Err(InvalidCorsDocument::TooManyRules(101))
        ));
        let large = rule(&format!("https://{}", "a".repeat(65_536)));
        assert!(matches!(CorsDocument::new([large]), Err(InvalidCorsDocument::TooLarge(_))));
        let twice = [rule("*").with_id("a").unwrap(), rule("*").with_id("a").unwrap()];
        assert!(matches!(CorsDocument::new(twice), Err(InvalidCorsDocument::RepeatedId)));
    }

    #[test]
    fn xml_is_counted_to_the_byte() {
        let rule = rule("a&b").with_id("i").unwrap().with_max_age_seconds(10);
        let xml = "<CORSRule><ID>i</ID><AllowedOrigin>a&amp;b</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>\
                   <MaxAgeSeconds>10</MaxAgeSeconds></CORSRule>";
        assert_eq!(xml_len(&rule), xml.len());
        let root =
            r#"<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></CORSConfiguration>"#;
        assert_eq!(XML_ROOT, root.len());
    }
}
