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
    /// Returns the value of `x-amz-copy-source`, which is percent-encoded.
    fn header(&self) -> String {
        let mut value = format!("/{}/", self.bucket().as_str());
        encode(&mut value, self.key().as_str(), b"-._~/");
        if let Some(version_id) = self.version_id() {
            value.push_str("?versionId=");
            encode(&mut value, version_id.as_str(), b"-._~");
        }
        value
    }
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
