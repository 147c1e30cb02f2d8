//! `upsign post --batch`.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use upsign::SigV4;
use upsign_core::{Condition, InvalidPostKey, LengthRange, PostKey, PostPolicy, PostStyle, SignPost};

use super::address::{self, Choices, Keys};
use super::lines;
use super::refused::Refused;
use crate::exit::{Exit, Failed};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default, rename = "id")]
    _id: IgnoredAny,
    bucket: String,
    key: String,
    fields: Option<Fields>,
    conditions: Option<Vec<Value>>,
    region: String,
    endpoint: Option<Choices>,
    expires_in: Value,
    at: String,
    credentials: Keys,
    style: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    url: Box<str>,
    fields: Fields,
}

/// An object of texts, in order.
struct Fields(Vec<(Box<str>, Box<str>)>);

pub(crate) async fn batch() -> Result<Exit, Failed> {
    let signer = SigV4::new();
    lines::answer(async |line: Line| {
        let policy = policy(&line)?;
        let at = address::at(&line.at)?;
        let post = signer.sign_post(&policy, &address::credentials(&line.credentials)?, at)?;
        Ok(Answer { url: post.url, fields: Fields(post.fields) })
    })
    .await
}

fn policy(line: &Line) -> Result<PostPolicy, Refused> {
    let target = address::target(&line.bucket, &line.region, line.endpoint.as_ref())?;
    let key = key(&line.key)?;
    let expires_in = address::expires_in(&line.expires_in)?;
    let style = match line.style.as_deref() {
        None | Some("boto3") => PostStyle::Lower,
        Some("js") => PostStyle::Js,
        Some(_) => return Err(Refused::new("unknown-style", "style is boto3 or js")),
    };
    let (mut conditions, mut length) = (Vec::new(), None);
    for condition in line.conditions.iter().flatten() {
        match length_range(condition)? {
            Some(_) if length.is_some() => return Err(invalid("content-length-range is there twice")),
            Some(range) => length = Some(range),
            None => conditions.extend(read(condition)?),
        }
    }
    let policy =
        PostPolicy::new(target, key, length.unwrap_or(LengthRange::ANY), expires_in).with_style(style);
    let policy = conditions.into_iter().try_fold(policy, PostPolicy::with_condition);
    let policy = policy.map_err(Refused::with("invalid-condition"))?;
    let mut fields = line.fields.iter().flat_map(|fields| &fields.0);
    let policy = fields.try_fold(policy, |policy, (name, value)| policy.with_field(name, value));
    policy.map_err(Refused::with("invalid-field"))
}

/// A `${filename}` that is followed by more is taken to the letter, as the SDKs do. S3 accepts no such form.
fn key(text: &str) -> Result<PostKey, Refused> {
    match text.parse::<PostKey>() {
        Err(InvalidPostKey::FileName) if !text.ends_with("${filename}") => {
            text.parse().map(|key| PostKey::exact(&key)).map_err(Refused::with("invalid-key"))
        }
        key => key.map_err(Refused::with("invalid-key")),
    }
}

fn invalid(message: &str) -> Refused {
    Refused::new("invalid-condition", message)
}

/// `["content-length-range", 1, 10485760]`.
fn length_range(condition: &Value) -> Result<Option<LengthRange>, Refused> {
    let Some([Value::String(operator), rest @ ..]) = condition.as_array().map(Vec::as_slice) else {
        return Ok(None);
    };
    if !operator.eq_ignore_ascii_case("content-length-range") {
        return Ok(None);
    }
    let bytes = |number: &Value| number.as_u64().or_else(|| number.as_str()?.parse().ok());
    let [min, max] = rest else { return Err(invalid("content-length-range takes two numbers")) };
    let (Some(min), Some(max)) = (bytes(min), bytes(max)) else {
        return Err(invalid("content-length-range takes two numbers"));
    };
    LengthRange::new(min, max).map(Some).map_err(Refused::with("invalid-condition"))
}

/// `{"acl":"private"}`, `["eq","$acl","private"]` or `["starts-with","$Content-Type","image/"]`.
fn read(condition: &Value) -> Result<Vec<Condition>, Refused> {
    let shape =
        || invalid(r#"a condition is {"name":"value"}, or "eq" or "starts-with" with "$name" and a text"#);
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
                f.write_str("an object of texts")
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
