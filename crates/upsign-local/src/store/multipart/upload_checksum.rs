//! The checksum of a multipart upload: which one it has, and what its parts and its completion must match.
//!
//! Source of the kinds of each algorithm: "Full object and composite checksum types" in
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>.

use axum::http::HeaderMap;
use s3s::dto::{CreateMultipartUploadInput, UploadPartInput};
use s3s::{S3Error, S3Result, s3_error};

use super::part::stated_checksums;
use super::selection::invalid_part;
use super::{CompletionRequest, Part};
use crate::store::checksum::{Algorithm, ChecksumKind, Checksums};

/// The checksum that an upload was created with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UploadChecksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) kind: ChecksumKind,
    /// Whether the request that created the upload named the algorithm.
    pub(crate) is_declared: bool,
}

impl UploadChecksum {
    /// The checksum that S3 computes for uploads that were created without one.
    ///
    /// Source: `ChecksumCRC64NVME` in <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ObjectPart.html>.
    const DEFAULT: Self =
        Self { algorithm: Algorithm::Crc64Nvme, kind: ChecksumKind::FullObject, is_declared: false };

    pub(crate) fn from_create(input: &CreateMultipartUploadInput) -> S3Result<Self> {
        let kind = input.checksum_type.as_ref().map(s3s::dto::ChecksumType::as_str);
        let Some(name) = input.checksum_algorithm.as_ref().map(s3s::dto::ChecksumAlgorithm::as_str) else {
            if kind.is_some() {
                return Err(s3_error!(
                    InvalidRequest,
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
                ));
            }
            return Ok(Self::DEFAULT);
        };
        let algorithm = Algorithm::named(name).ok_or_else(|| {
            s3_error!(NotImplemented, "Multipart uploads with {name} checksums are not implemented")
        })?;
        let kind = match kind {
            Some("FULL_OBJECT") => ChecksumKind::FullObject,
            Some("COMPOSITE") => ChecksumKind::Composite,
            Some(_) => {
                return Err(s3_error!(InvalidRequest, "Value for x-amz-checksum-type header is invalid."));
            }
            None if algorithm == Algorithm::Crc64Nvme => ChecksumKind::FullObject,
            None => ChecksumKind::Composite,
        };
        let exists = match kind {
            ChecksumKind::FullObject => algorithm.crc().is_some(),
            ChecksumKind::Composite => algorithm != Algorithm::Crc64Nvme,
        };
        if !exists {
            return Err(s3_error!(
                InvalidRequest,
                "The {} checksum type cannot be used with the {} checksum algorithm.",
                kind.as_str(),
                algorithm.as_str().to_ascii_lowercase()
            ));
        }
        Ok(Self { algorithm, kind, is_declared: true })
    }

    /// Checks which checksums a part comes with, before its body is read.
    ///
    /// A composite checksum needs one with every part; otherwise the server computes it.
    pub(crate) fn check_part(self, input: &UploadPartInput, headers: &HeaderMap) -> S3Result<()> {
        let stated = stated_algorithms(input, headers);
        if let Some(other) = stated.iter().find(|stated| **stated != self.algorithm) {
            return Err(self.mismatch(other.as_str()));
        }
        if stated.is_empty() && self.kind == ChecksumKind::Composite {
            return Err(self.mismatch("null"));
        }
        Ok(())
    }

    /// Returns the checksum of the object that consists of `parts`, if those of the request match.
    pub(super) fn review(self, parts: &[&Part], request: &CompletionRequest) -> S3Result<Checksums> {
        if let Some(other) = request.checksums.algorithms().find(|stated| *stated != self.algorithm) {
            return Err(self.mismatch(other.as_str()));
        }
        if request.checksum_type.as_deref().is_some_and(|stated| stated != self.kind.as_str()) {
            return Err(s3_error!(
                InvalidRequest,
                "The upload was created using the {} checksum mode. The complete request must use the same checksum \
                 mode.",
                self.kind.as_str()
            ));
        }
        self.check_listed_parts(parts, request)?;
        let sums =
            parts.iter().map(|part| (part.checksums.get(self.algorithm).unwrap_or_default(), part.bytes()));
        let found = self.algorithm.of_parts(self.kind, sums);
        let stated = request.checksums.get(self.algorithm);
        if stated.is_some() && stated != found.as_deref() {
            return Err(s3_error!(
                BadDigest,
                "The {} you specified did not match the calculated checksum.",
                self.algorithm.as_str()
            ));
        }
        Ok(Checksums::single(self.algorithm, found))
    }

    /// Compares the checksums of the listed parts. For a composite checksum, each part must have one.
    fn check_listed_parts(self, parts: &[&Part], request: &CompletionRequest) -> S3Result<()> {
        for (part, listed) in parts.iter().zip(&request.parts) {
            let stated = stated_checksums(listed);
            if stated.algorithms().any(|stated| stated != self.algorithm) {
                return Err(invalid_part(listed));
            }
            match stated.get(self.algorithm) {
                Some(value) if part.checksums.get(self.algorithm) != Some(value) => {
                    return Err(invalid_part(listed));
                }
                None if self.kind == ChecksumKind::Composite => {
                    return Err(s3_error!(
                        InvalidRequest,
                        "The upload was created using a {} checksum. The complete request must include the checksum \
                         for each part. It was missing for part {} in the request.",
                        self.algorithm.as_str().to_ascii_lowercase(),
                        listed.part_number.unwrap_or_default()
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The error of S3, for example in <https://github.com/apache/arrow-rs-object-store/issues/34>.
    fn mismatch(self, actual: &str) -> S3Error {
        let expected = if self.is_declared { self.algorithm.as_str() } else { "null" };
        s3_error!(
            InvalidRequest,
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
            expected.to_ascii_lowercase(),
            actual.to_ascii_lowercase()
        )
    }
}

/// Returns the algorithms of the checksums that a part comes with: in headers, after the body, or only named.
fn stated_algorithms(input: &UploadPartInput, headers: &HeaderMap) -> Vec<Algorithm> {
    let in_headers = Checksums {
        crc32: input.checksum_crc32.clone(),
        crc32c: input.checksum_crc32c.clone(),
        crc64nvme: input.checksum_crc64nvme.clone(),
        sha1: input.checksum_sha1.clone(),
        sha256: input.checksum_sha256.clone(),
    };
    let trailers = headers.get_all("x-amz-trailer").iter().filter_map(|value| value.to_str().ok());
    let trailers = trailers.flat_map(|names| names.split(','));
    let trailers = trailers.filter_map(|name| name.trim().strip_prefix("x-amz-checksum-"));
    let named = input.checksum_algorithm.as_ref().map(s3s::dto::ChecksumAlgorithm::as_str);
    in_headers.algorithms().chain(trailers.chain(named).filter_map(Algorithm::named)).collect()
}
