//! Forms of the content type `application/x-www-form-urlencoded`.

use crate::s3::signature::uri_encoding;

/// Returns the names and values of a form, or `None` if one is not percent-encoded UTF-8.
pub(crate) fn parse(body: &[u8]) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(body).ok()?;
    text.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

fn pair(pair: &str) -> Option<(String, String)> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    Some((decode(name)?, decode(value)?))
}

/// Decodes `+` to a space, and then percent-encoded bytes.
fn decode(text: &str) -> Option<String> {
    String::from_utf8(uri_encoding::decode(&text.replace('+', " "))?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_decoded() {
        let owned = |pairs: &[(&str, &str)]| {
            Some(
                pairs
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(parse(b"a=1+2&b=%C3%A9%2B&c"), owned(&[("a", "1 2"), ("b", "\u{e9}+"), ("c", "")]));
        assert_eq!(parse(b""), owned(&[]));
        assert_eq!(parse(b"a=%zz"), None);
        assert_eq!(parse(b"a=%ff"), None);
    }
}
