//! The ETag of an object that an upload replaces.

/// Maximum length of an ETag in bytes, without its quotes. Those of S3 have at most 38.
const MAX_BYTES: usize = 128;

/// The condition under which a store accepts an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Precondition {
    /// There is no object at the key (`If-None-Match: *`).
    NoObject,
    /// The object has this ETag, which includes its quotes (`If-Match`).
    Unchanged(Box<str>),
}

impl Precondition {
    /// Returns the header and its value.
    pub(crate) const fn header(&self) -> (&'static str, &str) {
        match self {
            Self::NoObject => ("if-none-match", "*"),
            Self::Unchanged(etag) => ("if-match", etag),
        }
    }
}

/// Returns the ETag with its quotes, or `None` if the text is not one strong ETag (RFC 9110 section 8.8.3).
///
/// Some clients remove the quotes, so they are optional. `*` is not accepted: it would match any object.
pub(crate) fn parse(text: &str) -> Option<Box<str>> {
    let plain = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => text,
    };
    let is_valid = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b',' | b'*');
    let is_weak = text.starts_with("W/");
    let fits = !is_weak && (1..=MAX_BYTES).contains(&plain.len()) && plain.bytes().all(is_valid);
    fits.then(|| format!("\"{plain}\"").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etags_with_and_without_quotes() {
        let md5 = "9b2cf535f27731c974343645a3985328";
        for text in [md5.to_owned(), format!("\"{md5}\""), format!("{md5}-12"), format!("\"{md5}-12\"")] {
            let plain = text.trim_matches('"');
            assert_eq!(parse(&text).as_deref(), Some(&*format!("\"{plain}\"")), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_etags() {
        let long = "a".repeat(MAX_BYTES + 1);
        let bad = [
            "",
            "\"\"",
            "*",
            "\"*\"",
            "W/\"a\"",
            "W/a",
            "\"a",
            "a\"",
            "\"a\", \"b\"",
            "a,b",
            "a b",
            "a\r\nb",
            "\u{e9}",
            &long,
        ];
        for text in bad {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
