//! The messages of webhooks.

use serde::{Deserialize, Serialize};
use upsign::Timestamp;
use upsign::confirm::Confirmation;
use upsign::{Announcement, AnnouncementKind};

/// A message that is waiting to be delivered: its id and its body.
///
/// The body is JSON. All members of `data` except `key` and `bucket` are absent if they are unknown.
///
/// ```json
/// {
///   "type": "upload.confirmed",
///   "timestamp": "2026-01-31T12:00:00Z",
///   "data": {
///     "key": "articles/7/0190.jpg", "route": "article", "bucket": "article-images", "size": 48213,
///     "contentType": "image/jpeg", "versionId": "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY", "etag": "9b2cf535f27731c974343645a3985328",
///     "checksum": {"sha256": "…"}, "receipt": "…", "owner": "6f1d…", "issuer": "https://…", "subject": "…"
///   }
/// }
/// ```
///
/// | `type` | when |
/// | --- | --- |
/// | `upload.confirmed` | the object can be read; `receipt` is the proof to store |
/// | `upload.rejected` | the inspection refused the object; `reason` is one word |
/// | `upload.expired` | the object was not confirmed in time and is removed |
///
/// `Debug` does not show the body: it contains the receipt.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    id: Box<str>,
    body: Box<str>,
}

/// A text is not a [`Message`] that this crate wrote.
#[derive(Debug, thiserror::Error)]
#[error("the text is no message of a webhook")]
#[non_exhaustive]
pub struct InvalidMessage {
    source: Option<serde_json::Error>,
}

/// Maximum size of a message: SQS accepts 1 MiB, and a message with the longest key and receipt has less than 16 KiB.
const MAX_BYTES: usize = 64 * 1024;

impl Message {
    /// Writes the message of an announcement. Equal announcements have equal messages except for their time.
    ///
    /// # Errors
    /// Fails only if the JSON cannot be written.
    pub fn of(announcement: &Announcement<'_>) -> Result<Self, InvalidMessage> {
        let body = Body::of(announcement);
        let body = serde_json::to_string(&body).map_err(|source| InvalidMessage { source: Some(source) })?;
        Ok(Self { id: format!("msg_{}", announcement.id).into(), body: body.into() })
    }

    /// Returns the id: `msg_` and 32 hexadecimal digits. Repetitions of an announcement have the same id, so a receiver can ignore
    /// them.
    #[must_use]
    pub const fn id(&self) -> &str {
        &self.id
    }

    /// Returns the body. It contains the receipt of the upload: do not log it.
    #[must_use]
    pub const fn body(&self) -> &str {
        &self.body
    }

    /// Writes the message as one text, to pass it through a queue.
    ///
    /// # Errors
    /// Fails only if the JSON cannot be written.
    pub fn to_text(&self) -> Result<String, InvalidMessage> {
        serde_json::to_string(self).map_err(|source| InvalidMessage { source: Some(source) })
    }

    /// Reads a text of [`to_text`](Self::to_text).
    ///
    /// # Errors
    /// Fails if the text is something else. A consumer of a queue should let its message fail.
    pub fn from_text(text: &str) -> Result<Self, InvalidMessage> {
        if text.len() > MAX_BYTES {
            return Err(InvalidMessage { source: None });
        }
        let message: Self =
            serde_json::from_str(text).map_err(|source| InvalidMessage { source: Some(source) })?;
        let digits = message.id.strip_prefix("msg_").unwrap_or_default();
        let is_id = digits.len() == 32 && digits.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        if is_id { Ok(message) } else { Err(InvalidMessage { source: None }) }
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("id", &self.id).finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    timestamp: Rfc3339,
    data: Data<'a>,
}

/// A time in the form of RFC 3339.
struct Rfc3339(Timestamp);

impl Serialize for Rfc3339 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<&'a str>,
    bucket: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<Checksum<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
}

/// An object with one member, which is named after the algorithm.
struct Checksum<'a>(&'a upsign::Checksum);

impl Serialize for Checksum<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.0.algorithm().as_str(), self.0.as_base64())])
    }
}

impl<'a> Body<'a> {
    fn of(announcement: &Announcement<'a>) -> Self {
        let r#type = match announcement.kind {
            AnnouncementKind::Rejected => "upload.rejected",
            AnnouncementKind::Expired => "upload.expired",
            _ => "upload.confirmed",
        };
        let known = announcement.confirmation.map(Data::of).unwrap_or_default();
        let data = Data {
            key: announcement.key.as_str(),
            route: announcement.route,
            bucket: announcement.bucket,
            owner: announcement.owner.map(|owner| owner.to_string()),
            issuer: announcement.caller.map(|caller| caller.issuer().as_str()),
            subject: announcement.caller.map(|caller| caller.subject().as_str()),
            ..known
        };
        Self { r#type, timestamp: Rfc3339(announcement.at), data }
    }
}

impl<'a> Data<'a> {
    fn of(confirmation: &'a Confirmation) -> Self {
        Self {
            size: confirmation.size,
            content_type: confirmation.content_type.as_ref().map(upsign::ContentType::as_str),
            version_id: confirmation.version_id.as_ref().map(upsign::VersionId::as_str),
            etag: confirmation.etag.as_ref().map(upsign::ETag::as_str),
            checksum: confirmation.checksum.as_ref().map(Checksum),
            receipt: confirmation.receipt.as_ref().map(upsign::confirm::SignedReceipt::expose),
            reason: confirmation.reason.map(upsign::confirm::ConfirmReason::as_str),
            ..Self::default()
        }
    }
}
