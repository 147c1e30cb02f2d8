//! Comparing an object that is stored already with the bytes of a source.

use md5::{Digest as _, Md5};

use crate::checksum::{Checksum, ChecksumAlgorithm};
use crate::error::UploadError;
use crate::plan::PartLayout;
use crate::source::{Source, hash_range};

/// The result of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Same,
    Different,
    /// Neither a checksum nor the entity tag confirms that the bytes are the same. The entity tags of S3 are digests except for
    /// objects that are encrypted with KMS (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>), and other stores
    /// form others, so an entity tag that differs does not show that the bytes do.
    Unconfirmed,
}

impl Comparison {
    pub(crate) fn of_checksums(of_store: &Checksum, of_source: &Checksum) -> Self {
        if of_store == of_source { Self::Same } else { Self::Different }
    }

    fn of_digests(of_store: [u8; 16], of_source: &[u8]) -> Self {
        if of_store == of_source { Self::Same } else { Self::Unconfirmed }
    }
}

/// Computes the checksum of a source whose bytes can be read again.
pub(crate) async fn checksum_of(
    source: &dyn Source,
    size: u64,
    algorithm: ChecksumAlgorithm,
) -> Result<Option<Checksum>, UploadError> {
    if source.is_sequential() {
        return Ok(None);
    }
    Ok(hash_range(source, 0, size, [algorithm.hasher()]).await?.pop())
}

/// Compares the entity tag of an object that was stored with one request.
pub(crate) async fn compare_etag(
    source: &dyn Source,
    size: u64,
    etag: &str,
) -> Result<Comparison, UploadError> {
    let Some(digest) = digest(etag) else { return Ok(Comparison::Unconfirmed) };
    let checksum = checksum_of(source, size, ChecksumAlgorithm::Md5).await?;
    Ok(checksum.map_or(Comparison::Unconfirmed, |checksum| Comparison::of_digests(digest, &checksum.bytes())))
}

/// Compares the entity tag of an object that was assembled from parts: S3 concatenates the MD5 digests of the parts, takes the
/// MD5 digest of that, and appends the number of parts
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>). `etags` are those of all
/// parts, if they are known; otherwise the source is read.
pub(crate) async fn compare_etag_of_parts(
    source: &dyn Source,
    layout: &PartLayout,
    etags: Option<Vec<&str>>,
    etag: &str,
) -> Result<Comparison, UploadError> {
    let Some((of_store, count)) =
        etag.split_once('-').and_then(|(hex, count)| Some((digest(hex)?, count.parse::<usize>().ok()?)))
    else {
        return Ok(Comparison::Unconfirmed);
    };
    let known = etags.and_then(|etags| etags.into_iter().map(digest).collect::<Option<Vec<_>>>());
    let digests: Vec<u8> = match known {
        Some(digests) => digests.concat(),
        None if source.is_sequential() => return Ok(Comparison::Unconfirmed),
        None => {
            let mut digests = Vec::new();
            for number in layout.numbers() {
                let hashers = [ChecksumAlgorithm::Md5.hasher()];
                let part = hash_range(source, layout.offset(number), layout.len(number), hashers).await?;
                digests.extend(part.iter().flat_map(Checksum::bytes));
            }
            digests
        }
    };
    if digests.len() != count.saturating_mul(16) {
        return Ok(Comparison::Unconfirmed);
    }
    Ok(Comparison::of_digests(of_store, &Md5::digest(&digests)))
}

/// Reads 32 hexadecimal digits.
fn digest(hex: &str) -> Option<[u8; 16]> {
    let is_digest = hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then(|| u128::from_str_radix(hex, 16).ok().map(u128::to_be_bytes)).flatten()
}
