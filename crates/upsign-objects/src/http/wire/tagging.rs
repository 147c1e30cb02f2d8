//! PutObjectTagging as a request, and GetObjectTagging as a request and an answer.

use sha2::{Digest, Sha256};
use upsign_core::Operation;

use crate::calls::tagging::{GetObjectTagging, ObjectTags, PutObjectTagging};
use crate::error::{CallFailure, InvalidCall};
use crate::http::wire::xml::push_element;
use crate::http::wire::{Answer, Expected, MAX_XML, Prepared, Repeat, missing};
use crate::values::checksum::{Checksum, ChecksumAlgorithm};

impl PutObjectTagging {
    pub(crate) fn prepare(&self) -> Result<Prepared, InvalidCall> {
        self.check()?;
        // The call sets the tags to given values, whatever they were (RFC 9110, section 9.2.2).
        let mut prepared = Prepared::new(Operation::PutObjectTagging, self.key(), Repeat::Always);
        prepared.bodyless_headers(self.headers())?;
        prepared.version(self.version_id())?;
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

impl GetObjectTagging {
    pub(crate) fn prepare(&self) -> Result<Prepared, InvalidCall> {
        // Reading is safe to repeat (RFC 9110, section 9.2.1).
        let mut prepared = Prepared::new(Operation::GetObjectTagging, self.key(), Repeat::Always);
        prepared.bodyless_headers(self.headers())?;
        prepared.version(self.version_id())?;
        prepared.expected = Expected::Xml { root: "Tagging", max: MAX_XML };
        Ok(prepared)
    }
}

impl ObjectTags {
    pub(crate) fn read(answer: &Answer) -> Result<Self, CallFailure> {
        let set = answer.xml()?.children("TagSet").next().ok_or(missing("TagSet"))?;
        let tag = |name, value: Option<&str>| value.ok_or(missing(name)).map(Box::<str>::from);
        let tags = set.children("Tag");
        tags.map(|it| Ok((tag("Key", it.text("Key"))?, tag("Value", it.text("Value"))?))).collect()
    }
}
