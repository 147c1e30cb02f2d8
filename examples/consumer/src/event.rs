//! What S3 tells, as SQS hands it to a function.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// Some messages of a queue.
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

/// What S3 put into one message. Its test message has no records.
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
    /// The key, which S3 writes as in a form: spaces as `+`, the rest in percent.
    pub(crate) fn key(&self) -> String {
        percent_decode_str(&self.key.replace('+', " ")).decode_utf8_lossy().into_owned()
    }
}

/// Messages to be handed out again.
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
