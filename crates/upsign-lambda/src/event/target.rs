//! The path and the query of a request.

use std::borrow::Cow;
use std::fmt::Write;

use http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{EventSource, Malformed, Members, members, text, texts};

/// The characters that cannot be in a path. Gateways decode some paths, so a path can have any character. `%` is not encoded,
/// because the path may also be one that is still encoded.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The characters that cannot be in a query that is already encoded.
const QUERY: &AsciiSet = &PATH.remove(b'?');

/// Every character that has a meaning in a query, for names and values that the gateway has decoded.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Returns the URI with this path, which begins with `/`, and this query.
pub(super) fn uri(path: &str, query: &str) -> Result<Uri, Malformed> {
    let mut target = utf8_percent_encode(path, PATH).to_string();
    if !query.is_empty() {
        target.push('?');
        target.push_str(query);
    }
    // The only error that is left is the length: a `Uri` has at most 65,534 bytes.
    Uri::builder().path_and_query(target).build().map_err(|_| Malformed::TargetTooLong)
}

/// Returns the query without the question mark, or an empty text.
pub(super) fn query(source: EventSource, root: &Members) -> Result<String, Malformed> {
    match source {
        EventSource::HttpV2 | EventSource::FunctionUrl => {
            let query = text(root, "rawQueryString", Malformed::Query)?.unwrap_or_default();
            Ok(utf8_percent_encode(query, QUERY).to_string())
        }
        // A REST API decodes names and values. A load balancer passes them on as they were.
        EventSource::RestV1 => join(root, COMPONENT),
        EventSource::Alb => join(root, QUERY),
    }
}

/// Joins the parameters of a query. Those with several values are in addition to, or in place of, those with one.
fn join(root: &Members, set: &'static AsciiSet) -> Result<String, Malformed> {
    let mut query = String::new();
    let mut push = |name: &str, value: &str| {
        let separator = if query.is_empty() { "" } else { "&" };
        let (name, value) = (utf8_percent_encode(name, set), utf8_percent_encode(value, set));
        write!(query, "{separator}{name}={value}").map_err(|_| Malformed::Query)
    };
    let mut parameters = members(root, "multiValueQueryStringParameters", Malformed::Query)?.peekable();
    if parameters.peek().is_some() {
        for (name, values) in parameters {
            for value in texts(values, Malformed::Query)? {
                push(name, value?)?;
            }
        }
    } else {
        for (name, value) in members(root, "queryStringParameters", Malformed::Query)? {
            push(name, value.as_str().ok_or(Malformed::Query)?)?;
        }
    }
    Ok(query)
}

/// Removes the base path that a custom domain name maps to the API. `resource` is the path without it: that of the matched route.
pub(super) fn without_base_path<'a>(path: &'a str, resource: Option<&str>) -> &'a str {
    let resource = resource.filter(|resource| resource.starts_with('/'));
    let start = resource.and_then(|resource| path.strip_suffix(resource)).map_or(0, str::len);
    path.get(start..).unwrap_or(path)
}

/// Returns the path of the matched route: `resource`, such as `/upload-url` or `/{proxy+}`, with the values of its parameters.
///
/// A catch-all route without parameters (`$default`) has no such path, nor has an event without the values.
pub(super) fn matched<'a>(resource: &'a str, root: &'a Members) -> Result<Option<Cow<'a, str>>, Malformed> {
    if !resource.contains('{') {
        return Ok(Some(resource.into()));
    }
    let values: Vec<_> = members(root, "pathParameters", Malformed::Path)?.collect();
    let mut path = String::new();
    for segment in resource.split('/').skip(1) {
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let name = name.map(|name| name.strip_suffix('+').unwrap_or(name));
        let value = match name {
            None => Some(segment),
            Some(name) => {
                values.iter().find(|(known, _)| known.as_str() == name).and_then(|(_, value)| value.as_str())
            }
        };
        let Some(value) = value else { return Ok(None) };
        path.push('/');
        path.push_str(value);
    }
    Ok(Some(path.into()))
}

/// Removes the name of the stage, which an HTTP API puts in front of the path unless it is `$default`.
pub(super) fn without_stage<'a>(path: &'a str, stage: Option<&str>) -> &'a str {
    let stripped = stage.and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage));
    stripped.filter(|rest| rest.starts_with('/')).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn queries_are_encoded_once() {
        let query = |source, event: serde_json::Value| query(source, event.as_object().unwrap());
        let one = json!({"queryStringParameters": {"a b": "c&d=%41", "e": ""}});
        assert_eq!(query(EventSource::RestV1, one.clone()), Ok("a%20b=c%26d%3D%2541&e=".into()));
        let encoded = json!({"queryStringParameters": {"a%20b": "c%26d+e"}});
        assert_eq!(query(EventSource::Alb, encoded), Ok("a%20b=c%26d+e".into()));
        let many = json!({"queryStringParameters": {"a": "2"}, "multiValueQueryStringParameters": {"a": ["1", "2"]}});
        assert_eq!(query(EventSource::RestV1, many), Ok("a=1&a=2".into()));
        let raw = json!({"rawQueryString": "a=1&b=%20?/ \u{e9}#"});
        assert_eq!(query(EventSource::HttpV2, raw), Ok("a=1&b=%20?/%20%C3%A9%23".into()));
        for value in [json!(7), json!([]), json!("a")] {
            assert_eq!(
                query(EventSource::Alb, json!({"queryStringParameters": value})),
                Err(Malformed::Query)
            );
        }
        assert_eq!(query(EventSource::HttpV2, json!({"rawQueryString": {}})), Err(Malformed::Query));
    }

    #[test]
    fn base_path_is_what_the_matched_route_does_not_contain() {
        let event = json!({"pathParameters": {"proxy": "a/b", "id": "7", "number": 7}});
        let event = event.as_object().unwrap();
        for (path, resource, expected) in [
            ("/v1/a/b", "/{proxy+}", "/a/b"),
            ("/a/b", "/{proxy+}", "/a/b"),
            ("/v1/api/a/b", "/api/{proxy+}", "/api/a/b"),
            ("/v1/users/7/a/b", "/users/{id}/{proxy+}", "/users/7/a/b"),
            ("/v1/a/b", "/{other+}", "/v1/a/b"),
            ("/v1/7", "/{number}", "/v1/7"),
            ("/v1/upload-url", "/upload-url", "/upload-url"),
            ("/upload-url", "$default", "/upload-url"),
            ("/v1/a/c", "/{proxy+}", "/v1/a/c"),
        ] {
            let matched = matched(resource, event).unwrap();
            assert_eq!(without_base_path(path, matched.as_deref()), expected, "{path} {resource}");
        }
        let invalid = json!({"pathParameters": "a/b"});
        assert_eq!(matched("/{proxy+}", invalid.as_object().unwrap()), Err(Malformed::Path));
    }

    #[test]
    fn every_text_is_a_path() {
        let all: String = (0..=0x3ff).filter_map(char::from_u32).collect();
        let built = uri(&format!("/{all}"), "").unwrap();
        let decoded = percent_encoding::percent_decode_str(built.path()).decode_utf8().unwrap();
        assert_eq!(decoded, format!("/{all}"));
        assert_eq!(built.query(), None);
        assert_eq!(uri("/a", "b=c").unwrap(), "/a?b=c");
        assert!(uri(&format!("/{}", "a".repeat(65_533)), "").is_ok());
        assert_eq!(uri(&format!("/{}", "a".repeat(65_534)), ""), Err(Malformed::TargetTooLong));
    }
}
