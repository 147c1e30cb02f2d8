//! CopyObject as a request and an answer.

use std::fmt::Write as _;

use upsign_core::Operation;

use crate::calls::copy::{CopiedObject, CopyObject, CopySource};
use crate::error::{CallFailure, InvalidCall};
use crate::http::wire::checksum::checksums;
use crate::http::wire::{Answer, AttemptLimit, Expected, MAX_XML, Prepared, Repeat, member};

impl CopyObject {
    pub(crate) fn prepare(&self) -> Result<Prepared, InvalidCall> {
        let source_is_fixed = self.source().version_id().is_some() || self.source().if_match().is_some();
        let destination_is_fixed = self.is_if_absent() || self.if_match().is_some();
        let repeat =
            if source_is_fixed && destination_is_fixed { Repeat::Always } else { Repeat::IfNothingHappened };
        let mut prepared = Prepared::new(Operation::CopyObject, self.key(), repeat);
        prepared.bodyless_headers(self.headers())?;
        prepared.header("x-amz-copy-source", &self.source().header())?;
        if let Some(etag) = self.source().if_match() {
            prepared.header("x-amz-copy-source-if-match", &etag.quoted())?;
        }
        prepared.condition(self.is_if_absent(), self.if_match())?;
        prepared.limit = AttemptLimit::Long;
        prepared.expected = Expected::Xml { root: "CopyObjectResult", max: MAX_XML };
        Ok(prepared)
    }
}

impl CopySource {
    /// Returns the value of `x-amz-copy-source`, which is percent-encoded. An object of an access point has an ARN there.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>.
    fn header(&self) -> String {
        let bucket = self.bucket().as_str();
        let mut value = match resource_of_arn(bucket) {
            None => format!("/{bucket}/"),
            Some((start, resource)) => {
                let mut value = String::new();
                encode(&mut value, start, b"-._~");
                // The ARN of an access point may have `:` in place of `/`, that of an object may not.
                encode(&mut value, &resource.replace(':', "/"), b"-._~/");
                value.push_str("/object/");
                value
            }
        };
        encode(&mut value, self.key().as_str(), b"-._~/");
        if let Some(version_id) = self.version_id() {
            value.push_str("?versionId=");
            encode(&mut value, version_id.as_str(), b"-._~");
        }
        value
    }
}

/// Divides `arn:partition:service:region:account:resource` before the resource. Other buckets have no ARN.
fn resource_of_arn(bucket: &str) -> Option<(&str, &str)> {
    let mut colons = bucket.match_indices(':').map(|(at, _)| at);
    let end = colons.nth(4).filter(|_| bucket.starts_with("arn:"))?;
    bucket.split_at_checked(end + 1)
}

/// Appends `text` with every byte in percent-encoding except letters, digits and those of `literal`.
fn encode(value: &mut String, text: &str, literal: &[u8]) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || literal.contains(&byte) {
            value.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(value, "%{byte:02X}");
        }
    }
}

impl CopiedObject {
    pub(crate) fn read(answer: &Answer) -> Result<Self, CallFailure> {
        let result = answer.xml()?;
        Ok(Self {
            etag: member(result, "ETag")?,
            version_id: answer.version_id(),
            checksums: checksums(|algorithm| result.text(algorithm.element())),
        })
    }
}
