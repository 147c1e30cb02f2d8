//! Percent-encoding as SigV4 defines it: every byte except the unreserved characters of RFC 3986, with upper-case digits.
//!
//! Source: `UriEncode` in <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>.

use crate::text::hex;

/// Appends an object key as it appears in the path of a URL.
///
/// Keeps `A-Z a-z 0-9 - . _ ~` and `/`, and encodes every other byte. The appended text is both what is signed and what is
/// sent, so no URL parser may change it afterwards.
///
/// ```
/// let mut path = "/".to_owned();
/// upsign_sigv4::encode_key(&mut path, "photos/summer 2026.jpg");
/// assert_eq!(path, "/photos/summer%202026.jpg");
/// ```
pub fn encode_key(out: &mut String, key: &str) {
    encode(out, key, |byte| is_unreserved(byte) | (byte == b'/'));
}

/// Appends the name or the value of a query parameter.
///
/// Keeps `A-Z a-z 0-9 - . _ ~` and encodes every other byte, `/` and spaces included.
///
/// ```
/// let mut query = "prefix=".to_owned();
/// upsign_sigv4::encode_query(&mut query, "photos/summer 2026");
/// assert_eq!(query, "prefix=photos%2Fsummer%202026");
/// ```
pub fn encode_query(out: &mut String, text: &str) {
    encode(out, text, is_unreserved);
}

fn encode(out: &mut String, text: &str, is_kept: impl Fn(u8) -> bool) {
    // Most keys need no encoding. The fold has no early exit, so the compiler checks many bytes per vector instruction.
    if text.bytes().fold(true, |all_kept, byte| all_kept & is_kept(byte)) {
        out.push_str(text);
        return;
    }
    for byte in text.bytes() {
        if is_kept(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(hex::upper(byte >> 4));
            out.push(hex::upper(byte & 0xf));
        }
    }
}

/// Returns `true` for the unreserved characters of RFC 3986 section 2.3. Written with `|`, which has no branches: the fold
/// in [`encode`] depends on it.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | (byte == b'-') | (byte == b'.') | (byte == b'_') | (byte == b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected_key: &str, expected_query: &str) {
        let (mut key, mut query) = (String::new(), String::new());
        encode_key(&mut key, text);
        encode_query(&mut query, text);
        assert_eq!((key.as_str(), query.as_str()), (expected_key, expected_query));
    }

    #[test]
    fn only_unreserved_characters_are_kept() {
        check("aZ09-._~", "aZ09-._~", "aZ09-._~");
        check("a/b", "a/b", "a%2Fb");
        check("a b+c", "a%20b%2Bc", "a%20b%2Bc");
        check("é%", "%C3%A9%25", "%C3%A9%25");
        check("!*'()=&:@,;$", "%21%2A%27%28%29%3D%26%3A%40%2C%3B%24", "%21%2A%27%28%29%3D%26%3A%40%2C%3B%24");
        check("", "", "");
    }
}
