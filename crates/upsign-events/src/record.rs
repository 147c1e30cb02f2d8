//! A record of a notification of S3, and what records have in common with events of EventBridge.

use std::str::FromStr;

use upsign_core::{ObjectKey, Timestamp};
use upsign_json::{Json, Object};

use crate::error::RecordProblem;
use crate::event::{EventKind, EventSource, ObjectEvent};
use crate::key;
use crate::notification::text;

/// Reads an element of `Records`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>.
pub(crate) fn read(record: &Json<'_>, source: EventSource) -> Result<ObjectEvent, RecordProblem> {
    let record = record.as_object().ok_or(RecordProblem::Member("Records"))?;
    // A message that Lambda or SNS wrap in another way has records of `aws:sqs` or `aws:sns`. Stores other than S3 have words of
    // their own, such as `minio:s3`.
    let is_s3 = text(record, "eventSource").is_some_and(|name| name == "aws:s3" || name.ends_with(":s3"));
    if !is_s3 {
        return Err(RecordProblem::Source);
    }
    check_version(record, "eventVersion", "2")?;
    let s3 = member(record, "s3")?;
    let object = member(s3, "object")?;
    let encoded = text(object, "key").ok_or(RecordProblem::Member("s3.object.key"))?;
    let name = text(record, "eventName").ok_or(RecordProblem::Member("eventName"))?;
    Ok(ObjectEvent {
        kind: EventKind::of_name(name),
        bucket: bucket(member(s3, "bucket")?)?,
        key: object_key(&key::decode(encoded)?)?,
        size: size(object)?,
        etag: optional(object, "eTag")?,
        version_id: optional(object, "versionId")?,
        sequencer: optional(object, "sequencer")?,
        at: time(record, "eventTime")?,
        source,
    })
}

/// Checks the major version of the structure. S3 recommends to compare it, and to ignore unknown members of a later minor version.
pub(crate) fn check_version(
    object: &Object<'_>,
    name: &'static str,
    major: &str,
) -> Result<(), RecordProblem> {
    let version = text(object, name).ok_or(RecordProblem::Member(name))?;
    let found = version.split_once('.').map_or(version, |(major, _)| major);
    if found == major { Ok(()) } else { Err(RecordProblem::Version) }
}

/// Returns a member that is an object.
pub(crate) fn member<'a, 'b>(
    object: &'a Object<'b>,
    name: &'static str,
) -> Result<&'a Object<'b>, RecordProblem> {
    object.get(name).and_then(Json::as_object).ok_or(RecordProblem::Member(name))
}

/// Returns the name of the bucket. It is compared with the names of configured buckets only, so its form is not checked.
pub(crate) fn bucket(bucket: &Object<'_>) -> Result<Box<str>, RecordProblem> {
    let name = text(bucket, "name").filter(|name| (1..=255).contains(&name.len()));
    name.map(Box::from).ok_or(RecordProblem::Member("bucket.name"))
}

pub(crate) fn object_key(key: &str) -> Result<ObjectKey, RecordProblem> {
    key.parse().map_err(RecordProblem::Key)
}

pub(crate) fn size(object: &Object<'_>) -> Result<Option<u64>, RecordProblem> {
    match object.get("size") {
        None | Some(Json::Null) => Ok(None),
        Some(size) => size.as_u64().map(Some).ok_or(RecordProblem::Member("size")),
    }
}

/// Returns a value that may be absent. Some stores write `null` or an empty text instead, for example for the tag of a delete marker.
pub(crate) fn optional<T: FromStr>(
    object: &Object<'_>,
    name: &'static str,
) -> Result<Option<T>, RecordProblem> {
    match object.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) if text.is_empty() => Ok(None),
        Some(value) => {
            let value = value.as_str().and_then(|text| text.parse().ok());
            value.map(Some).ok_or(RecordProblem::Member(name))
        }
    }
}

/// Returns a time such as `2026-11-27T14:06:09.746Z` in whole seconds.
pub(crate) fn time(object: &Object<'_>, name: &'static str) -> Result<Timestamp, RecordProblem> {
    let at = text(object, name).and_then(|text| {
        let (seconds, fraction) = text.strip_suffix('Z')?.split_once('.').unwrap_or((text, ""));
        let is_fraction = fraction.len() <= 9 && fraction.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = seconds.strip_suffix('Z').unwrap_or(seconds);
        if is_fraction { format!("{seconds}Z").parse().ok() } else { None }
    });
    at.ok_or(RecordProblem::Member(name))
}
