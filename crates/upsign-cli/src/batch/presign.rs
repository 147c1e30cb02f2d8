//! `upsign presign --batch`.

use serde::Serialize;
use serde_json::Value;
use upsign_core::{
    Operation, PartNumber, PresignRequest, PresignedRequest, Query, SignedHeaders, Timestamp, UploadId,
};

use super::engine;
use super::error::LineError;
use super::members::{self, batch_line};
use super::signers::Signers;
use super::target::{self, EndpointOptions, LineCredentials};
use crate::exit::{CommandError, Exit};

batch_line! {
    struct Line {
        required {
            operation: String = "S3 operation, as in PutObject, GetObject or UploadPart";
            bucket: String = "bucket name, or ARN of an access point";
            key: String = "object key";
            region: String = "region of the bucket";
            expires_in: Value = "seconds until the URL expires, 1 to 604800";
            at: String = "time of signing, as in 2026-01-31T23:59:59Z";
            credentials: LineCredentials { LineCredentials } = "credentials that sign the URL";
        }
        optional {
            endpoint: EndpointOptions { EndpointOptions } = "how the bucket is reached";
            headers: Vec<(String, String)> = "headers to sign: [[name,value],…]";
            query: Vec<(String, String)> = "query parameters to sign: [[name,value],…]";
            upload_id: String = "id of a multipart upload";
            part_number: Value = "part number, 1 to 10000";
            backend: String = "sigv4, aws-sigv4 or aws-sdk; default sigv4";
        }
    }
}

/// Returns the section of `upsign presign --help` about batches.
pub(crate) fn help() -> String {
    members::help::<Line>("--batch", &[r#"{"id","method","url","headers":[[name,value],…],"expires_at"}"#])
}

#[derive(Serialize)]
struct Answer {
    method: &'static str,
    url: String,
    headers: Vec<(String, String)>,
    expires_at: String,
}

pub(crate) async fn run() -> Result<Exit, CommandError> {
    let signers = Signers::default();
    engine::run(async |line: Line| {
        let (request, at) = request(&line)?;
        let credentials = target::credentials(&line.credentials)?;
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

fn request(line: &Line) -> Result<(PresignRequest, Timestamp), LineError> {
    let target = target::target(&line.bucket, &line.region, line.endpoint.as_ref())?;
    let key = line.key.parse().map_err(LineError::with("invalid-key"))?;
    let (expires_in, at) = (target::expires_in(&line.expires_in)?, target::at(&line.at)?);
    let mut headers = SignedHeaders::new();
    for (name, value) in line.headers.iter().flatten() {
        headers.insert(name, value).map_err(LineError::with("invalid-header"))?;
    }
    let mut query = Query::new();
    for (name, value) in line.query.iter().flatten() {
        query.insert(name, value).map_err(LineError::with("invalid-query"))?;
    }
    let request = PresignRequest::new(target, operation(line)?, key, expires_in);
    Ok((request.with_headers(headers).with_query(query), at))
}

fn operation(line: &Line) -> Result<Operation, LineError> {
    let (upload_id, part_number) = (upload_id(line)?, part_number(line)?);
    match (line.operation.as_str(), upload_id, part_number) {
        ("PutObject", None, None) => Ok(Operation::PutObject),
        ("GetObject", None, None) => Ok(Operation::GetObject),
        ("GetObject", None, Some(part_number)) => Ok(Operation::GetObjectPart { part_number }),
        ("HeadObject", None, None) => Ok(Operation::HeadObject),
        ("HeadObject", None, Some(part_number)) => Ok(Operation::HeadObjectPart { part_number }),
        ("DeleteObject", None, None) => Ok(Operation::DeleteObject),
        ("CreateMultipartUpload", None, None) => Ok(Operation::CreateMultipartUpload),
        ("StartResumableUpload", None, None) => Ok(Operation::StartResumableUpload),
        ("UploadPart", Some(upload_id), Some(part_number)) => {
            Ok(Operation::UploadPart { upload_id, part_number })
        }
        ("CompleteMultipartUpload", Some(upload_id), None) => {
            Ok(Operation::CompleteMultipartUpload { upload_id })
        }
        ("AbortMultipartUpload", Some(upload_id), None) => Ok(Operation::AbortMultipartUpload { upload_id }),
        ("ListParts", Some(upload_id), None) => Ok(Operation::ListParts { upload_id }),
        (name, ..) if OPERATIONS.contains(&name) => Err(LineError::new(
            "invalid-operation",
            format!("{name} is missing upload_id or part_number, or does not take the one given"),
        )),
        _ => Err(LineError::new(
            "unknown-operation",
            format!("operation must be one of {}", OPERATIONS.join(", ")),
        )),
    }
}

const OPERATIONS: [&str; 10] = [
    "PutObject",
    "GetObject",
    "HeadObject",
    "DeleteObject",
    "CreateMultipartUpload",
    "StartResumableUpload",
    "UploadPart",
    "CompleteMultipartUpload",
    "AbortMultipartUpload",
    "ListParts",
];

fn upload_id(line: &Line) -> Result<Option<UploadId>, LineError> {
    line.upload_id.as_ref().map(|id| id.parse().map_err(LineError::with("invalid-upload-id"))).transpose()
}

fn part_number(line: &Line) -> Result<Option<PartNumber>, LineError> {
    let Some(number) = &line.part_number else { return Ok(None) };
    let number = number
        .as_u64()
        .ok_or_else(|| LineError::new("invalid-part-number", "part_number must be a whole number"))?;
    PartNumber::new(number).map(Some).map_err(LineError::with("invalid-part-number"))
}
