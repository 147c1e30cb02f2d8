//! CompleteMultipartUpload as a request and an answer.

use upsign_core::Operation;

use crate::calls::complete::{CompleteMultipartUpload, CompletedUpload};
use crate::error::{CallFailure, InvalidCall};
use crate::http::wire::checksum::checksums;
use crate::http::wire::xml::push_element;
use crate::http::wire::{Answer, AttemptLimit, Expected, MAX_XML, Prepared, Repeat, member};
use crate::values::checksum::ChecksumType;

impl CompleteMultipartUpload {
    pub(crate) fn prepare(&self) -> Result<Prepared, InvalidCall> {
        self.check_order()?;
        // An upload is completed once, with the same result whichever attempt does it. After that, a repeated call changes
        // nothing: the store answers as before, or with `NoSuchUpload`, or that the condition is not met. S3 asks
        // applications to repeat failed requests
        // (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>). The error of a repeated call
        // states that an earlier attempt may have succeeded.
        let operation = Operation::CompleteMultipartUpload { upload_id: self.upload_id().clone() };
        let mut prepared = Prepared::new(operation, self.key(), Repeat::Always);
        prepared.bodyless_headers(self.headers())?;
        prepared.condition(self.is_if_absent(), self.if_match())?;
        if let Some(size) = self.object_size() {
            prepared.header("x-amz-mp-object-size", &size.to_string())?;
        }
        if let Some(checksum) = self.checksum() {
            prepared.header(checksum.algorithm().header(), checksum.as_base64())?;
            prepared.header("x-amz-checksum-type", ChecksumType::FullObject.as_str())?;
        }
        prepared.body = Some(self.document());
        prepared.limit = AttemptLimit::Long;
        prepared.expected = Expected::Xml { root: "CompleteMultipartUploadResult", max: MAX_XML };
        Ok(prepared)
    }

    fn check_order(&self) -> Result<(), InvalidCall> {
        if self.parts().is_empty() {
            return Err(InvalidCall::NoParts);
        }
        let wrong = self
            .parts()
            .iter()
            .zip(self.parts().iter().skip(1))
            .find(|(one, next)| one.number() >= next.number());
        wrong.map_or(Ok(()), |(_, next)| Err(InvalidCall::PartOrder(next.number().get())))
    }

    fn document(&self) -> String {
        let mut xml = String::with_capacity(100 * self.parts().len() + 200);
        xml.push_str(r#"<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">"#);
        for part in self.parts() {
            xml.push_str("<Part>");
            push_element(&mut xml, "PartNumber", &part.number().to_string());
            push_element(&mut xml, "ETag", &part.etag().quoted());
            if let Some(checksum) = part.checksum() {
                push_element(&mut xml, checksum.algorithm().element(), checksum.as_base64());
            }
            xml.push_str("</Part>");
        }
        xml + "</CompleteMultipartUpload>"
    }
}

impl CompletedUpload {
    pub(crate) fn read(answer: &Answer) -> Result<Self, CallFailure> {
        let result = answer.xml()?;
        Ok(Self {
            etag: member(result, "ETag")?,
            version_id: answer.version_id(),
            checksums: checksums(|algorithm| result.text(algorithm.element())),
            checksum_type: result.text("ChecksumType").and_then(ChecksumType::named),
        })
    }
}
