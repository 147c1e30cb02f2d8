//! Percent-encoding as SigV4 defines it.

use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// Returns `bytes` with everything percent-encoded except `A-Z a-z 0-9 - . _ ~ /`.
///
/// Source: `UriEncode` in <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>.
pub(in crate::s3) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                text.push(char::from(*byte));
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// Decodes percent-encoded text. Returns `None` if a `%` is not followed by two hex digits.
pub(in crate::s3) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let (high, low) = (digit(bytes.next()?)?, digit(bytes.next()?)?);
        decoded.push(high << 4 | low);
    }
    Some(decoded)
}

/// Returns `uri` with its path in the canonical encoding, or `None` if the path cannot be decoded.
///
/// S3 decodes a path and encodes it again before it computes the signature, so all spellings of a path have the same
/// signature. `s3s` would also accept a signature of the path as it was sent; passing it the canonical path prevents
/// that.
pub(in crate::s3) fn canonicalize_path(uri: &Uri) -> Option<Uri> {
    let path = encode(&decode(uri.path())?);
    let path = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_canonical_spelling() {
        for (given, expected) in [
            ("/b/a+b", "/b/a%2Bb"),
            ("/b/a%2bb", "/b/a%2Bb"),
            ("/b/%61", "/b/a"),
            ("/b/a!b?x=%2f", "/b/a%21b?x=%2f"),
            ("/b/%C3%A9", "/b/%C3%A9"),
            ("/b/100%25", "/b/100%25"),
        ] {
            assert_eq!(canonicalize_path(&given.parse().unwrap()).unwrap().to_string(), expected);
        }
        for given in ["/b/%", "/b/%2", "/b/%zz", "/b/%+1"] {
            assert_eq!(canonicalize_path(&given.parse().unwrap()), None, "{given}");
        }
    }
}
