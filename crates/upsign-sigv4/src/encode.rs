//! Percent-encoding as SigV4 wants it: everything but RFC 3986's unreserved characters, upper-case hex.

use crate::hex;

/// Appends an object key as it stands in the path: `/` is kept, every other byte outside `A-Z a-z 0-9 - . _ ~` encoded.
///
/// What is appended is both what gets signed and what gets sent; no URL parser touches it afterwards.
pub fn encode_key(out: &mut String, key: &str) {
    encode(out, key, |byte| unreserved(byte) | (byte == b'/'));
}

/// Appends the name or value of a query parameter: every byte outside `A-Z a-z 0-9 - . _ ~` is encoded.
pub fn encode_query(out: &mut String, text: &str) {
    encode(out, text, unreserved);
}

fn encode(out: &mut String, text: &str, plain: impl Fn(u8) -> bool) {
    // No early exit: the compiler turns this into vector comparisons, and keys that need no encoding are the rule.
    if text.bytes().fold(true, |all, byte| all & plain(byte)) {
        out.push_str(text);
        return;
    }
    for byte in text.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(hex::upper(byte >> 4));
            out.push(hex::upper(byte & 0xf));
        }
    }
}

/// Whether a byte needs no encoding (RFC 3986 section 2.3). Written with `|` and ranges so that it has no branches.
fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | (byte == b'-') | (byte == b'.') | (byte == b'_') | (byte == b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, key: &str, query: &str) {
        let (mut as_key, mut as_query) = (String::new(), String::new());
        encode_key(&mut as_key, text);
        encode_query(&mut as_query, text);
        assert_eq!((as_key.as_str(), as_query.as_str()), (key, query));
    }

    #[test]
    fn unreserved_characters_stay() {
        check("aZ09-._~", "aZ09-._~", "aZ09-._~");
        check("a/b", "a/b", "a%2Fb");
        check("a b+c", "a%20b%2Bc", "a%20b%2Bc");
        check("é%", "%C3%A9%25", "%C3%A9%25");
        check("!*'()=&:@,;$", "%21%2A%27%28%29%3D%26%3A%40%2C%3B%24", "%21%2A%27%28%29%3D%26%3A%40%2C%3B%24");
        check("", "", "");
    }
}
