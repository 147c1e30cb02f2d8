//! What a policy binds, as the fields of a form.

use std::fmt::Write;

use upsign_core::{InvalidPost, LengthRange, ObjectKey, PostKey, PostPolicy, SignedHeaders};

use super::UploadPolicy;
use super::check::Checked;
use crate::Tags;

impl UploadPolicy {
    /// The form of a checked request. A size that was stated is bound exactly, another by the policy's range.
    ///
    /// Source for the fields: <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>.
    pub(super) fn form(&self, key: &ObjectKey, checked: &Checked) -> Result<PostPolicy, InvalidPost> {
        let with = |form: PostPolicy, name: &str, value: &str| {
            // S3 puts the file's name there, and the condition would bind what stands before it only.
            if value.contains(FILE_NAME) {
                Err(InvalidPost::FileName(name.into()))
            } else {
                form.with_field(name, value)
            }
        };
        let (min, max) = checked.content_length.map_or((self.size.min(), self.size.max()), |len| (len, len));
        let length = LengthRange::new(min, max).unwrap_or(LengthRange::ANY);
        let mut form = PostPolicy::new(self.target.clone(), PostKey::exact(key), length, self.expires_in)
            .with_when_short(self.when_short);
        form = with(form, "Content-Type", checked.content_type.as_str())?;
        for (name, value) in self.fixed.iter() {
            form = with(form, field_of(name), value)?;
        }
        if let Some(text) = self.disposition_of(checked) {
            form = with(form, "Content-Disposition", &text)?;
        }
        if let Some(checksum) = &checked.checksum {
            let algorithm = checksum.algorithm();
            form = with(form, field_of(algorithm.header()), checksum.as_base64())?;
        }
        for (name, value) in checked.metadata.headers() {
            form = with(form, &name, &value)?;
        }
        if checked.tags.is_empty() { Ok(form) } else { with(form, "tagging", &tagging(&checked.tags)) }
    }

    /// Whether a fixed header has no field: it would be dropped without a word.
    pub(super) fn unformed(headers: &SignedHeaders) -> bool {
        headers.get("if-none-match").is_some()
    }
}

/// The variable of a form's fields.
const FILE_NAME: &str = "${filename}";

/// The name of the field that stands for a header.
fn field_of(header: &str) -> &str {
    match header {
        "cache-control" => "Cache-Control",
        "content-disposition" => "Content-Disposition",
        "content-md5" => "Content-MD5",
        "x-amz-acl" => "acl",
        other => other,
    }
}

/// A form brings its tags as XML, not as a query string. A tag's characters need no escape but for `&`.
fn tagging(tags: &Tags) -> String {
    let mut xml = String::from("<Tagging><TagSet>");
    for (key, value) in tags.iter() {
        let (key, value) = (key.replace('&', "&amp;"), value.replace('&', "&amp;"));
        let _ = write!(xml, "<Tag><Key>{key}</Key><Value>{value}</Value></Tag>");
    }
    xml.push_str("</TagSet></Tagging>");
    xml
}
