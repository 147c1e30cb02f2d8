//! What a presigned request may do.

use std::fmt;

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
    /// `DELETE key`: removes it.
    DeleteObject,
    /// `POST key?uploads`: starts a multipart upload.
    CreateMultipartUpload,
    /// `PUT key?partNumber&uploadId`: stores one part.
    UploadPart {
        /// The id that `CreateMultipartUpload` answered.
        upload_id: Box<str>,
        /// 1 to 10,000.
        part_number: u16,
    },
    /// `POST key?uploadId`: puts the parts together.
    CompleteMultipartUpload {
        /// The id that `CreateMultipartUpload` answered.
        upload_id: Box<str>,
    },
    /// `DELETE key?uploadId`: throws the parts away.
    AbortMultipartUpload {
        /// The id that `CreateMultipartUpload` answered.
        upload_id: Box<str>,
    },
    /// `GET key?uploadId`: lists the parts stored so far.
    ListParts {
        /// The id that `CreateMultipartUpload` answered.
        upload_id: Box<str>,
    },
}

impl Operation {
    /// The HTTP method.
    #[must_use]
    pub const fn method(&self) -> Method {
        match self {
            Self::PutObject | Self::UploadPart { .. } => Method::Put,
            Self::GetObject | Self::ListParts { .. } => Method::Get,
            Self::HeadObject => Method::Head,
            Self::DeleteObject | Self::AbortMultipartUpload { .. } => Method::Delete,
            Self::CreateMultipartUpload | Self::CompleteMultipartUpload { .. } => Method::Post,
        }
    }

    /// S3's name of the operation, as in `PutObject`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PutObject => "PutObject",
            Self::GetObject => "GetObject",
            Self::HeadObject => "HeadObject",
            Self::DeleteObject => "DeleteObject",
            Self::CreateMultipartUpload => "CreateMultipartUpload",
            Self::UploadPart { .. } => "UploadPart",
            Self::CompleteMultipartUpload { .. } => "CompleteMultipartUpload",
            Self::AbortMultipartUpload { .. } => "AbortMultipartUpload",
            Self::ListParts { .. } => "ListParts",
        }
    }

    /// The query parameters that make the request this operation, calling `each` with name and value.
    pub fn for_each_query(&self, mut each: impl FnMut(&str, &str)) {
        match self {
            Self::PutObject | Self::GetObject | Self::HeadObject | Self::DeleteObject => {}
            Self::CreateMultipartUpload => each("uploads", ""),
            Self::UploadPart { upload_id, part_number } => {
                each("partNumber", &part_number.to_string());
                each("uploadId", upload_id);
            }
            Self::CompleteMultipartUpload { upload_id }
            | Self::AbortMultipartUpload { upload_id }
            | Self::ListParts { upload_id } => each("uploadId", upload_id),
        }
    }
}
