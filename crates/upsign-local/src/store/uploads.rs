//! Multipart uploads under way. They end with the process.

use std::collections::BTreeMap;
use std::io::{Read, Seek, Write};
use std::sync::atomic::Ordering;

use s3s::crypto::{Checksum as _, Md5, Sha256};
use s3s::dto::{CompletedPart, ETag};
use s3s::{S3Result, s3_error};
use tempfile::NamedTempFile;

use super::receive::hex;
use super::{Attributes, Checksums, Precondition, Received, Record, Store, internal};

/// Every part but the last has at least this many bytes.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
const MIN_PART: u64 = 5 * 1024 * 1024;

pub(super) type Uploads = BTreeMap<String, Upload>;

/// One upload: where it will be put and what has arrived.
#[derive(Debug)]
pub(super) struct Upload {
    bucket: String,
    key: String,
    attributes: Attributes,
    parts: BTreeMap<i32, Part>,
}

/// One part that arrived whole.
#[derive(Debug)]
pub(crate) struct Part {
    file: NamedTempFile,
    pub(crate) bytes: u64,
    md5: [u8; 16],
    pub(crate) checksums: Checksums,
}

impl Part {
    pub(crate) fn etag(&self) -> String {
        hex(&self.md5)
    }
}

impl Store {
    /// Begins an upload and names it.
    pub(crate) async fn begin(&self, bucket: &str, key: &str, attributes: Attributes) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = hex(&Sha256::checksum(format!("{number}/{bucket}/{key}").as_bytes()));
        let upload =
            Upload { bucket: bucket.to_owned(), key: key.to_owned(), attributes, parts: BTreeMap::new() };
        self.uploads.lock().await.insert(id.clone(), upload);
        id
    }

    /// Whether the upload is under way for this very key.
    pub(crate) async fn require_upload(&self, bucket: &str, key: &str, id: &str) -> S3Result<()> {
        find(&mut *self.uploads.lock().await, bucket, key, id).map(|_| ())
    }

    /// Adds a part, in the place of an earlier one of that number.
    pub(crate) async fn add_part(
        &self,
        (bucket, key, id): (&str, &str, &str),
        number: i32,
        received: Received,
    ) -> S3Result<()> {
        let mut uploads = self.uploads.lock().await;
        let upload = find(&mut uploads, bucket, key, id)?;
        let Received { file, bytes, md5, checksums } = received;
        upload.parts.insert(number, Part { file, bytes, md5, checksums });
        Ok(())
    }

    /// Looks at the parts that have arrived.
    pub(crate) async fn with_parts<T>(
        &self,
        (bucket, key, id): (&str, &str, &str),
        look: impl FnOnce(&BTreeMap<i32, Part>) -> T,
    ) -> S3Result<T> {
        let mut uploads = self.uploads.lock().await;
        find(&mut uploads, bucket, key, id).map(|upload| look(&upload.parts))
    }

    /// Gives an upload up.
    pub(crate) async fn abort(&self, (bucket, key, id): (&str, &str, &str)) -> S3Result<()> {
        let mut uploads = self.uploads.lock().await;
        find(&mut uploads, bucket, key, id)?;
        uploads.remove(id);
        Ok(())
    }

    /// Joins the listed parts into an object. The upload stays when that is refused.
    pub(crate) async fn complete(
        &self,
        (bucket, key, id): (&str, &str, &str),
        listed: &[CompletedPart],
        precondition: &Precondition,
    ) -> S3Result<Record> {
        let mut uploads = self.uploads.lock().await;
        let upload = find(&mut uploads, bucket, key, id)?;
        let parts = choose(&upload.parts, listed)?;
        let (file, bytes) = self.join(&parts)?;
        let digests: Vec<u8> = parts.iter().flat_map(|part| part.md5).collect();
        let etag = format!("{}-{}", hex(&Md5::checksum(&digests)), parts.len());
        let record = Record {
            bucket: upload.bucket.clone(),
            key: upload.key.clone(),
            blob: 0,
            bytes,
            etag,
            attributes: upload.attributes.clone(),
            checksums: Checksums::default(),
        };
        self.commit(record.clone(), file, precondition).await?;
        uploads.remove(id);
        Ok(record)
    }

    fn join(&self, parts: &[&Part]) -> S3Result<(NamedTempFile, u64)> {
        let mut whole = self.incoming().map_err(internal)?;
        let mut bytes = 0;
        for part in parts {
            let mut file = part.file.as_file();
            file.rewind().map_err(internal)?;
            let mut rest = file.take(part.bytes);
            bytes += std::io::copy(&mut rest, &mut whole).map_err(internal)?;
        }
        whole.flush().map_err(internal)?;
        Ok((whole, bytes))
    }
}

fn find<'a>(uploads: &'a mut Uploads, bucket: &str, key: &str, id: &str) -> S3Result<&'a mut Upload> {
    let upload = uploads.get_mut(id).filter(|upload| upload.bucket == bucket && upload.key == key);
    upload.ok_or_else(|| {
        s3_error!(
            NoSuchUpload,
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted \
             or completed."
        )
    })
}

/// The parts a completion lists, in its order, or what S3 says against the list.
fn choose<'a>(parts: &'a BTreeMap<i32, Part>, listed: &[CompletedPart]) -> S3Result<Vec<&'a Part>> {
    if listed.is_empty() {
        return Err(s3_error!(MalformedXML, "The XML you provided was not well-formed or did not validate"));
    }
    if !listed.is_sorted_by(|a, b| a.part_number < b.part_number) {
        return Err(s3_error!(
            InvalidPartOrder,
            "The list of parts was not in ascending order. Parts must be ordered by part number."
        ));
    }
    let invalid = || {
        s3_error!(
            InvalidPart,
            "One or more of the specified parts could not be found. The part may not have been uploaded, or the \
             specified entity tag may not match the part's entity tag."
        )
    };
    let chosen = listed.iter().map(|wanted| {
        let part = wanted.part_number.and_then(|number| parts.get(&number));
        let same = |part: &&Part| wanted.e_tag.as_ref().map(ETag::value) == Some(part.etag().as_str());
        part.filter(same).ok_or_else(invalid)
    });
    let chosen = chosen.collect::<S3Result<Vec<_>>>()?;
    let (_last, before) = chosen.split_last().ok_or_else(invalid)?;
    if before.iter().any(|part| part.bytes < MIN_PART) {
        return Err(s3_error!(
            EntityTooSmall,
            "Your proposed upload is smaller than the minimum allowed size"
        ));
    }
    Ok(chosen)
}
