//! The supported kinds of event, recognized by members that only their gateway sets.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};
use upsign_json::{Json, Limits, read};
use upsign_jwt::Rejection;

type Members = Map<String, Value>;

/// An event of a supported kind, and the part of it that contains the identity.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event<'a> {
    /// REST API: the `requestContext`.
    RestV1(&'a Members),
    /// HTTP API with payload format 1.0: the `requestContext`. Its members are those of a REST API, but its values are spelled
    /// as in payload format 2.0.
    HttpV1(&'a Members),
    /// HTTP API with payload format 2.0, or function URL: the `requestContext`.
    HttpV2(&'a Members),
    /// Load balancer: the whole event, because the identity is in its headers.
    Alb(&'a Members),
    /// AppSync direct resolver: the `identity`, which is `None` for an API key.
    AppSync(Option<&'a Members>),
}

/// The kind of authorizer that the gateway has used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authorizer {
    Iam,
    Other,
}

/// Parses the text of an event. Duplicate members are refused at any depth.
///
/// The limits are 16 MiB, well above the largest request of Lambda, and 64 levels.
///
/// # Errors
/// Returns [`Rejection::EventJson`] if the text is not strict JSON.
pub fn parse_event(text: &[u8]) -> Result<Value, Rejection> {
    read(text, EVENT_LIMITS).map(Json::into_value).map_err(Rejection::EventJson)
}

const EVENT_LIMITS: Limits = Limits::new(16 * 1024 * 1024, 64);

/// Returns the value of the `Authorization` header of an HTTP event of any supported kind. Use [`bearer`](crate::bearer) to
/// extract the token.
///
/// # Errors
/// Returns [`Rejection::NoAuthorization`] if the header is absent and [`Rejection::SeveralAuthorizations`] if it is present
/// more than once, even with equal values. Returns [`Rejection::UnsupportedEvent`], [`Rejection::OtherEvent`] or
/// [`Rejection::MalformedEvent`] if `event` is not a valid HTTP event.
pub fn authorization(event: &Value) -> Result<&str, Rejection> {
    let root = event.as_object().ok_or(Rejection::UnsupportedEvent)?;
    match Event::read(event)? {
        Event::AppSync(_) => Err(Rejection::OtherEvent),
        Event::RestV1(_) | Event::HttpV1(_) | Event::HttpV2(_) | Event::Alb(_) => {
            header(root, "authorization")
                .map_err(|()| Rejection::SeveralAuthorizations)?
                .ok_or(Rejection::NoAuthorization)
        }
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
            return Err(Rejection::UnsupportedEvent); // A WebSocket API has no HTTP request.
        }
        match version {
            None if is_object("elb") => Ok(Self::Alb(root)),
            Some("2.0") if is_object("http") => Ok(Self::HttpV2(context)),
            None | Some("1.0")
                if root.get("httpMethod").is_some_and(Value::is_string) && !is_object("http") =>
            {
                Ok(if version.is_some() { Self::HttpV1(context) } else { Self::RestV1(context) })
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

    /// Returns which authorizer the gateway has used. It uses one per route.
    ///
    /// In payload format 1.0, IAM is recognized by the absence of an `authorizer` and by a caller with an ARN or an identity
    /// id.
    pub(crate) fn authorizer(&self) -> Authorizer {
        let is_iam = match self {
            Self::RestV1(context) | Self::HttpV1(context) => {
                let is_iam_caller = |identity: &Members| {
                    ["userArn", "cognitoIdentityId"].iter().any(|name| text(identity, name).is_some())
                };
                object(context, "authorizer").is_none()
                    && object(context, "identity").is_some_and(is_iam_caller)
            }
            Self::HttpV2(context) => {
                object(context, "authorizer").is_some_and(|authorizer| object(authorizer, "iam").is_some())
            }
            Self::Alb(_) | Self::AppSync(_) => false,
        };
        if is_iam { Authorizer::Iam } else { Authorizer::Other }
    }
}

/// Returns the member `name` if it is an object.
pub(crate) fn object<'a>(members: &'a Members, name: &str) -> Option<&'a Members> {
    members.get(name).and_then(Value::as_object)
}

/// Returns the member `name` if it is a string. Gateways write absent values as `null` or as an empty string, so an empty
/// string counts as absent.
pub(crate) fn text<'a>(members: &'a Members, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Returns the value of a header that must not be repeated, or an error if it is.
///
/// An event has `headers`, `multiValueHeaders` or both. With both, `headers` has only the last of several values, so the
/// values must agree.
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

/// Checks that a body is a string, and valid base64 if `isBase64Encoded` is true.
fn check_body(root: &Members) -> Result<(), Rejection> {
    let malformed = Rejection::MalformedEvent { part: "body" };
    match (root.get("isBase64Encoded"), root.get("body")) {
        (_, None | Some(Value::Null)) | (None | Some(Value::Bool(false)), Some(Value::String(_))) => Ok(()),
        (Some(Value::Bool(true)), Some(Value::String(body))) if is_base64(body) => Ok(()),
        _ => Err(malformed),
    }
}

fn is_base64(body: &str) -> bool {
    // Decoded in chunks, so that a large body needs no memory. A chunk is whole groups of four characters, and only the
    // last one may have padding.
    const CHUNK: usize = 4_096;
    let mut bytes = [0; CHUNK];
    let mut chunks = body.as_bytes().chunks(CHUNK).peekable();
    while let Some(chunk) = chunks.next() {
        let is_last = chunks.peek().is_none();
        let decoded = BASE64_STANDARD.decode_slice(chunk, &mut bytes);
        if decoded.is_err() || (!is_last && chunk.ends_with(b"=")) {
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
    fn authorization_header_must_be_unique() {
        let header = |headers: Value, multi: Value| authorization(&rest(&headers, &multi)).map(str::to_owned);
        let several = Err(Rejection::SeveralAuthorizations);
        assert_eq!(header(json!({"Authorization": "a"}), Value::Null).as_deref(), Ok("a"));
        assert_eq!(
            header(json!({"authorization": "a"}), json!({"authorization": ["a"]})).as_deref(),
            Ok("a")
        );
        assert_eq!(header(Value::Null, json!({"AUTHORIZATION": ["a"]})).as_deref(), Ok("a"));
        assert_eq!(header(json!({}), Value::Null), Err(Rejection::NoAuthorization));
        assert_eq!(header(json!({"Authorization": "a", "authorization": "a"}), Value::Null), several);
        assert_eq!(header(json!({"authorization": "b"}), json!({"authorization": ["a", "b"]})), several);
        assert_eq!(header(json!({"authorization": "a"}), json!({"authorization": ["b"]})), several);
        assert_eq!(header(json!({"authorization": ["a"]}), Value::Null), several);
    }

    #[test]
    fn base64_is_checked_at_any_length() {
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
    fn duplicate_members_of_an_event_are_refused() {
        assert!(parse_event(br#"{"a":{"b":[1]}}"#).is_ok());
        assert_eq!(
            parse_event(br#"{"a":{"b":1,"b":2}}"#),
            Err(Rejection::EventJson(crate::InvalidJson::Duplicate))
        );
        assert!(parse_event("[".repeat(100_000).as_bytes()).is_err());
    }
}
