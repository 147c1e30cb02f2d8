//! Tilde encoding: how subjects, groups and claims become part of a key, so that two callers never share one.

use std::fmt::Write;

/// Returns a claim value in *tilde encoding*: `A-Z a-z 0-9 - _` are unchanged, and every other byte of the UTF-8 text
/// becomes `~` and two upper-case hex digits.
///
/// The encoding is injective and reversible ([`decode_claim`]). It contains no `/`, `.` or `%`, and only unreserved
/// characters of RFC 3986, so a key looks the same in a URL. Nothing is case-folded or normalized: `ALICE`, `alice`, `é`
/// and `e◌́` are four different callers. A Cognito `sub` is a UUID and therefore unchanged.
///
/// ```
/// use upsign_policy::{decode_claim, encode_claim};
/// assert_eq!(encode_claim("auth0|a.b"), "auth0~7Ca~2Eb");
/// assert_eq!(decode_claim("auth0~7Ca~2Eb").as_deref(), Some("auth0|a.b"));
/// ```
#[must_use]
pub fn encode_claim(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    push_claim(&mut out, value);
    out
}

/// Reverses [`encode_claim`]. Returns `None` for a text that it cannot have produced.
///
/// ```
/// use upsign_policy::decode_claim;
/// assert_eq!(decode_claim("auth0~7C7").as_deref(), Some("auth0|7"));
/// assert_eq!(decode_claim("auth0|7"), None); // `|` is always encoded
/// ```
#[must_use]
pub fn decode_claim(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'~' => {
                let value = hex_value(rest.next()?)? << 4 | hex_value(rest.next()?)?;
                if is_unencoded(value) {
                    // A byte that is never encoded: accepting it would give one value two encodings.
                    return None;
                }
                bytes.push(value);
            }
            unencoded if is_unencoded(unencoded) => bytes.push(unencoded),
            _ => return None,
        }
    }
    String::from_utf8(bytes).ok()
}

pub(crate) fn push_claim(out: &mut String, value: &str) {
    for byte in value.bytes() {
        if is_unencoded(byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "~{byte:02X}");
        }
    }
}

/// Returns whether tilde-encoded text can contain this character.
pub(crate) fn is_claim_char(c: char) -> bool {
    c == '~' || u8::try_from(c).is_ok_and(is_unencoded)
}

const fn is_unencoded(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(value: &str, encoded: &str) {
        assert_eq!(encode_claim(value), encoded);
        assert_eq!(decode_claim(encoded).as_deref(), Some(value));
    }

    #[test]
    fn known_encodings() {
        check("3f2504e0-4f89-41d3-9a0c-0305e82c3301", "3f2504e0-4f89-41d3-9a0c-0305e82c3301");
        check("..", "~2E~2E");
        check("a/b~c", "a~2Fb~7Ec");
        check("${filename}", "~24~7Bfilename~7D");
        check("é", "~C3~A9");
        check("e\u{301}", "e~CC~81");
    }

    #[test]
    fn decode_rejects_text_that_encode_never_produces() {
        for text in ["~", "~4", "~zz", "~2e", "~41", "a.b", "a/b", "é", "~FF", "a b", "%2F"] {
            assert_eq!(decode_claim(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn decode_reverses_encode(value in any::<String>()) {
            let encoded = encode_claim(&value);
            prop_assert!(encoded.chars().all(is_claim_char));
            prop_assert_eq!(decode_claim(&encoded), Some(value));
        }

        #[test]
        fn different_encodings_decode_to_different_values(a in "[a~0-9A-F]{0,8}", b in "[a~0-9A-F]{0,8}") {
            if let (Some(left), Some(right)) = (decode_claim(&a), decode_claim(&b)) {
                prop_assert_eq!(left == right, a == b);
            }
        }
    }
}
