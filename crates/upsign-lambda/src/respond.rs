//! Converts HTTP responses into the form that the sender of the event expects.
//!
//! Every response can be converted: a header whose value is not UTF-8 loses the bytes that are not, because an event is JSON.

use http::header::{HeaderName, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Response};
use serde_json::{Map, Value, json};

use crate::event::EventSource;

/// Converts a response for the sender of the event.
pub(crate) fn write(source: EventSource, response: Response<String>) -> Value {
    let (parts, body) = response.into_parts();
    let status = parts.status.as_u16();
    let mut answer = match source {
        // `headers` stays empty, because the gateway would send a header that is in both members twice.
        EventSource::RestV1 => json!({"headers": {}, "multiValueHeaders": lists(&parts.headers)}),
        EventSource::HttpV2 | EventSource::FunctionUrl => {
            let mut headers = parts.headers;
            // A cookie contains commas, so cookies cannot be joined as other headers are.
            let cookies: Vec<Value> = headers.get_all(SET_COOKIE).iter().map(text).map(Value::from).collect();
            headers.remove(SET_COOKIE);
            json!({"headers": joined(&headers), "cookies": cookies})
        }
        EventSource::Alb => {
            let reason = parts.status.canonical_reason().unwrap_or_default();
            json!({
                "statusDescription": format!("{status} {reason}"),
                // A target group reads one of the two members, depending on its setting for multi-value headers.
                "headers": joined(&parts.headers),
                "multiValueHeaders": lists(&parts.headers),
            })
        }
    };
    if let Value::Object(members) = &mut answer {
        members.insert("statusCode".into(), status.into());
        members.insert("isBase64Encoded".into(), false.into());
        if !body.is_empty() {
            members.insert("body".into(), body.into());
        }
    }
    answer
}

/// Returns each header with the list of its values.
fn lists(headers: &HeaderMap) -> Map<String, Value> {
    let values = |name: &HeaderName| headers.get_all(name).iter().map(text).map(Value::from).collect();
    headers.keys().map(|name| (name.as_str().to_owned(), Value::Array(values(name)))).collect()
}

/// Returns each header with its values joined by commas (RFC 9110 section 5.3).
fn joined(headers: &HeaderMap) -> Map<String, Value> {
    let values = |name: &HeaderName| headers.get_all(name).iter().map(text).collect::<Vec<_>>().join(", ");
    headers.keys().map(|name| (name.as_str().to_owned(), values(name).into())).collect()
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// Removes the CORS headers. An HTTP API with a CORS configuration adds its own and ignores those of the function.
pub(crate) fn remove_cors(headers: &mut HeaderMap) {
    let cors: Vec<_> =
        headers.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
    for name in cors {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_value_can_be_answered() {
        let response = || {
            let mut response = Response::new(String::new());
            let headers = response.headers_mut();
            headers.append("x", HeaderValue::from_bytes(b"a\xff").unwrap());
            headers.append("x", HeaderValue::from_static("b"));
            headers.append("set-cookie", HeaderValue::from_static("c=1"));
            headers.append("set-cookie", HeaderValue::from_static("d=2"));
            response
        };
        let lists = json!({"x": ["a\u{fffd}", "b"], "set-cookie": ["c=1", "d=2"]});
        let rest = write(EventSource::RestV1, response());
        let expected =
            json!({"statusCode": 200, "headers": {}, "multiValueHeaders": lists, "isBase64Encoded": false});
        assert_eq!(rest, expected);
        let http = write(EventSource::HttpV2, response());
        assert_eq!(
            (&http["headers"], &http["cookies"]),
            (&json!({"x": "a\u{fffd}, b"}), &json!(["c=1", "d=2"]))
        );
        let alb = write(EventSource::Alb, response());
        assert_eq!((&alb["multiValueHeaders"], &alb["statusDescription"]), (&lists, &json!("200 OK")));
        assert_eq!(alb["headers"]["x"], "a\u{fffd}, b");
    }
}
