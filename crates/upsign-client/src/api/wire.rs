//! The answers of the API.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// The answer to `POST /upload-url`.
#[derive(Deserialize)]
#[serde(tag = "method")]
pub(crate) enum GrantAnswer {
    #[serde(rename = "PUT", rename_all = "camelCase")]
    Put {
        upload_url: String,
        headers: BTreeMap<String, String>,
        /// For requests for the status after a lost answer, and for the confirmation.
        upload_token: Option<String>,
        #[serde(flatten)]
        common: GrantCommon,
    },
    #[serde(rename = "POST", rename_all = "camelCase")]
    Post {
        upload_url: String,
        fields: FormFields,
        /// For the confirmation.
        upload_token: Option<String>,
        #[serde(flatten)]
        common: GrantCommon,
    },
    #[serde(rename = "MULTIPART")]
    Multipart(MultipartAnswer),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MultipartAnswer {
    pub(crate) upload_token: String,
    pub(crate) part_size: u64,
    pub(crate) part_count: u32,
    pub(crate) parts_at_once: Option<u8>,
    pub(crate) checksum_algorithm: Option<String>,
    pub(crate) checksum_type: Option<String>,
    #[serde(flatten)]
    pub(crate) common: GrantCommon,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GrantCommon {
    pub(crate) key: String,
    pub(crate) expires_at: String,
    /// Whether the route confirms uploads. Services of earlier versions do not say it.
    #[serde(default)]
    pub(crate) confirm: bool,
    /// Ids, members of the application, and members of later versions.
    #[serde(flatten)]
    pub(crate) others: BTreeMap<String, Value>,
}

/// The fields of a form, in the order of the answer, which is that in which the form must have them.
pub(crate) struct FormFields(pub(crate) Vec<(String, String)>);

impl<'de> Deserialize<'de> for FormFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = FormFields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the fields of a form")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<FormFields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = members.next_entry()? {
                    fields.push(field);
                }
                Ok(FormFields(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

impl GrantAnswer {
    pub(crate) fn common(&self) -> &GrantCommon {
        match self {
            Self::Put { common, .. } | Self::Post { common, .. } => common,
            Self::Multipart(answer) => &answer.common,
        }
    }
}

/// The answer to `POST /uploads/parts`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PartsAnswer {
    pub(crate) parts: Vec<PartUrlAnswer>,
    pub(crate) expires_in: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PartUrlAnswer {
    pub(crate) part_number: u32,
    pub(crate) upload_url: String,
    pub(crate) content_length: u64,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
}

/// The answer to `POST /uploads/status`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusAnswer {
    pub(crate) state: UploadState,
    #[serde(default)]
    pub(crate) parts: Vec<StoredPart>,
    /// Whether there are further parts, after the last of `parts`.
    #[serde(default)]
    pub(crate) more: bool,
    pub(crate) key: Option<String>,
    pub(crate) size: Option<u64>,
    pub(crate) etag: Option<String>,
    pub(crate) version_id: Option<String>,
    #[serde(default)]
    pub(crate) checksum: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UploadState {
    Open,
    Completed,
    Gone,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredPart {
    pub(crate) part_number: u32,
    pub(crate) size: u64,
    pub(crate) etag: String,
}

/// The answer to `POST /uploads/complete`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompleteAnswer {
    pub(crate) key: String,
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) version_id: Option<String>,
    #[serde(default)]
    pub(crate) checksum: BTreeMap<String, String>,
}

/// The answer to `POST /uploads/confirm`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConfirmAnswer {
    pub(crate) state: ConfirmState,
    pub(crate) reason: Option<String>,
    pub(crate) key: String,
    pub(crate) size: Option<u64>,
    pub(crate) etag: Option<String>,
    pub(crate) version_id: Option<String>,
    pub(crate) content_type: Option<String>,
    #[serde(default)]
    pub(crate) checksum: BTreeMap<String, String>,
    pub(crate) receipt: Option<String>,
    /// The pause before the next call, in seconds, if the state is pending.
    pub(crate) retry_after: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ConfirmState {
    Confirmed,
    Mismatch,
    Missing,
    Rejected,
    Pending,
}

/// The answer to `POST /uploads/read-url`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReadUrlAnswer {
    pub(crate) read_url: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) expires_in: u64,
    pub(crate) expires_at: String,
    pub(crate) key: String,
    pub(crate) version_id: Option<String>,
    pub(crate) content_type: Option<String>,
}

/// The answer to `DELETE /uploads`.
#[derive(Deserialize)]
pub(crate) struct DeleteAnswer {
    pub(crate) key: String,
}

/// The answer to `POST /upload-url` with several files.
#[derive(Deserialize)]
pub(crate) struct FilesAnswer {
    pub(crate) files: Vec<GrantAnswer>,
}

/// The answer to `POST /uploads/abort`.
#[derive(Deserialize)]
pub(crate) struct AbortAnswer {}
