//! The form of XML.

use super::super::LifecycleDocument;
use super::Rule;
use crate::xml::Element;

impl LifecycleDocument {
    /// `<LifecycleConfiguration>`.
    #[must_use]
    pub fn to_xml(&self) -> String {
        Element::root("LifecycleConfiguration", self.rules().iter().map(|rule| xml(&Rule::from(rule))))
            .to_document()
    }
}

fn xml(rule: &Rule) -> Element {
    let mut parts = vec![
        Element::text("ID", &rule.id),
        Element::of("Filter", [Element::text("Prefix", &rule.filter.prefix)]),
        Element::text("Status", &rule.status),
    ];
    let days = |name, days: u32| Element::text(name, &days.to_string());
    if let Some(expiration) = &rule.expiration {
        let markers = expiration.expired_object_delete_marker;
        let markers = markers.then(|| Element::text("ExpiredObjectDeleteMarker", "true"));
        let after = expiration.days.map(|it| days("Days", it));
        parts.push(Element::of("Expiration", after.into_iter().chain(markers)));
    }
    if let Some(it) = &rule.noncurrent_version_expiration {
        let after = days("NoncurrentDays", it.noncurrent_days);
        parts.push(Element::of("NoncurrentVersionExpiration", [after]));
    }
    if let Some(it) = &rule.abort_incomplete_multipart_upload {
        let after = days("DaysAfterInitiation", it.days_after_initiation);
        parts.push(Element::of("AbortIncompleteMultipartUpload", [after]));
    }
    for it in &rule.transitions {
        let class = Element::text("StorageClass", &it.storage_class);
        parts.push(Element::of("Transition", [days("Days", it.days), class]));
    }
    Element::of("Rule", parts)
}
#[cfg(feature = "read")]
mod read {
    use serde::Deserialize;

    use super::super::super::{InvalidLifecycle, LifecycleDocument};
    use super::super::{Abort, Expiration, Filter, Noncurrent, Rule, Transition, enabled};

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
        /// Reads `<LifecycleConfiguration>`.
        ///
        /// # Errors
        /// [`InvalidLifecycle`].
        pub fn from_xml(xml: &str) -> Result<Self, InvalidLifecycle> {
            let document: Document =
                quick_xml::de::from_str(xml).map_err(|error| InvalidLifecycle::Text(error.to_string()))?;
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

        /// Reads HCL.
        ///
        /// # Errors
        /// [`InvalidLifecycle`].
        pub fn from_terraform(text: &str) -> Result<Self, InvalidLifecycle> {
            let value = crate::hcl::read(text);
            Self::from_terraform_value(&value.map_err(|error| InvalidLifecycle::Text(error.to_string()))?)
        }
    }
}
