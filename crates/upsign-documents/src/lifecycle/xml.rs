//! Lifecycle documents as `<LifecycleConfiguration>`, the XML of S3's API.

use super::LifecycleDocument;
use super::json::Rule;
use crate::xml::Element;

impl LifecycleDocument {
    /// Returns `<LifecycleConfiguration>` in one line, as S3's API takes it.
    #[must_use]
    pub fn to_xml(&self) -> String {
        Element::root("LifecycleConfiguration", self.rules().iter().map(|rule| element(&Rule::from(rule))))
            .to_document()
    }
}

fn element(rule: &Rule) -> Element {
    let mut parts = vec![
        Element::text("ID", &rule.id),
        Element::new("Filter", [Element::text("Prefix", &rule.filter.prefix)]),
        Element::text("Status", &rule.status),
    ];
    let days = |name, days: u32| Element::text(name, &days.to_string());
    if let Some(expiration) = &rule.expiration {
        let markers = expiration.expired_object_delete_marker;
        let markers = markers.then(|| Element::text("ExpiredObjectDeleteMarker", "true"));
        let after = expiration.days.map(|it| days("Days", it));
        parts.push(Element::new("Expiration", after.into_iter().chain(markers)));
    }
    if let Some(it) = &rule.noncurrent_version_expiration {
        let after = days("NoncurrentDays", it.noncurrent_days);
        parts.push(Element::new("NoncurrentVersionExpiration", [after]));
    }
    if let Some(it) = &rule.abort_incomplete_multipart_upload {
        let after = days("DaysAfterInitiation", it.days_after_initiation);
        parts.push(Element::new("AbortIncompleteMultipartUpload", [after]));
    }
    for it in &rule.transitions {
        let class = Element::text("StorageClass", &it.storage_class);
        parts.push(Element::new("Transition", [days("Days", it.days), class]));
    }
    Element::new("Rule", parts)
}

#[cfg(feature = "xml")]
mod read {
    use serde::Deserialize;

    use super::super::json::{Abort, Expiration, Filter, Noncurrent, Rule, Transition, enabled};
    use super::super::{InvalidLifecycleDocument, LifecycleDocument};

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Document {
        #[serde(rename = "@xmlns", default)]
        _xmlns: String,
        #[serde(rename = "Rule", default)]
        rules: Vec<XmlRule>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct XmlRule {
        #[serde(rename = "ID")]
        id: String,
        status: String,
        filter: Filter,
        expiration: Option<Expiration>,
        noncurrent_version_expiration: Option<Noncurrent>,
        abort_incomplete_multipart_upload: Option<Abort>,
        #[serde(default)]
        transition: Vec<Transition>,
    }

    impl LifecycleDocument {
        /// Reads `<LifecycleConfiguration>`. Disabled rules are left out. Needs the feature `xml`.
        ///
        /// # Errors
        /// Fails if the text is not such XML, or if a rule uses an element that this crate never writes, such as a filter by
        /// tag.
        pub fn from_xml(xml: &str) -> Result<Self, InvalidLifecycleDocument> {
            let document: Document = quick_xml::de::from_str(xml)
                .map_err(|error| InvalidLifecycleDocument::Text(error.to_string()))?;
            let rules = document.rules.into_iter().map(|rule| Rule {
                id: rule.id,
                status: rule.status,
                filter: rule.filter,
                expiration: rule.expiration,
                noncurrent_version_expiration: rule.noncurrent_version_expiration,
                abort_incomplete_multipart_upload: rule.abort_incomplete_multipart_upload,
                transitions: rule.transition,
            });
            Ok(enabled(rules.collect()))
        }
    }
}
