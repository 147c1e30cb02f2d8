//! A permitted multipart upload.

use upsign_core::{
    ExpiresIn, ObjectKey, Operation, PartNumber, PresignRequest, SignedHeaders, Target, UploadId,
};

use crate::content::content_type::ContentType;
use crate::multipart::checksum::MultipartChecksum;
use crate::multipart::planned_size::PlannedSize;
use crate::multipart::resume_window::ResumeWindow;
use crate::object::checksum::Checksum;

/// A multipart upload that the policy permits. Nothing exists at the store yet: the service creates the upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MultipartRequest {
    /// The bucket and its endpoint.
    pub target: Target,
    /// The key of the object.
    pub key: ObjectKey,
    /// The headers of `CreateMultipartUpload`. They contain everything that a `PUT` of this policy would sign about the
    /// object, and the algorithm and kind of [`checksum`](Self::checksum).
    pub create_headers: SignedHeaders,
    /// The headers of every other call about this upload: `UploadPart`, `ListParts`, `CompleteMultipartUpload`,
    /// `AbortMultipartUpload` and `HeadObject`. They are also among `create_headers`.
    pub call_headers: SignedHeaders,
    /// The content type of the object, which is also in `create_headers`.
    pub content_type: ContentType,
    /// The size of the object and its division into parts.
    pub size: PlannedSize,
    /// The checksum with which the upload is created, or `None` if it has none.
    pub checksum: Option<MultipartChecksum>,
    /// How many parts the client should send at a time.
    pub parts_at_once: u8,
    /// How long the upload can be continued after it began.
    pub resume_window: ResumeWindow,
}

impl MultipartRequest {
    /// Returns one request for each kind of call that this upload can need, with an invented upload id and other values: to
    /// create it, for a part with and without a checksum, to list its parts, to complete it, to abort it, and to look at the
    /// object.
    ///
    /// An issuer passes them to its presigner when it is built, so that a presigner that cannot sign one fails at start.
    #[must_use]
    pub fn sample_calls(&self) -> Vec<PresignRequest> {
        let Ok(upload_id) = "sample".parse::<UploadId>() else { return Vec::new() };
        let with = |more: &[(&str, &str)]| {
            let mut headers = self.call_headers.clone();
            // An insertion fails only for a header that is there already, which is signed all the same.
            for (name, value) in more {
                let _ = headers.insert(name, value);
            }
            headers
        };
        let part = Operation::UploadPart { upload_id: upload_id.clone(), part_number: PartNumber::MIN };
        let complete = Operation::CompleteMultipartUpload { upload_id: upload_id.clone() };
        let zero = self.checksum.map(|checksum| Checksum::zero(checksum.algorithm));
        let checksum = zero.as_ref().map(|zero| (zero.algorithm().header(), zero.as_base64()));
        let with_checksum: Vec<_> = [("content-length", "1")].into_iter().chain(checksum).collect();
        let calls = [
            (Operation::CreateMultipartUpload, self.create_headers.clone()),
            (part.clone(), with(&[("content-length", "1")])),
            (part, with(&with_checksum)),
            (Operation::ListParts { upload_id: upload_id.clone() }, with(&[])),
            (complete, with(&[("if-none-match", "*"), ("x-amz-mp-object-size", "1")])),
            (Operation::AbortMultipartUpload { upload_id }, with(&[])),
            (Operation::HeadObject, with(&[])),
        ];
        let request = |(operation, headers)| {
            PresignRequest::new(self.target.clone(), operation, self.key.clone(), ExpiresIn::MAX)
                .with_headers(headers)
        };
        calls.into_iter().map(request).collect()
    }
}
