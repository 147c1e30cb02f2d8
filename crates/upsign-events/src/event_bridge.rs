//! Events of EventBridge.

use upsign_json::Object;

use crate::error::RecordProblem;
use crate::event::{EventKind, EventSource, ObjectEvent};
use crate::notification::text;
use crate::record::{bucket, check_version, member, object_key, optional, size, time};

/// Reads an event whose source is `aws.s3`. Its key is not encoded.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>.
pub(crate) fn read(event: &Object<'_>) -> Result<ObjectEvent, RecordProblem> {
    let detail_type = text(event, "detail-type").ok_or(RecordProblem::Member("detail-type"))?;
    let detail = member(event, "detail")?;
    // Events from before the schema had versions do not have this member.
    if detail.contains("event-version") {
        check_version(detail, "event-version", "1")?;
    }
    let object = member(detail, "object")?;
    let key = text(object, "key").ok_or(RecordProblem::Member("detail.object.key"))?;
    Ok(ObjectEvent {
        kind: EventKind::of_detail(detail_type, text(detail, "reason"), text(detail, "deletion-type")),
        bucket: bucket(member(detail, "bucket")?)?,
        key: object_key(key)?,
        size: size(object)?,
        etag: optional(object, "etag")?,
        version_id: optional(object, "version-id")?,
        sequencer: optional(object, "sequencer")?,
        at: time(event, "time")?,
        source: EventSource::EventBridge,
    })
}
