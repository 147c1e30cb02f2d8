//! Decoding of keys.

use std::borrow::Cow;

use crate::error::RecordProblem;

/// Decodes a key that is encoded like a form value: `red+flower%2B.jpg` is `red flower+.jpg`.
///
/// `+` is replaced first, because an encoded `+` is `%2B`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>.
pub(crate) fn decode(encoded: &str) -> Result<Cow<'_, str>, RecordProblem> {
    if !encoded.bytes().any(|byte| matches!(byte, b'+' | b'%')) {
        return Ok(Cow::Borrowed(encoded));
    }
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = digit(rest.next()).ok_or(RecordProblem::Encoding)?;
                let low = digit(rest.next()).ok_or(RecordProblem::Encoding)?;
                high << 4 | low
            }
            literal => literal,
        });
    }
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| RecordProblem::Encoding)
}

/// Returns the value of a hex digit.
fn digit(byte: Option<u8>) -> Option<u8> {
    char::from(byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_and_percent_are_decoded_once() {
        for (encoded, decoded) in [
            ("articles/1.jpg", "articles/1.jpg"),
            ("red+flower.jpg", "red flower.jpg"),
            ("a%2Bb%2bc", "a+b+c"),
            ("a%252Fb", "a%2Fb"),
            ("%C3%A9+%E2%82%AC", "é €"),
            ("é", "é"),
        ] {
            assert_eq!(decode(encoded).as_deref(), Ok(decoded));
        }
    }

    #[test]
    fn keys_in_another_encoding_are_rejected() {
        for encoded in ["%", "a%2", "%zz", "%+1", "%-1", "%C3", "%FF%FE", "%ED%A0%80", "%é1"] {
            assert_eq!(decode(encoded), Err(RecordProblem::Encoding), "{encoded:?}");
        }
    }
}
