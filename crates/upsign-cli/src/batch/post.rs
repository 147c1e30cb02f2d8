//! `upsign post --batch`.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use upsign_config::StoreSigner;
use upsign_core::{Condition, InvalidPostKey, LengthRange, PostKey, PostPolicy, PostStyle, SignPost};

use super::engine;
use super::error::LineError;
use super::members::{self, batch_line};
use super::target::{self, EndpointOptions, LineCredentials};
use crate::exit::{CommandError, Exit};

batch_line! {
    struct Line {
        required {
            bucket: String = "bucket name, or ARN of an access point";
            key: String = "object key; ${filename} at the end stands for the\nname of the file";
            region: String = "region of the bucket";
            expires_in: Value = "seconds until the form expires, 1 to 604800";
            at: String = "time of signing, as in 2026-01-31T23:59:59Z";
            credentials: LineCredentials { LineCredentials } = "credentials that sign the form";
        }
        optional {
            fields: Fields = "fields with fixed values: {name:value,…}";
            conditions: Vec<Value> = "{name:value}, [\"eq\"|\"starts-with\",\"$name\",value] or\n[\"content-length-range\",min,max]";
            endpoint: EndpointOptions { EndpointOptions } = "how the bucket is reached";
            style: String = "field names as boto3 or js writes them; default boto3";
        }
    }
}

/// Returns the section of `upsign post --help` about batches.
pub(crate) fn help() -> String {
    members::help::<Line>("--batch", &[r#"{"id","url","fields":{name:value,…}}"#])
}

#[derive(Serialize)]
struct Answer {
    url: Box<str>,
    fields: Fields,
}

/// An object whose values are strings, in the order in which they were written.
struct Fields(Vec<(Box<str>, Box<str>)>);

pub(crate) async fn run() -> Result<Exit, CommandError> {
    let signer = StoreSigner::new();
    engine::run(async |line: Line| {
        let policy = policy(&line)?;
        let at = target::at(&line.at)?;
        let post = signer.sign_post(&policy, &target::credentials(&line.credentials)?, at)?;
        Ok(Answer { url: post.url, fields: Fields(post.fields) })
    })
    .await
}

fn policy(line: &Line) -> Result<PostPolicy, LineError> {
    let target = target::target(&line.bucket, &line.region, line.endpoint.as_ref())?;
    let key = key(&line.key)?;
    let expires_in = target::expires_in(&line.expires_in)?;
    let style = match line.style.as_deref() {
        None | Some("boto3") => PostStyle::Lower,
        Some("js") => PostStyle::Js,
        Some(_) => return Err(LineError::new("unknown-style", "style must be boto3 or js")),
    };
    let (mut conditions, mut length) = (Vec::new(), None);
    for condition in line.conditions.iter().flatten() {
        match length_range(condition)? {
            Some(_) if length.is_some() => return Err(invalid("content-length-range occurs twice")),
            Some(range) => length = Some(range),
            None => conditions.extend(parse(condition)?),
        }
    }
    let policy =
        PostPolicy::new(target, key, length.unwrap_or(LengthRange::ANY), expires_in).with_style(style);
    let policy = conditions.into_iter().try_fold(policy, PostPolicy::with_condition);
    let policy = policy.map_err(LineError::with("invalid-condition"))?;
    let mut fields = line.fields.iter().flat_map(|fields| &fields.0);
    let policy = fields.try_fold(policy, |policy, (name, value)| policy.with_field(name, value));
    policy.map_err(LineError::with("invalid-field"))
}

/// Parses the key. A `${filename}` that is not at the end is taken literally, as the SDKs do, although S3 then rejects the
/// upload.
fn key(text: &str) -> Result<PostKey, LineError> {
    match text.parse::<PostKey>() {
        Err(InvalidPostKey::FileName) if !text.ends_with("${filename}") => {
            text.parse().map(|key| PostKey::exact(&key)).map_err(LineError::with("invalid-key"))
        }
        key => key.map_err(LineError::with("invalid-key")),
    }
}

fn invalid(message: &str) -> LineError {
    LineError::new("invalid-condition", message)
}

/// Returns the range of a condition such as `["content-length-range", 1, 10485760]`, or `None` for any other condition.
fn length_range(condition: &Value) -> Result<Option<LengthRange>, LineError> {
    let Some([Value::String(operator), rest @ ..]) = condition.as_array().map(Vec::as_slice) else {
        return Ok(None);
    };
    if !operator.eq_ignore_ascii_case("content-length-range") {
        return Ok(None);
    }
    let bytes = |number: &Value| number.as_u64().or_else(|| number.as_str()?.parse().ok());
    let [min, max] = rest else { return Err(invalid("content-length-range needs two numbers")) };
    let (Some(min), Some(max)) = (bytes(min), bytes(max)) else {
        return Err(invalid("content-length-range needs two numbers"));
    };
    LengthRange::new(min, max).map(Some).map_err(LineError::with("invalid-condition"))
}

/// Parses `{"acl":"private"}`, `["eq","$acl","private"]` or `["starts-with","$Content-Type","image/"]`.
fn parse(condition: &Value) -> Result<Vec<Condition>, LineError> {
    let shape = || {
        invalid(r#"a condition must be {"name":"value"}, or "eq" or "starts-with" with "$name" and a string"#)
    };
    match condition {
        Value::Object(pairs) => {
            let exact = |(name, value): (&String, &Value)| {
                value.as_str().map(|value| Condition::exact(name, value)).ok_or_else(shape)
            };
            pairs.iter().map(exact).collect()
        }
        Value::Array(parts) => {
            let [Value::String(operator), Value::String(name), Value::String(text)] = parts.as_slice() else {
                return Err(shape());
            };
            let name = name.strip_prefix('$').ok_or_else(shape)?;
            match operator.to_ascii_lowercase().as_str() {
                "eq" => Ok(vec![Condition::exact(name, text)]),
                "starts-with" => Ok(vec![Condition::starts_with(name, text)]),
                _ => Err(shape()),
            }
        }
        _ => Err(shape()),
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with string values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    fields.push(pair);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}
