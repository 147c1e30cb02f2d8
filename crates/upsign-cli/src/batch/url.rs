//! `upsign presign --batch`.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use upsign_core::{
    Operation, PartNumber, PresignRequest, PresignedRequest, Query, SignedHeaders, Timestamp, UploadId,
};

use super::address::{self, Choices, Keys};
use super::lines;
use super::refused::Refused;
use super::sign::Signers;
use crate::exit::{Exit, Failed};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default, rename = "id")]
    _id: IgnoredAny,
    operation: String,
    bucket: String,
    key: String,
    region: String,
    endpoint: Option<Choices>,
    headers: Option<Vec<(String, String)>>,
    query: Option<Vec<(String, String)>>,
    upload_id: Option<String>,
    part_number: Option<Value>,
    expires_in: Value,
    at: String,
    credentials: Keys,
    backend: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    method: &'static str,
    url: String,
    headers: Vec<(String, String)>,
    expires_at: String,
}

pub(crate) async fn batch() -> Result<Exit, Failed> {
    let signers = Signers::default();
    lines::answer(async |line: Line| {
        let (request, at) = request(&line)?;
        let credentials = address::credentials(&line.credentials)?;
        let presigned = signers.presign(line.backend.as_deref(), &request, credentials, at).await?;
        Ok(Answer::from(presigned))
    })
    .await
}

impl From<PresignedRequest> for Answer {
    fn from(presigned: PresignedRequest) -> Self {
        let headers = presigned.headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            method: presigned.method.as_str(),
            headers: headers.collect(),
            expires_at: presigned.expires_at.to_string(),
            url: presigned.url.into_exposed(),
        }
    }
}

fn request(line: &Line) -> Result<(PresignRequest, Timestamp), Refused> {
    let target = address::target(&line.bucket, &line.region, line.endpoint.as_ref())?;
    let key = line.key.parse().map_err(Refused::with("invalid-key"))?;
    let (expires_in, at) = (address::expires_in(&line.expires_in)?, address::at(&line.at)?);
    let mut headers = SignedHeaders::new();
    for (name, value) in line.headers.iter().flatten() {
        headers.insert(name, value).map_err(Refused::with("invalid-header"))?;
    }
    let mut query = Query::new();
    for (name, value) in line.query.iter().flatten() {
        query.insert(name, value).map_err(Refused::with("invalid-query"))?;
    }
    let request = PresignRequest::new(target, operation(line)?, key, expires_in);
    Ok((request.with_headers(headers).with_query(query), at))
}

fn operation(line: &Line) -> Result<Operation, Refused> {
    let (upload_id, part_number) = (upload_id(line)?, part_number(line)?);
    match (line.operation.as_str(), upload_id, part_number) {
        ("PutObject", None, None) => Ok(Operation::PutObject),
        ("GetObject", None, None) => Ok(Operation::GetObject),
        ("GetObject", None, Some(part_number)) => Ok(Operation::GetObjectPart { part_number }),
        ("HeadObject", None, None) => Ok(Operation::HeadObject),
        ("HeadObject", None, Some(part_number)) => Ok(Operation::HeadObjectPart { part_number }),
        ("DeleteObject", None, None) => Ok(Operation::DeleteObject),
        ("CreateMultipartUpload", None, None) => Ok(Operation::CreateMultipartUpload),
        ("UploadPart", Some(upload_id), Some(part_number)) => {
            Ok(Operation::UploadPart { upload_id, part_number })
        }
        ("CompleteMultipartUpload", Some(upload_id), None) => {
            Ok(Operation::CompleteMultipartUpload { upload_id })
        }
        ("AbortMultipartUpload", Some(upload_id), None) => Ok(Operation::AbortMultipartUpload { upload_id }),
        ("ListParts", Some(upload_id), None) => Ok(Operation::ListParts { upload_id }),
        (name, ..) if NAMES.contains(&name) => Err(Refused::new(
            "invalid-operation",
            format!("{name} lacks, or does not take, upload_id or part_number"),
        )),
        _ => Err(Refused::new("unknown-operation", format!("operation is one of {}", NAMES.join(", ")))),
    }
}

const NAMES: [&str; 9] = [
    "PutObject",
    "GetObject",
    "HeadObject",
    "DeleteObject",
    "CreateMultipartUpload",
    "UploadPart",
    "CompleteMultipartUpload",
    "AbortMultipartUpload",
    "ListParts",
];

fn upload_id(line: &Line) -> Result<Option<UploadId>, Refused> {
    line.upload_id.as_ref().map(|id| id.parse().map_err(Refused::with("invalid-upload-id"))).transpose()
}

fn part_number(line: &Line) -> Result<Option<PartNumber>, Refused> {
    let Some(number) = &line.part_number else { return Ok(None) };
    let whole = number.as_u64();
    let whole = whole.ok_or_else(|| Refused::new("invalid-part-number", "part_number is a whole number"))?;
    PartNumber::new(whole).map(Some).map_err(Refused::with("invalid-part-number"))
}
