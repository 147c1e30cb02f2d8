//! The headers of a request.

use http::header::COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{EventSource, Malformed, Members, members, texts};

/// Maximum size of the headers: names, values, and the four bytes that separate them on the wire.
///
/// It is the longest token that can be configured (64 KiB) plus 32 KiB for the other headers. Gateways have lower limits: 64 KiB
/// for all headers at load balancers (<https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html>),
/// and 10,240 bytes at API Gateway. A header has at least five bytes, so the limit also keeps their number (at most 19,660) below
/// the capacity of [`HeaderMap`].
const MAX_BYTES: usize = 98_304;

/// Reads the headers of an event. A header that occurs several times has all of its values.
pub(super) fn read(source: EventSource, root: &Members) -> Result<HeaderMap, Malformed> {
    let mut headers = Headers { map: HeaderMap::new(), bytes: 0 };
    match source {
        EventSource::RestV1 | EventSource::Alb => read_both(root, &mut headers)?,
        EventSource::HttpV2 | EventSource::FunctionUrl => {
            read_single(root, &mut headers)?;
            read_cookies(root, &mut headers)?;
        }
    }
    // An event may have no `Host`: HTTP/1.0 and test events.
    upsign_http::host_header(&headers.map).map_err(|_| Malformed::Host)?;
    Ok(headers.map)
}

/// Reads `multiValueHeaders` and `headers`. A REST API sends both, a load balancer one of them.
///
/// `headers` has only the last of several values. If it has a value that `multiValueHeaders` has not, the two disagree, and
/// the header has both values: a header that must be unique is then refused as one that is not.
fn read_both(root: &Members, headers: &mut Headers) -> Result<(), Malformed> {
    for (name, values) in members(root, "multiValueHeaders", Malformed::Header)? {
        let name = header_name(name)?;
        for value in texts(values, Malformed::Header)? {
            headers.append(name.clone(), value?)?;
        }
    }
    let several = headers.map.clone();
    for (name, value) in members(root, "headers", Malformed::Header)? {
        let (name, value) = (header_name(name)?, value.as_str().ok_or(Malformed::Header)?);
        if !several.get_all(&name).iter().any(|one| one.as_bytes() == value.as_bytes()) {
            headers.append(name, value)?;
        }
    }
    Ok(())
}

/// Reads `headers` of payload version 2.0, in which the gateway has joined several values with commas.
fn read_single(root: &Members, headers: &mut Headers) -> Result<(), Malformed> {
    for (name, value) in members(root, "headers", Malformed::Header)? {
        headers.append(header_name(name)?, value.as_str().ok_or(Malformed::Header)?)?;
    }
    Ok(())
}

/// Reads `cookies` of payload version 2.0: the pairs of the `Cookie` header, one text each.
fn read_cookies(root: &Members, headers: &mut Headers) -> Result<(), Malformed> {
    let Some(cookies) = root.get("cookies").filter(|cookies| !cookies.is_null()) else { return Ok(()) };
    let cookies = texts(cookies, Malformed::Cookies)?.collect::<Result<Vec<_>, _>>()?;
    if cookies.is_empty() {
        return Ok(());
    }
    headers.map.remove(COOKIE);
    headers.append(COOKIE, &cookies.join("; "))
}

struct Headers {
    map: HeaderMap,
    bytes: usize,
}

impl Headers {
    fn append(&mut self, name: HeaderName, value: &str) -> Result<(), Malformed> {
        self.bytes =
            self.bytes.saturating_add(name.as_str().len()).saturating_add(value.len()).saturating_add(4);
        if self.bytes > MAX_BYTES {
            return Err(Malformed::HeadersTooLarge(MAX_BYTES));
        }
        // From bytes, because `from_str` refuses every value that is not ASCII.
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| Malformed::Header)?;
        // `append` would panic above the capacity of the map.
        self.map.try_append(name, value).map_err(|_| Malformed::HeadersTooLarge(MAX_BYTES))?;
        Ok(())
    }
}

fn header_name(name: &str) -> Result<HeaderName, Malformed> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| Malformed::Header)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(source: EventSource, event: &Value) -> Result<Vec<(String, String)>, Malformed> {
        let headers = super::read(source, event.as_object().unwrap())?;
        let value = |value: &HeaderValue| String::from_utf8(value.as_bytes().to_vec()).unwrap();
        Ok(headers.iter().map(|(name, one)| (name.as_str().to_owned(), value(one))).collect())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn both_members_are_merged() {
        for (event, expected) in [
            (json!({}), &[][..]),
            (json!({"headers": null, "multiValueHeaders": null}), &[]),
            (json!({"headers": {"A": "1"}}), &[("a", "1")]),
            (json!({"multiValueHeaders": {"A": ["1", "2"]}}), &[("a", "1"), ("a", "2")]),
            (
                json!({"headers": {"a": "2"}, "multiValueHeaders": {"A": ["1", "2"]}}),
                &[("a", "1"), ("a", "2")],
            ),
            (json!({"headers": {"a": "2"}, "multiValueHeaders": {"a": ["1"]}}), &[("a", "1"), ("a", "2")]),
            (json!({"headers": {"a": "1", "A": "1"}}), &[("a", "1"), ("a", "1")]),
            (json!({"headers": {"a": ""}, "multiValueHeaders": {"a": []}}), &[("a", "")]),
        ] {
            for source in [EventSource::RestV1, EventSource::Alb] {
                assert_eq!(read(source, &event), Ok(pairs(expected)), "{event}");
            }
        }
    }

    #[test]
    fn cookies_replace_the_header() {
        for (event, expected) in [
            (json!({"cookies": ["a=1", "b=2"]}), &[("cookie", "a=1; b=2")][..]),
            (json!({"cookies": ["a=1"], "headers": {"Cookie": "x"}}), &[("cookie", "a=1")]),
            (json!({"cookies": [], "headers": {"Cookie": "x"}}), &[("cookie", "x")]),
            (json!({"cookies": null, "headers": {"Cookie": "x"}}), &[("cookie", "x")]),
            (json!({"multiValueHeaders": {"a": ["1"]}}), &[]),
        ] {
            assert_eq!(read(EventSource::HttpV2, &event), Ok(pairs(expected)), "{event}");
        }
        for cookies in [json!("a=1"), json!([7]), json!({})] {
            assert_eq!(read(EventSource::HttpV2, &json!({"cookies": cookies})), Err(Malformed::Cookies));
        }
        assert_eq!(read(EventSource::HttpV2, &json!({"cookies": ["a\n"]})), Err(Malformed::Header));
    }

    #[test]
    fn size_is_limited() {
        let event = |bytes: usize| json!({"headers": {"a": "x".repeat(bytes)}});
        assert!(read(EventSource::HttpV2, &event(MAX_BYTES - 5)).is_ok());
        let too_large = Err(Malformed::HeadersTooLarge(MAX_BYTES));
        assert_eq!(read(EventSource::HttpV2, &event(MAX_BYTES - 4)), too_large);
        let many: Vec<&str> = vec![""; 19_661];
        assert_eq!(read(EventSource::Alb, &json!({"multiValueHeaders": {"a": many}})), too_large);
    }
}
