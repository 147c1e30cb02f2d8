//! The elements of an error document in addition to its code and message, such as the sizes of `EntityTooLarge`.
//!
//! The errors of `s3s` have no place for them, but can carry headers for the response. The elements are carried there: the handler,
//! which writes the document, drops these headers.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use s3s::S3Error;

/// The header that carries elements, each as `Name=value` with the value as hexadecimal digits.
const CARRIER: HeaderName = HeaderName::from_static("x-upsign-error-detail");

/// Adds an element to the document of an error.
pub(crate) trait WithDetail {
    fn with_detail(self, name: &'static str, value: &str) -> Self;
}

impl WithDetail for S3Error {
    fn with_detail(mut self, name: &'static str, value: &str) -> Self {
        let mut headers = self.headers().cloned().unwrap_or_default();
        if let Ok(detail) = HeaderValue::try_from(format!("{name}={}", crate::hex::hex(value.as_bytes()))) {
            headers.append(CARRIER, detail);
        }
        self.set_headers(headers);
        self
    }
}

/// Returns the elements that an error of `s3s` carries, in order.
pub(crate) fn details(headers: &HeaderMap) -> Vec<(String, String)> {
    let carried = headers.get_all(CARRIER).iter().filter_map(|value| value.to_str().ok()?.split_once('='));
    carried.filter_map(|(name, value)| Some((name.to_owned(), of_hex(value)?))).collect()
}

fn of_hex(digits: &str) -> Option<String> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let bytes = digits.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(digit(high)? << 4 | digit(low)?).ok(),
        _ => None,
    });
    String::from_utf8(bytes.collect::<Option<_>>()?).ok()
}

#[cfg(test)]
mod tests {
    use s3s::s3_error;

    use super::*;

    #[test]
    fn elements_keep_their_order_and_every_character() {
        let error = s3_error!(NoSuchKey).with_detail("Key", "ä b=\n").with_detail("Size", "7");
        let found = details(error.headers().unwrap());
        let expected =
            [("Key", "ä b=\n"), ("Size", "7")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(found, expected);
    }
}
