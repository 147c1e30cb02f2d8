//! The forms of requests for presigned URLs.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::request::PresignRequest;
use crate::request::headers::SignedHeaders;
use crate::request::key::ObjectKey;
use crate::request::lifetime::{ExpiresIn, ExpiryPrecision, ShortCredentials};
use crate::request::operation::{Method, Operation};
use crate::request::part::{PartNumber, UploadId};
use crate::request::presigned::{PresignedRequest, PresignedUrl};
use crate::request::query::Query;
use crate::target::Target;
use crate::time::Timestamp;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PresignRequestForm {
    target: Target,
    operation: Operation,
    key: ObjectKey,
    headers: SignedHeaders,
    query: Query,
    expires_in: ExpiresIn,
    short_credentials: ShortCredentials,
}

through_form!(PresignRequest, PresignRequestForm);

impl From<&PresignRequest> for PresignRequestForm {
    fn from(request: &PresignRequest) -> Self {
        Self {
            target: request.target().clone(),
            operation: request.operation().clone(),
            key: request.key().clone(),
            headers: request.headers().clone(),
            query: request.query().clone(),
            expires_in: request.expires_in(),
            short_credentials: request.short_credentials(),
        }
    }
}

impl From<PresignRequestForm> for PresignRequest {
    fn from(form: PresignRequestForm) -> Self {
        Self::new(form.target, form.operation, form.key, form.expires_in)
            .with_headers(form.headers)
            .with_query(form.query)
            .with_short_credentials(form.short_credentials)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PresignedRequestForm {
    method: Method,
    url: String,
    headers: SignedHeaders,
    expires_at: Timestamp,
    expiry_precision: ExpiryPrecision,
}

/// The URL of a presigned request or the address of a form is not an absolute URL of a web server.
#[derive(Debug, thiserror::Error)]
#[error("the url must start with https:// or http:// and consist of visible ASCII")]
pub(super) struct InvalidUrl;

through_form!(PresignedRequest, PresignedRequestForm);

impl From<&PresignedRequest> for PresignedRequestForm {
    fn from(presigned: &PresignedRequest) -> Self {
        Self {
            method: presigned.method,
            url: presigned.url.expose().to_owned(),
            headers: presigned.headers.clone(),
            expires_at: presigned.expires_at,
            expiry_precision: presigned.expiry_precision,
        }
    }
}

impl TryFrom<PresignedRequestForm> for PresignedRequest {
    type Error = InvalidUrl;

    fn try_from(form: PresignedRequestForm) -> Result<Self, InvalidUrl> {
        check_url(&form.url)?;
        Ok(Self {
            method: form.method,
            url: PresignedUrl::new(form.url),
            headers: form.headers,
            expires_at: form.expires_at,
            expiry_precision: form.expiry_precision,
        })
    }
}

/// Checks a URL that another process made. A browser opens it, so a `javascript:` URL must not pass.
pub(super) fn check_url(url: &str) -> Result<(), InvalidUrl> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let fits = |rest: &str| {
        !rest.is_empty() && !rest.starts_with('/') && rest.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if rest.is_some_and(fits) { Ok(()) } else { Err(InvalidUrl) }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OperationForm {
    name: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part_number: Option<PartNumber>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upload_id: Option<UploadId>,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "no operation {name:?} {} partNumber and {} uploadId",
    with(*part_number),
    with(*upload_id)
)]
struct InvalidOperation {
    name: Box<str>,
    part_number: bool,
    upload_id: bool,
}

const fn with(present: bool) -> &'static str {
    if present { "with" } else { "without" }
}

through_form!(Operation, OperationForm);

impl From<&Operation> for OperationForm {
    fn from(operation: &Operation) -> Self {
        let (part_number, upload_id) = match operation {
            Operation::PutObject
            | Operation::GetObject
            | Operation::HeadObject
            | Operation::DeleteObject
            | Operation::CopyObject
            | Operation::PutObjectTagging
            | Operation::GetObjectTagging
            | Operation::CreateMultipartUpload
            | Operation::StartResumableUpload => (None, None),
            Operation::GetObjectPart { part_number } | Operation::HeadObjectPart { part_number } => {
                (Some(*part_number), None)
            }
            Operation::UploadPart { upload_id, part_number } => (Some(*part_number), Some(upload_id.clone())),
            Operation::CompleteMultipartUpload { upload_id }
            | Operation::AbortMultipartUpload { upload_id }
            | Operation::ListParts { upload_id } => (None, Some(upload_id.clone())),
        };
        Self { name: operation.name().into(), part_number, upload_id }
    }
}

impl TryFrom<OperationForm> for Operation {
    type Error = InvalidOperation;

    fn try_from(form: OperationForm) -> Result<Self, InvalidOperation> {
        Ok(match (form.name.as_ref(), form.part_number, form.upload_id) {
            ("PutObject", None, None) => Self::PutObject,
            ("GetObject", None, None) => Self::GetObject,
            ("GetObject", Some(part_number), None) => Self::GetObjectPart { part_number },
            ("HeadObject", None, None) => Self::HeadObject,
            ("HeadObject", Some(part_number), None) => Self::HeadObjectPart { part_number },
            ("DeleteObject", None, None) => Self::DeleteObject,
            ("CopyObject", None, None) => Self::CopyObject,
            ("PutObjectTagging", None, None) => Self::PutObjectTagging,
            ("GetObjectTagging", None, None) => Self::GetObjectTagging,
            ("CreateMultipartUpload", None, None) => Self::CreateMultipartUpload,
            ("StartResumableUpload", None, None) => Self::StartResumableUpload,
            ("UploadPart", Some(part_number), Some(upload_id)) => Self::UploadPart { upload_id, part_number },
            ("CompleteMultipartUpload", None, Some(upload_id)) => Self::CompleteMultipartUpload { upload_id },
            ("AbortMultipartUpload", None, Some(upload_id)) => Self::AbortMultipartUpload { upload_id },
            ("ListParts", None, Some(upload_id)) => Self::ListParts { upload_id },
            (_, part_number, upload_id) => {
                return Err(InvalidOperation {
                    name: form.name,
                    part_number: part_number.is_some(),
                    upload_id: upload_id.is_some(),
                });
            }
        })
    }
}

impl Serialize for SignedHeaders {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de> Deserialize<'de> for SignedHeaders {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadersVisitor)
    }
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = SignedHeaders;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of header names and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SignedHeaders, A::Error> {
        let mut headers = SignedHeaders::new();
        while let Some((name, value)) = map.next_entry::<String, String>()? {
            headers.insert(&name, &value).map_err(A::Error::custom)?;
        }
        Ok(headers)
    }
}

impl Serialize for Query {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl<'de> Deserialize<'de> for Query {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut query = Self::new();
        for (name, value) in Vec::<(String, String)>::deserialize(deserializer)? {
            query.insert(&name, &value).map_err(D::Error::custom)?;
        }
        Ok(query)
    }
}
