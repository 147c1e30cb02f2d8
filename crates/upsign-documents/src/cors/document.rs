//! A whole CORS document and S3's limits for it.

use super::{CorsRule, InvalidCorsRule};

/// The CORS configuration of a bucket: a list of rules. S3 applies the first rule that matches a request.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html>.
///
/// Derive it from the policy that signs the uploads:
///
/// ```
/// use upsign_core::{CorsOrigins, Target};
/// use upsign_documents::{CorsAnswer, CorsDocument, CorsRequest};
/// use upsign_policy::{Bodyless, UploadPolicy};
///
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
///     .content_types(["image/jpeg"])
///     .max_size(10 << 20)
///     .build()?;
/// let origins = CorsOrigins::listed(["https://app.example.com".parse()?]);
///
/// let cors = CorsDocument::for_policy(&policy, &origins)?;
/// assert!(cors.to_json().contains("https://app.example.com"));
///
/// // What S3 would answer to the preflight of a browser:
/// let headers = Some("content-type,if-none-match");
/// let preflight = CorsRequest::preflight(Some("https://app.example.com"), Some("PUT"), headers);
/// assert!(matches!(cors.evaluate(&preflight), CorsAnswer::Allowed { .. }));
/// let elsewhere = CorsRequest::preflight(Some("https://attacker.example"), Some("PUT"), headers);
/// assert!(matches!(cors.evaluate(&elsewhere), CorsAnswer::Refused(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Or write it rule by rule:
///
/// ```
/// use upsign_documents::{CorsDocument, CorsMethod, CorsRule};
/// let document = CorsDocument::new([CorsRule::new(["https://app.example.com"], [CorsMethod::Put])?])?;
/// assert_eq!(CorsDocument::from_json(&document.to_json())?, document);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsDocument(pub(super) Vec<CorsRule>);

/// The reason why a [`CorsDocument`] was not built or not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCorsDocument {
    /// There are more than [`CorsDocument::MAX_RULES`] rules. Holds their number.
    #[error("a CORS document has at most 100 rules, but this one has {0}")]
    TooManyRules(usize),
    /// The document has more than [`CorsDocument::MAX_BYTES`] bytes as XML, the form in which S3 stores it. Holds the number
    /// of bytes. Shorten the list of origins.
    #[error("a CORS document has at most 65536 bytes as XML, but this one has {0}")]
    TooLarge(usize),
    /// Two rules have the same id.
    #[error("two CORS rules have the same id")]
    RepeatedId,
    /// The text is not JSON, or a member is unknown, missing or of the wrong type.
    #[error("not a CORS document in JSON")]
    Json(#[source] serde_json::Error),
    /// The text is not XML, or an element is unknown, missing or of the wrong type. Holds the message of the parser.
    #[cfg(feature = "xml")]
    #[error("not a CORS document in XML: {0}")]
    Xml(String),
    /// The text is not HCL. Holds the message of the parser.
    #[cfg(feature = "hcl")]
    #[error("not HCL: {0}")]
    Hcl(String),
    /// The template or the Terraform configuration contains no CORS configuration. Holds the name that was expected.
    #[error("the file contains no {0}")]
    Absent(&'static str),
    /// A rule has a value that S3 does not accept. The message counts the rules from 1.
    #[error("{} is invalid", rule(*.index, .id.as_deref()))]
    Rule {
        /// The index of the rule, from 0.
        index: usize,
        /// The id of the rule, if it has one.
        id: Option<Box<str>>,
        /// The error of the rule.
        source: InvalidCorsRule,
    },
    /// A rule names a method that CORS rules cannot allow. The message counts the rules from 1.
    #[error("{} allows a method other than GET, PUT, POST, DELETE and HEAD", rule(*.index, .id.as_deref()))]
    Method {
        /// The index of the rule, from 0.
        index: usize,
        /// The id of the rule, if it has one.
        id: Option<Box<str>>,
    },
}

/// Returns the name of a rule for a message: its number, from 1, and its id.
fn rule(index: usize, id: Option<&str>) -> String {
    match id.filter(|id| !id.is_empty()) {
        // An id that is too long is itself invalid.
        Some(id) => {
            let id: String = id.chars().take(64).flat_map(char::escape_debug).collect();
            format!("rule {} (ID \"{id}\")", index + 1)
        }
        None => format!("rule {}", index + 1),
    }
}

impl CorsDocument {
    /// The maximum number of rules.
    pub const MAX_RULES: usize = 100;
    /// The maximum size as XML, in bytes (64 KiB).
    pub const MAX_BYTES: usize = 65_536;

    /// Builds a document of these rules, in this order.
    ///
    /// # Errors
    /// Fails if there are more than 100 rules, if the XML is larger than 64 KiB, or if two rules have the same id.
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

    /// Returns a document without rules, which represents a bucket without a CORS configuration. S3 does not store such a
    /// document: delete the configuration of the bucket instead.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Returns the rules in order.
    #[must_use]
    pub fn rules(&self) -> &[CorsRule] {
        &self.0
    }
}

/// The length of `<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></CORSConfiguration>`.
const XML_ROOT: usize = 87;

/// Returns the length of a rule as XML without white space, in bytes. It must agree with [`CorsDocument::to_xml`].
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

/// Returns the length of a text with `&`, `<` and `>` escaped.
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
    use crate::cors::CorsMethod;

    fn rule(origin: &str) -> CorsRule {
        CorsRule::new([origin], [CorsMethod::Put]).unwrap()
    }

    #[test]
    fn s3_limits_are_enforced() {
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
    fn xml_length_is_exact() {
        let rule = rule("a&b").with_id("i").unwrap().with_max_age_seconds(10);
        let xml = "<CORSRule><ID>i</ID><AllowedOrigin>a&amp;b</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>\
                   <MaxAgeSeconds>10</MaxAgeSeconds></CORSRule>";
        assert_eq!(xml_len(&rule), xml.len());
        let root =
            r#"<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></CORSConfiguration>"#;
        assert_eq!(XML_ROOT, root.len());
    }
}
