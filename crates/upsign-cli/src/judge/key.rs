//! `upsign key --batch`: where uploads would go, and with which headers.

use serde::Deserialize;
use serde_json::{Value, json};
use upsign::{IdSource, RandomIds};
use upsign_core::{Identity, SignedHeaders, Target, Timestamp};
use upsign_policy::{
    Bodyless, ClientMetadata, ContentRules, Denied, DeniedKind, Disposition, FileNames, Ids, KeyTemplate,
    Permit, SizeLimit, UploadPolicy, UploadRequest,
};

use super::lines::{self, Answer, members};
use crate::exit::{Exit, Failed};

/// A policy, a caller and a request. Any member may be absent, and of any type: what it then comes to is a verdict like
/// every other.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default, rename = "id")]
    _id: serde::de::IgnoredAny,
    #[serde(default)]
    template: Value,
    #[serde(default)]
    sub: Value,
    #[serde(default)]
    uuid: Value,
    #[serde(default)]
    filename: Value,
    #[serde(default)]
    content_type: Value,
    #[serde(default)]
    content_disposition: Value,
    #[serde(default)]
    metadata: Value,
    #[serde(default)]
    tags: Value,
    #[serde(default)]
    content_length: Value,
    #[serde(default)]
    max_content_length: Value,
    #[serde(default)]
    max_filename_bytes: Value,
    #[serde(default)]
    allowed: Value,
}

/// A refusal: its code, and the status of the API's answer.
struct Refusal {
    code: &'static str,
    http: u16,
}

const fn bad(code: &'static str) -> Refusal {
    Refusal { code, http: 400 }
}

impl From<Denied> for Refusal {
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

pub(crate) fn keys() -> Result<Exit, Failed> {
    lines::answer(|line: Line| -> Answer {
        Ok(members(match decide(&line) {
            Ok(permit) => {
                let headers = permit.headers().into_iter().flat_map(SignedHeaders::iter);
                let headers: Vec<[&str; 2]> = headers.map(|(name, value)| [name, value]).collect();
                json!({"result": "accept", "key": permit.key().as_str(), "headers": headers})
            }
            Err(Refusal { code, http }) => json!({"result": "reject", "code": code, "http": http}),
        }))
    })
}

fn decide(line: &Line) -> Result<Permit, Refusal> {
    let policy = policy(line)?;
    let sub = line.sub.as_str().unwrap_or_default();
    let subject_invalid = Refusal { code: "subject-invalid", http: 403 };
    let who = Identity::vouched("https://issuer.example", sub).map_err(|_| subject_invalid)?;
    let id = match &line.uuid {
        Value::Null => {
            RandomIds.next(Timestamp::UNIX_EPOCH).map_err(|_| Refusal { code: "internal", http: 500 })?
        }
        Value::String(text) => text.parse().map_err(|_| bad("id-invalid"))?,
        _ => return Err(bad("id-invalid")),
    };
    let ids = Ids::new(Timestamp::UNIX_EPOCH, id);
    Ok(policy.authorize(&who, &request(line)?, &ids)?)
}

/// A policy under which a client may state all that a line can say.
fn policy(line: &Line) -> Result<UploadPolicy, Refusal> {
    let template = line.template.as_str().ok_or(bad("template-required"))?;
    let template = KeyTemplate::parse(template, &[]).map_err(|_| bad("template-invalid"))?;
    let limit = match &line.max_content_length {
        Value::Null => SizeLimit::MAX_PUT,
        max => max.as_u64().ok_or(bad("max-content-length-invalid"))?,
    };
    let size = SizeLimit::up_to(limit).map_err(|_| bad("max-content-length-invalid"))?;
    let mut policy = UploadPolicy::builder(target()?, template, Bodyless::Refuse)
        .content(rules(&line.allowed)?)
        .size(size)
        .file_names(FileNames::Refuse)
        .disposition(Disposition::FromClient)
        .client_metadata(ClientMetadata::Any)
        .client_tags(true);
    if !line.max_filename_bytes.is_null() {
        let limit = line.max_filename_bytes.as_u64().and_then(|bytes| usize::try_from(bytes).ok());
        policy = policy.max_file_name(limit.ok_or(bad("max-filename-bytes-invalid"))?);
    }
    policy.build().map_err(|_| bad("policy-invalid"))
}

/// No address is printed, so any will do.
fn target() -> Result<Target, Refusal> {
    let internal = Refusal { code: "internal", http: 500 };
    match ("bucket".parse(), "us-east-1".parse()) {
        (Ok(bucket), Ok(region)) => Ok(Target::aws(bucket, region)),
        _ => Err(internal),
    }
}

fn rules(allowed: &Value) -> Result<ContentRules, Refusal> {
    let allowed = allowed.as_object().ok_or(bad("allowed-invalid"))?;
    let mut rules = ContentRules::of(allowed.keys()).map_err(|_| bad("allowed-invalid"))?;
    for (content_type, extensions) in allowed {
        let extensions = extensions.as_array().map(|list| list.iter().map(Value::as_str).collect());
        let extensions: Option<Vec<&str>> = extensions.ok_or(bad("allowed-invalid"))?;
        let extensions = extensions.ok_or(bad("allowed-invalid"))?;
        rules = rules.with_extensions(content_type, extensions).map_err(|_| bad("allowed-invalid"))?;
    }
    Ok(rules)
}

fn request(line: &Line) -> Result<UploadRequest, Refusal> {
    let mut what = UploadRequest::described();
    if !line.content_length.is_null() {
        // As on the wire: a whole number up to 2^53.
        let length = line.content_length.as_u64().filter(|length| *length <= 1 << 53);
        what = what.with_content_length(length.ok_or(bad("content-length-invalid"))?);
    }
    if let Some(text) = text(&line.content_type, "content-type-invalid")? {
        what = what.with_content_type(text);
    }
    if let Some(text) = text(&line.filename, "file-name-invalid")? {
        what = what.with_file_name(text);
    }
    if let Some(text) = text(&line.content_disposition, "content-disposition-invalid")? {
        what = what.with_content_disposition(text);
    }
    for (name, value) in pairs(&line.metadata, "metadata-invalid")? {
        what = what.with_metadata(name, value);
    }
    for (key, value) in pairs(&line.tags, "tags-invalid")? {
        what = what.with_tag(key, value);
    }
    Ok(what)
}

fn text<'a>(value: &'a Value, code: &'static str) -> Result<Option<&'a str>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Err(bad(code)),
    }
}

fn pairs<'a>(value: &'a Value, code: &'static str) -> Result<Vec<(&'a str, &'a str)>, Refusal> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Object(members) => {
            let pair = |(name, value): (&'a String, &'a Value)| Some((name.as_str(), value.as_str()?));
            members.iter().map(pair).collect::<Option<_>>().ok_or(bad(code))
        }
        _ => Err(bad(code)),
    }
}
