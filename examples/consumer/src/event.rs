//! S3 event notifications as Lambda receives them from SQS.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// A batch of SQS messages.
#[derive(Deserialize)]
pub(crate) struct Messages {
    #[serde(rename = "Records")]
    pub(crate) records: Vec<Message>,
}

#[derive(Deserialize)]
pub(crate) struct Message {
    #[serde(rename = "messageId")]
    pub(crate) id: String,
    pub(crate) body: String,
}

/// The S3 notification in the body of one message. S3's test message has no records.
#[derive(Deserialize)]
pub(crate) struct Notification {
    #[serde(default, rename = "Records")]
    pub(crate) records: Vec<Record>,
}

#[derive(Deserialize)]
pub(crate) struct Record {
    pub(crate) s3: S3,
}

#[derive(Deserialize)]
pub(crate) struct S3 {
    pub(crate) bucket: Bucket,
    pub(crate) object: Object,
}

#[derive(Deserialize)]
pub(crate) struct Bucket {
    pub(crate) name: String,
}

#[derive(Deserialize)]
pub(crate) struct Object {
    key: String,
}

impl Object {
    /// Returns the decoded key. S3 encodes it like a form value: spaces as `+`, other bytes percent-encoded.
    pub(crate) fn key(&self) -> String {
        percent_decode_str(&self.key.replace('+', " ")).decode_utf8_lossy().into_owned()
    }
}

/// The messages that failed and must be delivered again (`ReportBatchItemFailures`).
#[derive(Serialize)]
pub(crate) struct Failed {
    #[serde(rename = "batchItemFailures")]
    pub(crate) items: Vec<Item>,
}

#[derive(Serialize)]
pub(crate) struct Item {
    #[serde(rename = "itemIdentifier")]
    pub(crate) id: String,
}
