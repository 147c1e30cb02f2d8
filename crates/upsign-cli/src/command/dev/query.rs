//! Query strings of the development server.

/// Returns a text with everything percent-encoded except the unreserved characters of RFC 3986 section 2.3.
pub(super) fn encode(text: &str) -> String {
    let encoded = text.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    encoded.collect()
}

/// Returns the names and values of a query string, or `None` if one is not percent-encoded UTF-8.
pub(super) fn parse(query: &str) -> Option<Vec<(String, String)>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let decoded = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decode(name)?, decode(value)?))
    });
    decoded.collect()
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high << 4 | low).ok()?
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_names_are_decoded() {
        for (name, encoded) in [("alice", "alice"), ("a b&c=\u{e9}+", "a%20b%26c%3D%C3%A9%2B")] {
            assert_eq!(encode(name), encoded);
            let pairs = parse(&format!("user={encoded}&x")).unwrap();
            assert_eq!(pairs, [("user".to_owned(), name.to_owned()), ("x".to_owned(), String::new())]);
        }
        assert_eq!(parse("a+b=c").unwrap(), [("a b".to_owned(), "c".to_owned())]);
        for invalid in ["a=%", "a=%2", "a=%zz", "a=%ff"] {
            assert_eq!(parse(invalid), None, "{invalid}");
        }
    }
}
