//! What a presigned request may do.

use std::fmt;

use crate::request::part::{PartNumber, UploadId};

/// An HTTP method that S3's object operations use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Store.
    Put,
    /// Read.
    Get,
    /// Read the headers alone.
    Head,
    /// Create or complete a multipart upload.
    Post,
    /// Remove or abort.
    Delete,
}

impl Method {
    /// The method as it stands on the request line and in the canonical request.
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

/// One S3 operation on one object.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `PUT key`: stores the object.
    PutObject,
    /// `GET key`: reads the object.
    GetObject,
    /// `HEAD key`: reads its headers.
    HeadObject,
    /// `GET key?partNumber`: reads the bytes that one part of a multipart upload became.
    GetObjectPart {
        /// Which part.
        part_number: PartNumber,
    },
    /// `HEAD key?partNumber`: reads the headers of one such part.
    HeadObjectPart {
        /// Which part.
        part_number: PartNumber,
    },
    /// `DELETE key`: removes it.
    DeleteObject,
    /// `POST key?uploads`: starts a multipart upload.
    CreateMultipartUpload,
    /// `PUT key?partNumber&uploadId`: stores one part.
    UploadPart {
        /// The id that `CreateMultipartUpload` answered.
        upload_id: UploadId,
        /// Which part.
        part_number: PartNumber,
    },
    /// `POST key?uploadId`: puts the parts together.
    CompleteMultipartUpload {
        /// The id that `CreateMultipartUpload` answered.
        upload_id: UploadId,
    },
    /// `DELETE key?uploadId`: throws the parts away.
    AbortMultipartUpload {
        /// The id that `CreateMultipartUpload` answered.
        upload_id: UploadId,
    },
    /// `GET key?uploadId`: lists the parts stored so far.
    ListParts {
        /// The id that `CreateMultipartUpload` answered.
        upload_id: UploadId,
    },
}

impl Operation {
    /// The HTTP method.
    #[must_use]
    pub const fn method(&self) -> Method {
        match self {
            Self::PutObject | Self::UploadPart { .. } => Method::Put,
            Self::GetObject | Self::GetObjectPart { .. } | Self::ListParts { .. } => Method::Get,
            Self::HeadObject | Self::HeadObjectPart { .. } => Method::Head,
            Self::DeleteObject | Self::AbortMultipartUpload { .. } => Method::Delete,
            Self::CreateMultipartUpload | Self::CompleteMultipartUpload { .. } => Method::Post,
        }
    }

    /// S3's name of the operation, as in `PutObject`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PutObject => "PutObject",
            Self::GetObject | Self::GetObjectPart { .. } => "GetObject",
            Self::HeadObject | Self::HeadObjectPart { .. } => "HeadObject",
            Self::DeleteObject => "DeleteObject",
            Self::CreateMultipartUpload => "CreateMultipartUpload",
            Self::UploadPart { .. } => "UploadPart",
            Self::CompleteMultipartUpload { .. } => "CompleteMultipartUpload",
            Self::AbortMultipartUpload { .. } => "AbortMultipartUpload",
            Self::ListParts { .. } => "ListParts",
        }
    }

    /// The query parameters that make the request this operation, calling `each` with name and value.
    pub fn for_each_query_parameter(&self, mut each: impl FnMut(&str, &str)) {
        match self {
            Self::PutObject | Self::GetObject | Self::HeadObject | Self::DeleteObject => {}
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
    fn check(operation: &Operation, line: &str) {
        let mut query = Vec::new();
        operation.for_each_query_parameter(|name, value| query.push(format!("{name}={value}")));
        assert_eq!(format!("{} {} {}", operation.name(), operation.method(), query.join("&")), line);
    }

    #[test]
    fn what_goes_on_the_wire() {
        let upload_id: UploadId = "u 1".parse().unwrap();
        let part_number = PartNumber::new(7).unwrap();
        check(&Operation::PutObject, "PutObject PUT ");
        check(&Operation::GetObject, "GetObject GET ");
        check(&Operation::GetObjectPart { part_number }, "GetObject GET partNumber=7");
        check(&Operation::HeadObject, "HeadObject HEAD ");
        check(&Operation::HeadObjectPart { part_number }, "HeadObject HEAD partNumber=7");
        check(&Operation::DeleteObject, "DeleteObject DELETE ");
        check(&Operation::CreateMultipartUpload, "CreateMultipartUpload POST uploads=");
        let part = Operation::UploadPart { upload_id: upload_id.clone(), part_number };
        check(&part, "UploadPart PUT partNumber=7&uploadId=u 1");
        let complete = Operation::CompleteMultipartUpload { upload_id: upload_id.clone() };
        check(&complete, "CompleteMultipartUpload POST uploadId=u 1");
        let abort = Operation::AbortMultipartUpload { upload_id: upload_id.clone() };
        check(&abort, "AbortMultipartUpload DELETE uploadId=u 1");
        check(&Operation::ListParts { upload_id }, "ListParts GET uploadId=u 1");
    }
}
