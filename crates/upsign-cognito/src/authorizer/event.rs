//! The kinds of event, told apart by what only their gateway writes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};

use crate::{Rejection, json};

type Members = Map<String, Value>;

/// An event of a kind that may carry an identity.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event<'a> {
    /// REST API, or an HTTP API with payload format 1.0: its `requestContext`.
    RestV1(&'a Members),
    /// HTTP API with payload format 2.0, or a function URL: its `requestContext`.
    HttpV2(&'a Members),
    /// A load balancer: the whole event.
    Alb(&'a Members),
    /// An AppSync direct resolver: its `identity`.
    AppSync(Option<&'a Members>),
}

/// Who the gateway says has checked the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authorizer {
    Iam,
    Other,
}

/// A text as a gateway sends it, read strictly: no member twice at any depth, bounded nesting.
///
/// # Errors
/// [`Rejection::EventJson`].
pub fn parse_event(text: &[u8]) -> Result<Value, Rejection> {
    json::value(text, EVENT_DEPTH).map_err(Rejection::EventJson)
}

const EVENT_DEPTH: u8 = 64;

/// The value of the one `Authorization` header of an HTTP event, whatever its kind; [`bearer`](crate::bearer) finds the
/// token in it.
///
/// # Errors
/// [`Rejection::NoAuthorization`]; [`Rejection::SeveralAuthorizations`] when it is there more than once, be it with the
/// same value.
pub fn authorization(event: &Value) -> Result<&str, Rejection> {
    let root = event.as_object().ok_or(Rejection::UnsupportedEvent)?;
    match Event::read(event)? {
        Event::AppSync(_) => Err(Rejection::OtherEvent),
        Event::RestV1(_) | Event::HttpV2(_) | Event::Alb(_) => header(root, "authorization")
            .map_err(|()| Rejection::SeveralAuthorizations)?
            .ok_or(Rejection::NoAuthorization),
    }
}

impl<'a> Event<'a> {
    pub(crate) fn read(event: &'a Value) -> Result<Self, Rejection> {
        let root = event.as_object().ok_or(Rejection::UnsupportedEvent)?;
        let event = match root.get("requestContext") {
            Some(Value::Object(context)) => Self::http(root, context)?,
            Some(_) => return Err(Rejection::UnsupportedEvent),
            None => return Self::app_sync(root),
        };
        check_body(root)?;
        Ok(event)
    }

    fn http(root: &'a Members, context: &'a Members) -> Result<Self, Rejection> {
        let is_object = |name: &str| context.get(name).is_some_and(Value::is_object);
        let version = root.get("version").map(|version| version.as_str().unwrap_or_default());
        if context.contains_key("connectionId") || context.contains_key("eventType") {
            return Err(Rejection::UnsupportedEvent); // A WebSocket API: no request to answer.
        }
        match version {
            None if is_object("elb") => Ok(Self::Alb(root)),
            Some("2.0") if is_object("http") => Ok(Self::HttpV2(context)),
            None | Some("1.0")
                if root.get("httpMethod").is_some_and(Value::is_string) && !is_object("http") =>
            {
                Ok(Self::RestV1(context))
            }
            _ => Err(Rejection::UnsupportedEvent),
        }
    }

    fn app_sync(root: &'a Members) -> Result<Self, Rejection> {
        let is_resolver = root.get("info").is_some_and(Value::is_object) && root.contains_key("arguments");
        match root.get("identity") {
            Some(Value::Object(identity)) if is_resolver => Ok(Self::AppSync(Some(identity))),
            Some(Value::Null) if is_resolver => Ok(Self::AppSync(None)),
            _ => Err(Rejection::UnsupportedEvent),
        }
    }

    /// A gateway uses one authorizer per route. In an event of format 1 that is IAM when there is no authorizer's output
    /// but a caller with an ARN or an identity id.
    pub(crate) fn authorizer(&self) -> Authorizer {
        let is_iam = match self {
            Self::RestV1(context) => {
                let is_named = |identity: &Members| {
                    ["userArn", "cognitoIdentityId"].iter().any(|name| text(identity, name).is_some())
                };
                object(context, "authorizer").is_none() && object(context, "identity").is_some_and(is_named)
            }
            Self::HttpV2(context) => {
                object(context, "authorizer").is_some_and(|authorizer| object(authorizer, "iam").is_some())
            }
            Self::Alb(_) | Self::AppSync(_) => false,
        };
        if is_iam { Authorizer::Iam } else { Authorizer::Other }
    }
}

/// The object under `name`.
pub(crate) fn object<'a>(members: &'a Members, name: &str) -> Option<&'a Members> {
    members.get(name).and_then(Value::as_object)
}

/// The text under `name`; gateways write absent values as `null` or as an empty text.
pub(crate) fn text<'a>(members: &'a Members, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The value of a header that must not be there twice. An event has `headers`, `multiValueHeaders` or both: then each
/// tells the same, the former of the last value only.
pub(crate) fn header<'a>(root: &'a Members, name: &str) -> Result<Option<&'a str>, ()> {
    let named = |member: &str| {
        let headers = object(root, member).into_iter().flatten();
        headers
            .filter(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect::<Vec<_>>()
    };
    let single = match named("headers").as_slice() {
        [] => None,
        [value] => Some(value.as_str().ok_or(())?),
        _ => return Err(()),
    };
    let multi = match named("multiValueHeaders").as_slice() {
        [] => None,
        [Value::Array(values)] => match values.as_slice() {
            [Value::String(value)] => Some(value.as_str()),
            _ => return Err(()),
        },
        _ => return Err(()),
    };
    match (single, multi) {
        (Some(single), Some(multi)) if single != multi => Err(()),
        (single, multi) => Ok(single.or(multi)),
    }
}

/// A body that says it is base64 is base64.
fn check_body(root: &Members) -> Result<(), Rejection> {
    let malformed = Rejection::MalformedEvent { part: "body" };
    match (root.get("isBase64Encoded"), root.get("body")) {
        (_, None | Some(Value::Null)) | (None | Some(Value::Bool(false)), Some(Value::String(_))) => Ok(()),
        (Some(Value::Bool(true)), Some(Value::String(body))) if is_base64(body) => Ok(()),
        _ => Err(malformed),
    }
}

fn is_base64(body: &str) -> bool {
    const PIECE: usize = 4_096; // Whole groups of four: only the last piece may be padded.
    let mut bytes = [0; PIECE];
    let mut pieces = body.as_bytes().chunks(PIECE).peekable();
    while let Some(piece) = pieces.next() {
        let last = pieces.peek().is_none();
        let decoded = BASE64_STANDARD.decode_slice(piece, &mut bytes);
        if decoded.is_err() || (!last && piece.ends_with(b"=")) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rest(headers: &Value, multi: &Value) -> Value {
        json!({"httpMethod": "POST", "requestContext": {}, "headers": headers, "multiValueHeaders": multi})
    }

    #[test]
    fn one_authorization_header() {
        let of = |headers: Value, multi: Value| authorization(&rest(&headers, &multi)).map(str::to_owned);
        let several = Err(Rejection::SeveralAuthorizations);
        assert_eq!(of(json!({"Authorization": "a"}), Value::Null).as_deref(), Ok("a"));
        assert_eq!(of(json!({"authorization": "a"}), json!({"authorization": ["a"]})).as_deref(), Ok("a"));
        assert_eq!(of(Value::Null, json!({"AUTHORIZATION": ["a"]})).as_deref(), Ok("a"));
        assert_eq!(of(json!({}), Value::Null), Err(Rejection::NoAuthorization));
        assert_eq!(of(json!({"Authorization": "a", "authorization": "a"}), Value::Null), several);
        assert_eq!(of(json!({"authorization": "b"}), json!({"authorization": ["a", "b"]})), several);
        assert_eq!(of(json!({"authorization": "a"}), json!({"authorization": ["b"]})), several);
        assert_eq!(of(json!({"authorization": ["a"]}), Value::Null), several);
    }

    #[test]
    fn base64_bodies_of_any_length() {
        for length in [0, 1, 2, 3, 3_071, 3_072, 3_073, 9_000] {
            assert!(is_base64(&BASE64_STANDARD.encode(vec![7; length])), "{length}");
        }
        for body in ["*", "a", "ab", "abc", "YQ=", "YQ", "YQ==YQ==", "YWJj\n"] {
            assert!(!is_base64(body), "{body}");
        }
        let inner = format!("{}YQ=={}", "YWJj".repeat(1_023), "YWJj".repeat(10));
        assert!(!is_base64(&inner));
    }

    #[test]
    fn events_are_parsed_strictly() {
        assert!(parse_event(br#"{"a":{"b":[1]}}"#).is_ok());
        assert_eq!(
            parse_event(br#"{"a":{"b":1,"b":2}}"#),
            Err(Rejection::EventJson(crate::InvalidJson::Duplicate))
        );
        assert!(parse_event("[".repeat(100_000).as_bytes()).is_err());
    }
}
