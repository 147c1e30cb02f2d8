//! The S3 operations that can be presigned.

use std::fmt;

use crate::request::part::{PartNumber, UploadId};

/// An HTTP method of S3's object operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// `PUT`: stores an object or a part.
    Put,
    /// `GET`: reads an object or lists parts.
    Get,
    /// `HEAD`: reads the headers of an object.
    Head,
    /// `POST`: starts or completes a multipart upload, or starts a resumable upload.
    Post,
    /// `DELETE`: deletes an object or aborts a multipart upload.
    Delete,
}

impl Method {
    /// Returns the method as written on the request line and in the canonical request.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Put => "PUT",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An S3 operation on a single object.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>.
///
/// ```
/// use upsign_core::{Method, Operation};
/// assert_eq!(Operation::GetObject.method(), Method::Get);
/// assert_eq!(Operation::CreateMultipartUpload.method(), Method::Post);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `PUT key`: stores the object.
    PutObject,
    /// `GET key`: reads the object.
    GetObject,
    /// `HEAD key`: reads the headers of the object.
    HeadObject,
    /// `GET key?partNumber`: reads the bytes of the object that were uploaded as one part.
    GetObjectPart {
        /// The number of the part.
        part_number: PartNumber,
    },
    /// `HEAD key?partNumber`: reads the headers for one part of the object.
    HeadObjectPart {
        /// The number of the part.
        part_number: PartNumber,
    },
    /// `DELETE key`: deletes the object.
    DeleteObject,
    /// `PUT key` with the signed header `x-amz-copy-source`: copies an object of the store to the key.
    CopyObject,
    /// `PUT key?tagging`: replaces the tags of the object.
    PutObjectTagging,
    /// `GET key?tagging`: reads the tags of the object.
    GetObjectTagging,
    /// `POST key?uploads`: starts a multipart upload.
    CreateMultipartUpload,
    /// `POST key` with the header `x-goog-resumable: start`: starts a resumable upload at Google Cloud Storage, which answers
    /// with the URL of the session in `Location`. Only the signers of `upsign-gcs` sign it; they add the header.
    ///
    /// Source: <https://cloud.google.com/storage/docs/performing-resumable-uploads>.
    StartResumableUpload,
    /// `PUT key?partNumber&uploadId`: uploads one part.
    UploadPart {
        /// The id that `CreateMultipartUpload` returned.
        upload_id: UploadId,
        /// The number of the part.
        part_number: PartNumber,
    },
    /// `POST key?uploadId`: assembles the object from the uploaded parts.
    CompleteMultipartUpload {
        /// The id that `CreateMultipartUpload` returned.
        upload_id: UploadId,
    },
    /// `DELETE key?uploadId`: discards the uploaded parts.
    AbortMultipartUpload {
        /// The id that `CreateMultipartUpload` returned.
        upload_id: UploadId,
    },
    /// `GET key?uploadId`: lists the parts that have been uploaded.
    ListParts {
        /// The id that `CreateMultipartUpload` returned.
        upload_id: UploadId,
    },
}

impl Operation {
    /// Returns the HTTP method.
    #[must_use]
    pub const fn method(&self) -> Method {
        match self {
            Self::PutObject | Self::UploadPart { .. } | Self::CopyObject | Self::PutObjectTagging => {
                Method::Put
            }
            Self::GetObject
            | Self::GetObjectPart { .. }
            | Self::GetObjectTagging
            | Self::ListParts { .. } => Method::Get,
            Self::HeadObject | Self::HeadObjectPart { .. } => Method::Head,
            Self::DeleteObject | Self::AbortMultipartUpload { .. } => Method::Delete,
            Self::CreateMultipartUpload
            | Self::CompleteMultipartUpload { .. }
            | Self::StartResumableUpload => Method::Post,
        }
    }

    /// Returns the name of the operation in S3's API reference, such as `PutObject`, or `StartResumableUpload`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PutObject => "PutObject",
            Self::GetObject | Self::GetObjectPart { .. } => "GetObject",
            Self::HeadObject | Self::HeadObjectPart { .. } => "HeadObject",
            Self::DeleteObject => "DeleteObject",
            Self::CopyObject => "CopyObject",
            Self::PutObjectTagging => "PutObjectTagging",
            Self::GetObjectTagging => "GetObjectTagging",
            Self::CreateMultipartUpload => "CreateMultipartUpload",
            Self::StartResumableUpload => "StartResumableUpload",
            Self::UploadPart { .. } => "UploadPart",
            Self::CompleteMultipartUpload { .. } => "CompleteMultipartUpload",
            Self::AbortMultipartUpload { .. } => "AbortMultipartUpload",
            Self::ListParts { .. } => "ListParts",
        }
    }

    /// Calls `each` with the name and the value of every query parameter that selects this operation.
    ///
    /// The values are not percent-encoded. No memory is allocated.
    pub fn for_each_query_parameter(&self, mut each: impl FnMut(&str, &str)) {
        match self {
            Self::PutObject
            | Self::GetObject
            | Self::HeadObject
            | Self::DeleteObject
            | Self::CopyObject
            | Self::StartResumableUpload => {}
            Self::PutObjectTagging | Self::GetObjectTagging => each("tagging", ""),
            Self::CreateMultipartUpload => each("uploads", ""),
            Self::GetObjectPart { part_number } | Self::HeadObjectPart { part_number } => {
                part_number.with_digits(|number| each("partNumber", number));
            }
            Self::UploadPart { upload_id, part_number } => {
                part_number.with_digits(|number| each("partNumber", number));
                each("uploadId", upload_id.as_str());
            }
            Self::CompleteMultipartUpload { upload_id }
            | Self::AbortMultipartUpload { upload_id }
            | Self::ListParts { upload_id } => each("uploadId", upload_id.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(operation: &Operation, expected: &str) {
        let mut query = Vec::new();
        operation.for_each_query_parameter(|name, value| query.push(format!("{name}={value}")));
        assert_eq!(format!("{} {} {}", operation.name(), operation.method(), query.join("&")), expected);
    }

    #[test]
    fn method_and_query_of_every_operation() {
        let upload_id: UploadId = "u 1".parse().unwrap();
        let part_number = PartNumber::new(7).unwrap();
        check(&Operation::PutObject, "PutObject PUT ");
        check(&Operation::GetObject, "GetObject GET ");
        check(&Operation::GetObjectPart { part_number }, "GetObject GET partNumber=7");
        check(&Operation::HeadObject, "HeadObject HEAD ");
        check(&Operation::HeadObjectPart { part_number }, "HeadObject HEAD partNumber=7");
        check(&Operation::DeleteObject, "DeleteObject DELETE ");
        check(&Operation::CopyObject, "CopyObject PUT ");
        check(&Operation::PutObjectTagging, "PutObjectTagging PUT tagging=");
        check(&Operation::GetObjectTagging, "GetObjectTagging GET tagging=");
        check(&Operation::CreateMultipartUpload, "CreateMultipartUpload POST uploads=");
        check(&Operation::StartResumableUpload, "StartResumableUpload POST ");
        let part = Operation::UploadPart { upload_id: upload_id.clone(), part_number };
        check(&part, "UploadPart PUT partNumber=7&uploadId=u 1");
        let complete = Operation::CompleteMultipartUpload { upload_id: upload_id.clone() };
        check(&complete, "CompleteMultipartUpload POST uploadId=u 1");
        let abort = Operation::AbortMultipartUpload { upload_id: upload_id.clone() };
        check(&abort, "AbortMultipartUpload DELETE uploadId=u 1");
        check(&Operation::ListParts { upload_id }, "ListParts GET uploadId=u 1");
    }
}
