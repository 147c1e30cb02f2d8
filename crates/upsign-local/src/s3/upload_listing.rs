//! Lists of multipart uploads in progress, as `aws s3api list-multipart-uploads` requests them.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html>.

use std::collections::BTreeSet;
use std::sync::Arc;

use s3s::dto::{
    ChecksumAlgorithm, ChecksumType, CommonPrefix, EncodingType, ListMultipartUploadsInput,
    ListMultipartUploadsOutput, MultipartUpload as Entry, StorageClass, Timestamp,
};

use super::signature::uri_encoding;
use crate::store::multipart::MultipartUpload;

/// Maximum number of uploads in one answer.
const MAX_UPLOADS: i32 = 1_000;

type Upload = (String, Arc<MultipartUpload>);

/// Returns one page of the list of `uploads`, which are sorted by key and then in the order of their start.
///
/// Uploads below a common prefix do not count toward the size of a page.
pub(super) fn list(input: ListMultipartUploadsInput, uploads: Vec<Upload>) -> ListMultipartUploadsOutput {
    let max_uploads = input.max_uploads.unwrap_or(MAX_UPLOADS).clamp(0, MAX_UPLOADS);
    let page_size = usize::try_from(max_uploads).unwrap_or_default();
    let is_encoded =
        input.encoding_type.as_ref().is_some_and(|encoding| encoding.as_str() == EncodingType::URL);
    let spell = |name: &str| {
        if is_encoded { uri_encoding::encode(name.as_bytes()) } else { name.to_owned() }
    };
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let delimiter = input.delimiter.as_deref().filter(|delimiter| !delimiter.is_empty());
    let (mut listed, mut prefixes) = (Vec::new(), BTreeSet::new());
    for upload in after_markers(&input, uploads) {
        let Some(rest) = upload.1.key.strip_prefix(prefix) else { continue };
        let common = delimiter
            .and_then(|delimiter| rest.split_once(delimiter).map(|(first, _)| (first, delimiter)))
            .map(|(first, delimiter)| format!("{prefix}{first}{delimiter}"));
        match common {
            Some(common) => drop(prefixes.insert(common)),
            None => listed.push(upload),
        }
    }
    let is_truncated = page_size > 0 && listed.len() > page_size;
    listed.truncate(page_size);
    let last = listed.last().filter(|_| is_truncated);
    ListMultipartUploadsOutput {
        next_key_marker: last.map(|(_, upload)| spell(&upload.key)),
        next_upload_id_marker: last.map(|(id, _)| id.clone()),
        uploads: Some(listed.iter().map(|(id, upload)| entry(id, upload, spell)).collect()),
        common_prefixes: Some(
            prefixes.iter().map(|name| CommonPrefix { prefix: Some(spell(name)) }).collect(),
        ),
        prefix: input.prefix.as_deref().map(&spell),
        delimiter: input.delimiter.as_deref().map(&spell),
        key_marker: Some(spell(input.key_marker.as_deref().unwrap_or_default())),
        upload_id_marker: Some(input.upload_id_marker.unwrap_or_default()),
        bucket: Some(input.bucket),
        encoding_type: input.encoding_type,
        is_truncated: Some(is_truncated),
        max_uploads: Some(max_uploads),
        ..Default::default()
    }
}

/// Returns the uploads after the markers of a page. An upload-id marker counts only together with a key marker: the page
/// then begins after that upload of the key.
fn after_markers(input: &ListMultipartUploadsInput, uploads: Vec<Upload>) -> Vec<Upload> {
    let Some(key) = input.key_marker.as_deref().filter(|key| !key.is_empty()) else { return uploads };
    let marker = input.upload_id_marker.as_deref().filter(|id| !id.is_empty());
    let position =
        marker.and_then(|marker| uploads.iter().position(|(id, upload)| id == marker && upload.key == key));
    let start = match position {
        Some(position) => position + 1,
        None => uploads.partition_point(|(_, upload)| upload.key.as_str() <= key),
    };
    uploads.into_iter().skip(start).collect()
}

fn entry(id: &str, upload: &MultipartUpload, spell: impl Fn(&str) -> String) -> Entry {
    let checksum = upload.checksum;
    Entry {
        key: Some(spell(&upload.key)),
        upload_id: Some(id.to_owned()),
        initiated: Some(Timestamp::from(upload.initiated)),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        checksum_algorithm: Some(ChecksumAlgorithm::from_static(checksum.algorithm.as_str())),
        checksum_type: Some(ChecksumType::from_static(checksum.kind.as_str())),
        ..Default::default()
    }
}
