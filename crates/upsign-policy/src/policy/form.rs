//! The constraints of a policy as the fields of a form.

use std::fmt::Write;

use upsign_core::{InvalidPostPolicy, LengthRange, ObjectKey, PostKey, PostPolicy};

use crate::object::object_field::ObjectField;
use crate::object::tags::Tags;
use crate::policy::UploadPolicy;
use crate::policy::check::CheckedRequest;

impl UploadPolicy {
    /// Returns the form of a checked request. A stated size is bound exactly; otherwise the range up to
    /// [`max_form_size`](Self::max_form_size) is bound.
    ///
    /// Source of the field names: <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>.
    pub(super) fn form(
        &self,
        key: &ObjectKey,
        checked: &CheckedRequest,
    ) -> Result<PostPolicy, InvalidPostPolicy> {
        let with_field = |form: PostPolicy, name: &str, value: &str| {
            // S3 replaces the variable with the name of the uploaded file, and the condition of such a field binds only the
            // text before the variable. A value with the variable would therefore bind less than it states.
            if value.contains(FILE_NAME_VARIABLE) {
                Err(InvalidPostPolicy::FileName(name.into()))
            } else {
                form.with_field(name, value)
            }
        };
        let range = (self.size.min(), self.max_form_size());
        let (min, max) = checked.content_length.map_or(range, |len| (len, len));
        // A size limit, and a size within it, is always a valid range, so the default is never used.
        let length = LengthRange::new(min, max).unwrap_or(LengthRange::ANY);
        let mut form =
            PostPolicy::new(self.target.clone(), PostKey::exact(key), length, self.lifetime.expires_in)
                .with_short_credentials(self.lifetime.short_credentials);
        form = with_field(form, "Content-Type", checked.content_type.as_str())?;
        for (name, value) in self.fixed_headers.iter().chain(self.form.fields()) {
            form = with_field(form, field_of(name), value)?;
        }
        if let Some(text) = self.disposition_of(checked) {
            form = with_field(form, "Content-Disposition", &text)?;
        }
        if let Some(checksum) = &checked.checksum {
            let algorithm = checksum.algorithm();
            form = with_field(form, field_of(algorithm.header()), checksum.as_base64())?;
        }
        for (name, value) in checked.metadata.headers() {
            form = with_field(form, &self.field_for_target(&name), &value)?;
        }
        if checked.tags.is_empty() {
            Ok(form)
        } else {
            with_field(form, "tagging", &tagging_xml(&checked.tags))
        }
    }
}

/// The variable that S3 replaces in the fields of a form.
const FILE_NAME_VARIABLE: &str = "${filename}";

/// Returns the name of the form field that corresponds to a header.
fn field_of(header: &str) -> &str {
    match ObjectField::of_header(header).and_then(ObjectField::form_field) {
        Some(field) => field,
        None if header == "content-md5" => "Content-MD5",
        None => header,
    }
}

/// Returns the value of the field `tagging`. A form carries tags as XML, not as a query string. Of the characters that a
/// tag may contain, only `&` must be escaped.
fn tagging_xml(tags: &Tags) -> String {
    let mut xml = String::from("<Tagging><TagSet>");
    for (key, value) in tags {
        let (key, value) = (key.replace('&', "&amp;"), value.replace('&', "&amp;"));
        // Writing to a String cannot fail.
        let _ = write!(xml, "<Tag><Key>{key}</Key><Value>{value}</Value></Tag>");
    }
    xml.push_str("</TagSet></Tagging>");
    xml
}
