//! Receiving a request body: it is streamed to disk, counted, hashed, and compared with the headers of the request.

use std::future::poll_fn;
use std::pin::Pin;

use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_core::Stream;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use s3s::dto::{PutObjectInput, StreamingBlob, UploadPartInput};
use s3s::{S3Result, StdError, TrailingHeaders, s3_error};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

use super::checksum::{Algorithm, Checksums};
use super::newer_checksum::NewerChecksum;
use super::{Store, internal_error};
use crate::error_details::WithDetail;
use crate::hex::hex;

/// What the headers of a request declare about its body.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExpectedBody {
    /// The declared length in bytes, after decoding of `aws-chunked`.
    pub(crate) length: Option<i64>,
    pub(crate) content_md5: Option<String>,
    pub(crate) checksums: Checksums,
    /// An algorithm to compute in addition to those of `checksums`. Without any, it is CRC-64/NVME.
    pub(crate) algorithm: Option<Algorithm>,
    /// The maximum length in bytes.
    pub(crate) max_bytes: u64,
}

/// A body that was received completely and matches its headers. Dropping it removes its file.
#[derive(Debug)]
pub(crate) struct ReceivedBody {
    pub(crate) file: NamedTempFile,
    pub(crate) bytes: u64,
    pub(crate) md5: [u8; 16],
    pub(crate) checksums: Checksums,
}

impl ReceivedBody {
    /// Returns the ETag of an object that consists of this body: its MD5 in hex.
    pub(crate) fn etag(&self) -> String {
        hex(&self.md5)
    }
}

/// Returns the [`ExpectedBody`] of a request. The inputs of PutObject and UploadPart have these members in common.
macro_rules! expected {
    ($input:expr, $max_bytes:expr) => {
        ExpectedBody {
            length: $input.content_length,
            content_md5: $input.content_md5.clone(),
            checksums: Checksums {
                crc32: $input.checksum_crc32.clone(),
                crc32c: $input.checksum_crc32c.clone(),
                crc64nvme: $input.checksum_crc64nvme.clone(),
                sha1: $input.checksum_sha1.clone(),
                sha256: $input.checksum_sha256.clone(),
            },
            algorithm: $input.checksum_algorithm.as_ref().and_then(|name| Algorithm::named(name.as_str())),
            max_bytes: $max_bytes,
        }
    };
}

impl ExpectedBody {
    pub(crate) fn from_put(input: &PutObjectInput, max_bytes: u64) -> Self {
        expected!(input, max_bytes)
    }

    /// `algorithm` is that of the upload, for which every part needs a checksum.
    pub(crate) fn from_part(input: &UploadPartInput, max_bytes: u64, algorithm: Algorithm) -> Self {
        Self { algorithm: Some(algorithm), ..expected!(input, max_bytes) }
    }

    /// Adds the checksums that were sent after the body (`x-amz-trailer`).
    fn with_trailers(mut self, trailers: &HeaderMap) -> Self {
        let text = |name: &str| trailers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let sums = &mut self.checksums;
        sums.crc32 = text("x-amz-checksum-crc32").or(sums.crc32.take());
        sums.crc32c = text("x-amz-checksum-crc32c").or(sums.crc32c.take());
        sums.crc64nvme = text("x-amz-checksum-crc64nvme").or(sums.crc64nvme.take());
        sums.sha1 = text("x-amz-checksum-sha1").or(sums.sha1.take());
        sums.sha256 = text("x-amz-checksum-sha256").or(sums.sha256.take());
        self
    }

    /// Returns a hasher for the checksums to compare or to store.
    fn hasher(&self) -> ChecksumHasher {
        let declared = &self.checksums;
        // S3 computes CRC-64/NVME for every object without a checksum:
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
        let is_default = self.algorithm.is_none() && declared.algorithms().next().is_none();
        let default = is_default.then_some(Algorithm::Crc64Nvme);
        let needs =
            |algorithm| declared.get(algorithm).is_some() || self.algorithm.or(default) == Some(algorithm);
        ChecksumHasher {
            crc32: needs(Algorithm::Crc32).then(Crc32::new),
            crc32c: needs(Algorithm::Crc32c).then(Crc32c::new),
            sha1: needs(Algorithm::Sha1).then(Sha1::new),
            sha256: needs(Algorithm::Sha256).then(Sha256::new),
            crc64nvme: needs(Algorithm::Crc64Nvme).then(Crc64Nvme::new),
        }
    }

    /// Compares a received body with the headers.
    fn check(&self, bytes: u64, md5: [u8; 16], found: &Checksums) -> S3Result<()> {
        if self.length.is_some_and(|length| u64::try_from(length) != Ok(bytes)) {
            return Err(incomplete_body());
        }
        if let Some(declared) = &self.content_md5 {
            let digest = STANDARD.decode(declared).ok().filter(|digest| digest.len() == 16);
            let digest = digest.ok_or_else(|| {
                s3_error!(InvalidDigest, "The Content-MD5 you specified was invalid.")
                    .with_detail("Content-MD5", declared)
            })?;
            if digest != md5 {
                // S3 writes the expected digest in hexadecimal digits and the other one in Base64.
                return Err(s3_error!(
                    BadDigest,
                    "The Content-MD5 you specified did not match what we received."
                )
                .with_detail("ExpectedDigest", &hex(&digest))
                .with_detail("CalculatedDigest", &STANDARD.encode(md5)));
            }
        }
        for algorithm in self.checksums.algorithms() {
            if self.checksums.get(algorithm) != found.get(algorithm) {
                return Err(s3_error!(
                    BadDigest,
                    "The {} you specified did not match the calculated checksum.",
                    algorithm.as_str()
                ));
            }
        }
        Ok(())
    }
}

impl Store {
    /// Receives a body into a temporary file.
    ///
    /// The body is written chunk by chunk, so memory use does not depend on its size. The file is removed when it is
    /// dropped: if the body is incomplete, too long or does not match its headers, or if the connection is closed and
    /// this future is dropped, nothing remains.
    pub(crate) async fn receive(
        &self,
        headers: &HeaderMap,
        body: Option<StreamingBlob>,
        expected: ExpectedBody,
        trailers: Option<TrailingHeaders>,
    ) -> S3Result<ReceivedBody> {
        let declared = expected.length.and_then(|length| u64::try_from(length).ok());
        if let Some(length) = declared.filter(|length| *length > expected.max_bytes) {
            return Err(too_large(length, expected.max_bytes));
        }
        let file = self.new_incoming_file().map_err(internal_error)?;
        let mut writer = tokio::fs::File::from_std(file.reopen().map_err(internal_error)?);
        let (mut md5, mut hasher, mut bytes) = (Md5::new(), expected.hasher(), 0_u64);
        let mut newer = NewerChecksum::all_in(headers);
        let mut body = body;
        while let Some(chunk) = next_chunk(&mut body).await {
            let chunk = chunk.map_err(body_error)?;
            bytes = bytes.saturating_add(chunk.len() as u64);
            if bytes > expected.max_bytes {
                return Err(too_large(declared.unwrap_or(bytes), expected.max_bytes));
            }
            md5.update(&chunk);
            hasher.update(&chunk);
            newer.iter_mut().for_each(|checksum| checksum.update(&chunk));
            writer.write_all(&chunk).await.map_err(internal_error)?;
        }
        // `tokio::fs::File` writes in the background. Only a flush guarantees that every byte is in the file.
        writer.flush().await.map_err(internal_error)?;
        let (md5, checksums) = (md5.finalize(), Checksums::from(hasher));
        // Trailers are available only after the last chunk.
        let expected = match trailers.and_then(|trailers| trailers.take()) {
            Some(trailers) => expected.with_trailers(&trailers),
            None => expected,
        };
        expected.check(bytes, md5, &checksums)?;
        newer.into_iter().try_for_each(NewerChecksum::check)?;
        Ok(ReceivedBody { file, bytes, md5, checksums })
    }
}

impl From<ChecksumHasher> for Checksums {
    fn from(hasher: ChecksumHasher) -> Self {
        let sums = hasher.finalize();
        Self {
            crc32: sums.checksum_crc32,
            crc32c: sums.checksum_crc32c,
            crc64nvme: sums.checksum_crc64nvme,
            sha1: sums.checksum_sha1,
            sha256: sums.checksum_sha256,
        }
    }
}

/// Returns the next chunk, or `None` after the last one or without a body.
async fn next_chunk(body: &mut Option<StreamingBlob>) -> Option<Result<Bytes, StdError>> {
    let body = body.as_mut()?;
    poll_fn(|cx| Pin::new(&mut *body).poll_next(cx)).await
}

/// Returns the error for an upload of `proposed` bytes where `max` are allowed.
pub(super) fn too_large(proposed: u64, max: u64) -> s3s::S3Error {
    s3_error!(EntityTooLarge, "Your proposed upload exceeds the maximum allowed size")
        .with_detail("ProposedSize", &proposed.to_string())
        .with_detail("MaxSizeAllowed", &max.to_string())
}

fn incomplete_body() -> s3s::S3Error {
    s3_error!(
        IncompleteBody,
        "You did not provide the number of bytes specified by the Content-Length HTTP header"
    )
}

/// Returns the S3 error for a body that could not be read to its end.
///
/// `s3s` verifies `x-amz-content-sha256` and the signatures of chunks while the body is read. Its error types are
/// private, so this function recognizes them by their text. Any other error means that the client disconnected.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes the error by value")]
fn body_error(error: StdError) -> s3s::S3Error {
    let text = error.to_string();
    if text.contains("Sha256Mismatch") {
        let mut error = s3s::S3Error::with_message(
            s3s::S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into()),
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        );
        error.set_status_code(StatusCode::BAD_REQUEST);
        return error;
    }
    if text.contains("SignatureMismatch") {
        return s3_error!(
            SignatureDoesNotMatch,
            "The request signature we calculated does not match the signature you provided. Check your key and \
             signing method."
        );
    }
    incomplete_body()
}
