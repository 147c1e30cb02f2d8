//! PutObjectTagging.

use sha2::{Digest, Sha256};
use upsign_core::{ObjectKey, Operation};

use crate::calls::prepared::{Prepared, Repeat};
use crate::error::InvalidCall;
use crate::values::checksum::{Checksum, ChecksumAlgorithm};
use crate::values::version_id::VersionId;
use crate::xml::push_element;

/// Replaces all tags of an object.
///
/// An object has up to 10 tags. Keys have 1 to 128 characters and occur once, values up to 256.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html> and
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutObjectTagging {
    key: ObjectKey,
    tags: Vec<(Box<str>, Box<str>)>,
    version_id: Option<VersionId>,
}

impl PutObjectTagging {
    /// Creates the call with these keys and values. Without any, it removes all tags.
    #[must_use]
    pub fn new<K: AsRef<str>, V: AsRef<str>>(key: ObjectKey, tags: impl IntoIterator<Item = (K, V)>) -> Self {
        let tags = tags.into_iter().map(|(key, value)| (key.as_ref().into(), value.as_ref().into()));
        Self { key, tags: tags.collect(), version_id: None }
    }

    /// Tags this version.
    #[must_use]
    pub fn with_version_id(self, version_id: VersionId) -> Self {
        Self { version_id: Some(version_id), ..self }
    }

    /// Returns the key of the object.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the version to tag.
    #[must_use]
    pub const fn version_id(&self) -> Option<&VersionId> {
        self.version_id.as_ref()
    }

    /// Returns the keys and values of the tags.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tags.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))
    }

    pub(crate) fn prepare(&self) -> Result<Prepared, InvalidCall> {
        self.check()?;
        // The call sets the tags to given values, whatever they were (RFC 9110, section 9.2.2).
        let mut prepared = Prepared::new(Operation::PutObjectTagging, &self.key, Repeat::Always);
        prepared.version(self.version_id.as_ref())?;
        let body = self.document();
        // The model of S3's API requires a checksum of this body
        // (<https://docs.rs/crate/aws-sdk-s3/1.157.0/source/src/operation/put_object_tagging.rs>). It also binds the body,
        // which the signature of a presigned request does not.
        if let Some(checksum) = Checksum::of_bytes(ChecksumAlgorithm::Sha256, &Sha256::digest(&body)) {
            prepared.header(checksum.algorithm().header(), checksum.as_base64())?;
        }
        prepared.body = Some(body);
        Ok(prepared)
    }

    fn check(&self) -> Result<(), InvalidCall> {
        if self.tags.len() > 10 {
            return Err(InvalidCall::TagCount(self.tags.len()));
        }
        for (position, (key, value)) in (1..).zip(&self.tags) {
            let fits = |text: &str, max| text.chars().count() <= max && !text.chars().any(char::is_control);
            if key.is_empty() || !fits(key, 128) || !fits(value, 256) {
                return Err(InvalidCall::Tag(position));
            }
            if self.tags.iter().take(position - 1).any(|(earlier, _)| earlier == key) {
                return Err(InvalidCall::RepeatedTag(position));
            }
        }
        Ok(())
    }

    fn document(&self) -> String {
        let mut xml = String::from(r#"<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>"#);
        for (key, value) in &self.tags {
            xml.push_str("<Tag>");
            push_element(&mut xml, "Key", key);
            push_element(&mut xml, "Value", value);
            xml.push_str("</Tag>");
        }
        xml + "</TagSet></Tagging>"
    }
}
