//! `upsign key --batch`: the object key and headers that a policy gives to a request.

use serde_json::{Value, json};
use upsign::{IdSource, RandomIds};
use upsign_core::{Identity, SignedHeaders, Target, Timestamp};
use upsign_policy::{
    Bodyless, ClientMetadata, ContentRules, Denied, DeniedKind, Disposition, FileNameOptions, Ids,
    InvalidUploadPolicy, KeyTemplate, MetadataOptions, Permit, SizeLimit, TagOptions, UploadPolicy,
    UploadRequest,
};

use super::engine;
use super::error::LineError;
use super::members::{self, batch_line};
use crate::exit::{CommandError, Exit};

batch_line! {
    /// A policy, a caller and an upload request.
    ///
    /// A member may have any type: one of the wrong type is rejected with its own code, as the service would reject it.
    struct Line {
        required {
            template: Value = "key template, as in uploads/{sub}/{id}.{ext}";
            sub: Value = "subject of the caller";
            allowed: Value = "allowed content types and their extensions: {type:[extension,…],…}";
        }
        optional {
            issuer_name: Value = "name of the caller's issuer, the value of {issuer}";
            uuid: Value = "value of {id}; default a random one";
            filename: Value = "file name that the client states";
            content_type: Value = "content type that the client states";
            content_length: Value = "size in bytes that the client states";
            content_disposition: Value = "Content-Disposition that the client requests";
            metadata: Value = "metadata that the client states: {name:value,…}";
            tags: Value = "tags that the client states: {key:value,…}";
            max_content_length: Value = "maximum size in bytes; default 5 GiB";
            max_filename_bytes: Value = "maximum length of the file name in bytes";
        }
    }
}

/// Returns the section of `upsign key --help` about batches.
pub(crate) fn help() -> String {
    members::help::<Line>(
        "--batch",
        &[
            r#"{"id","result":"accept","key","headers":[[name,value],…]}"#,
            r#"{"id","result":"reject","code","http"}"#,
        ],
    )
}

/// A rejection: its code, and the HTTP status of the API's response.
struct Rejected {
    code: &'static str,
    http: u16,
}

const fn bad_request(code: &'static str) -> Rejected {
    Rejected { code, http: 400 }
}

impl From<Denied> for Rejected {
    fn from(denied: Denied) -> Self {
        let http = match denied.kind() {
            DeniedKind::Forbidden => 403,
            DeniedKind::TooLarge => 413,
            DeniedKind::UnsupportedMediaType => 415,
            DeniedKind::Fault => 500,
            _ => 400,
        };
        Self { code: denied.code(), http }
    }
}

pub(crate) async fn run() -> Result<Exit, CommandError> {
    engine::run(async |line: Line| -> Result<Value, LineError> {
        Ok(match authorize(&line) {
            Ok(permit) => {
                let headers = permit.headers().into_iter().flat_map(SignedHeaders::iter);
                let headers: Vec<[&str; 2]> = headers.map(|(name, value)| [name, value]).collect();
                json!({"result": "accept", "key": permit.key().as_str(), "headers": headers})
            }
            Err(Rejected { code, http }) => json!({"result": "reject", "code": code, "http": http}),
        })
    })
    .await
}

fn authorize(line: &Line) -> Result<Permit, Rejected> {
    let policy = policy(line)?;
    let sub = line.sub.as_str().unwrap_or_default();
    let subject_invalid = Rejected { code: "subject-invalid", http: 403 };
    let mut caller = Identity::from_verified("https://issuer.example", sub).map_err(|_| subject_invalid)?;
    if let Some(name) = string(line.issuer_name.as_ref(), "issuer-name-invalid")? {
        caller = caller.with_issuer_name(name.parse().map_err(|_| bad_request("issuer-name-invalid"))?);
    }
    let id = match &line.uuid {
        None => {
            RandomIds.next(Timestamp::UNIX_EPOCH).map_err(|_| Rejected { code: "internal", http: 500 })?
        }
        Some(Value::String(text)) => text.parse().map_err(|_| bad_request("id-invalid"))?,
        Some(_) => return Err(bad_request("id-invalid")),
    };
    let ids = Ids::new(Timestamp::UNIX_EPOCH, id);
    Ok(policy.authorize(&caller, &request(line)?, &ids)?)
}

/// Returns the policy of a line. A client may state everything that a line can contain.
fn policy(line: &Line) -> Result<UploadPolicy, Rejected> {
    let template = line.template.as_str().ok_or(bad_request("template-required"))?;
    let template = KeyTemplate::parse(template, &[]).map_err(|_| bad_request("template-invalid"))?;
    let limit = match &line.max_content_length {
        None => SizeLimit::MAX_PUT,
        Some(max) => max.as_u64().ok_or(bad_request("max-content-length-invalid"))?,
    };
    let size = SizeLimit::up_to(limit).ok().filter(|size| size.max() <= SizeLimit::MAX_PUT);
    let size = size.ok_or(bad_request("max-content-length-invalid"))?;
    let mut policy = UploadPolicy::builder(target()?, template, Bodyless::Refuse)
        .content(rules(&line.allowed)?)
        .size(size)
        .disposition(Disposition::FromClient)
        .metadata(MetadataOptions::new().client(ClientMetadata::Any))
        .tags(TagOptions::new().client(true));
    if let Some(max) = &line.max_filename_bytes {
        let limit = max.as_u64().and_then(|bytes| usize::try_from(bytes).ok());
        let limit = limit.ok_or(bad_request("max-filename-bytes-invalid"))?;
        policy = policy.file_names(FileNameOptions::new().max_bytes(limit));
    }
    policy.build().map_err(|error| match error {
        InvalidUploadPolicy::SharedKey => bad_request("template-invalid"),
        _ => bad_request("policy-invalid"),
    })
}

/// Returns an arbitrary target: no URL is made, so bucket and region do not matter.
fn target() -> Result<Target, Rejected> {
    let internal = Rejected { code: "internal", http: 500 };
    match ("bucket".parse(), "us-east-1".parse()) {
        (Ok(bucket), Ok(region)) => Ok(Target::aws(bucket, region)),
        _ => Err(internal),
    }
}

fn rules(allowed: &Value) -> Result<ContentRules, Rejected> {
    let allowed = allowed.as_object().ok_or(bad_request("allowed-invalid"))?;
    let mut rules = ContentRules::new(allowed.keys()).map_err(|_| bad_request("allowed-invalid"))?;
    for (content_type, extensions) in allowed {
        let extensions = extensions.as_array().map(|list| list.iter().map(Value::as_str).collect());
        let extensions: Option<Vec<&str>> = extensions.ok_or(bad_request("allowed-invalid"))?;
        let extensions = extensions.ok_or(bad_request("allowed-invalid"))?;
        rules =
            rules.with_extensions(content_type, extensions).map_err(|_| bad_request("allowed-invalid"))?;
    }
    Ok(rules)
}

fn request(line: &Line) -> Result<UploadRequest, Rejected> {
    let mut upload = UploadRequest::described();
    if let Some(length) = &line.content_length {
        // The API's limit: JavaScript clients cannot write larger numbers exactly.
        let length = length.as_u64().filter(|length| *length <= 1 << 53);
        upload = upload.with_content_length(length.ok_or(bad_request("content-length-invalid"))?);
    }
    if let Some(text) = string(line.content_type.as_ref(), "content-type-invalid")? {
        upload = upload.with_content_type(text);
    }
    if let Some(text) = string(line.filename.as_ref(), "file-name-invalid")? {
        upload = upload.with_file_name(text);
    }
    if let Some(text) = string(line.content_disposition.as_ref(), "content-disposition-invalid")? {
        upload = upload.with_content_disposition(text);
    }
    for (name, value) in pairs(line.metadata.as_ref(), "metadata-invalid")? {
        upload = upload.with_metadata(name, value);
    }
    for (key, value) in pairs(line.tags.as_ref(), "tags-invalid")? {
        upload = upload.with_tag(key, value);
    }
    Ok(upload)
}

fn string<'a>(value: Option<&'a Value>, code: &'static str) -> Result<Option<&'a str>, Rejected> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        _ => Err(bad_request(code)),
    }
}

fn pairs<'a>(value: Option<&'a Value>, code: &'static str) -> Result<Vec<(&'a str, &'a str)>, Rejected> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::Object(members)) => {
            let pair = |(name, value): (&'a String, &'a Value)| Some((name.as_str(), value.as_str()?));
            members.iter().map(pair).collect::<Option<_>>().ok_or(bad_request(code))
        }
        _ => Err(bad_request(code)),
    }
}
