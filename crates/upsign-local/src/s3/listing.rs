//! Lists of objects and buckets, as `aws s3 ls` requests them.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>.

use std::collections::BTreeSet;

use s3s::dto::{
    CommonPrefix, ETag, EncodingType, ListObjectsV2Input, ListObjectsV2Output, Object, ObjectStorageClass,
    Timestamp,
};

use super::signature::uri_encoding;
use crate::store::ListedObject;

/// Maximum number of keys in one answer.
const MAX_KEYS: i32 = 1_000;

/// An entry of a list: an object, or all objects whose keys have the same part up to the delimiter.
enum Entry {
    Object(ListedObject),
    Prefix(String),
}

impl Entry {
    fn name(&self) -> &str {
        match self {
            Self::Object(object) => &object.key,
            Self::Prefix(prefix) => prefix,
        }
    }
}

/// Returns one page of the list of `objects`, which are sorted by key. The continuation token is the last name of the page
/// before, in the encoding of a URL.
pub(super) fn list(input: ListObjectsV2Input, objects: Vec<ListedObject>) -> ListObjectsV2Output {
    let max_keys = input.max_keys.unwrap_or(MAX_KEYS).clamp(0, MAX_KEYS);
    let page_size = usize::try_from(max_keys).unwrap_or_default();
    let token = input.continuation_token.as_deref().and_then(uri_encoding::decode);
    let token = token.and_then(|name| String::from_utf8(name).ok());
    // A token continues after a name of the list, `start-after` after any text.
    let after = token.or_else(|| input.start_after.clone()).unwrap_or_default();
    let entries = entries(objects, input.prefix.as_deref().unwrap_or_default(), input.delimiter.as_deref());
    let mut rest = entries.into_iter().filter(|entry| entry.name() > after.as_str());
    let page: Vec<Entry> = rest.by_ref().take(page_size).collect();
    let is_truncated = page_size > 0 && rest.next().is_some();
    let last = page.last().map(|entry| uri_encoding::encode(entry.name().as_bytes()));
    let is_encoded =
        input.encoding_type.as_ref().is_some_and(|encoding| encoding.as_str() == EncodingType::URL);
    let spell = |name: String| if is_encoded { uri_encoding::encode(name.as_bytes()) } else { name };
    let key_count = i32::try_from(page.len()).ok();
    let (mut contents, mut common_prefixes) = (Vec::new(), Vec::new());
    for entry in page {
        match entry {
            Entry::Object(object) => contents.push(listed(object, spell)),
            Entry::Prefix(prefix) => common_prefixes.push(CommonPrefix { prefix: Some(spell(prefix)) }),
        }
    }
    ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(spell(input.prefix.unwrap_or_default())),
        delimiter: input.delimiter.map(spell),
        start_after: input.start_after.map(spell),
        encoding_type: input.encoding_type,
        continuation_token: input.continuation_token,
        next_continuation_token: last.filter(|_| is_truncated),
        is_truncated: Some(is_truncated),
        max_keys: Some(max_keys),
        key_count,
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        ..Default::default()
    }
}

/// Returns the entries of the list, sorted by name.
fn entries(objects: Vec<ListedObject>, prefix: &str, delimiter: Option<&str>) -> Vec<Entry> {
    let delimiter = delimiter.filter(|delimiter| !delimiter.is_empty());
    let mut prefixes = BTreeSet::new();
    let mut entries = Vec::new();
    for object in objects {
        let Some(rest) = object.key.strip_prefix(prefix) else { continue };
        match delimiter.and_then(|delimiter| rest.split_once(delimiter).map(|(first, _)| (first, delimiter)))
        {
            Some((first, delimiter)) => {
                let common = format!("{prefix}{first}{delimiter}");
                if prefixes.insert(common.clone()) {
                    entries.push(Entry::Prefix(common));
                }
            }
            None => entries.push(Entry::Object(object)),
        }
    }
    entries.sort_by(|one, other| one.name().cmp(other.name()));
    entries
}

fn listed(object: ListedObject, spell: impl Fn(String) -> String) -> Object {
    Object {
        key: Some(spell(object.key)),
        size: i64::try_from(object.bytes).ok(),
        e_tag: Some(ETag::Strong(object.etag)),
        last_modified: Some(Timestamp::from(object.modified)),
        storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
        ..Default::default()
    }
}
