//! Media types (content types).

use std::str::FromStr;

use crate::content::{extensions, mime_db};
use crate::encoding::token::is_token;

/// A media type in the canonical form that is signed: lower case, with parameters as `;name=value` without spaces.
///
/// It is lower case because browsers convert the type of a `Blob` to lower case before they send it, and the header must
/// match the signature. Parsing follows the grammar of RFC 9110 section 8.3.1: no white space around `=`, no empty
/// parameter, no repeated parameter, at most 255 bytes. Like browsers, it also reads a value without quotes that needs
/// them, and writes it with quotes: Chromium's `MediaRecorder` names its recordings `video/webm;codecs=vp8,opus`.
///
/// Source of the values without quotes: <https://mimesniff.spec.whatwg.org/#parsing-a-mime-type>, and
/// <https://github.com/w3c/mediacapture-record/issues/194>.
///
/// ```
/// use upsign_policy::ContentType;
/// let content_type: ContentType = "Image/JPEG".parse()?;
/// assert_eq!(content_type.to_string(), "image/jpeg");
/// let recording: ContentType = "video/webm;codecs=vp8,opus".parse()?;
/// assert_eq!(recording.to_string(), r#"video/webm;codecs="vp8,opus""#);
/// assert!("image/png, text/html".parse::<ContentType>().is_err());
/// # Ok::<(), upsign_policy::InvalidContentType>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentType {
    text: Box<str>,
    /// The index of the `/`.
    slash: usize,
    /// The length of `type/subtype`.
    essence: usize,
}

/// The reason why a text is not a [`ContentType`]. The messages never contain the text, because it comes from the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidContentType {
    /// The text, or its canonical form, has more than 255 bytes. Holds the number.
    #[error("a content type must have at most 255 bytes, but this one has {0}")]
    TooLong(usize),
    /// The text is not `type/subtype` with names of letters, digits and `!#$&-^_.+`.
    #[error("a content type must be `type/subtype`, for example image/jpeg")]
    Form,
    /// The type or the subtype is `*`.
    #[error("a content type must be one type, not a range with `*`")]
    Wildcard,
    /// The text after a `;` is not `name=value`, or a name is repeated.
    #[error("a parameter of a content type must be `;name=value`, with each name only once")]
    Parameter,
}

impl ContentType {
    /// Maximum length in bytes of a content type and of its canonical form.
    pub const MAX_BYTES: usize = 255;

    /// Returns `application/octet-stream`, the type of arbitrary bytes.
    #[must_use]
    pub fn octet_stream() -> Self {
        Self { text: "application/octet-stream".into(), slash: 11, essence: 24 }
    }

    /// Returns the type that files with this name usually have, by the extension, or `None` if it is unknown or missing. Upper case
    /// counts as lower case.
    ///
    /// The types are those of a table of common types and of [mime-db](https://github.com/jshttp/mime-db).
    ///
    /// ```
    /// use upsign_policy::ContentType;
    /// let type_of = |name| ContentType::of_file_name(name).map(|it| it.to_string());
    /// assert_eq!(type_of("Film.MP4").as_deref(), Some("video/mp4"));
    /// assert_eq!(type_of("film.mkv").as_deref(), Some("video/matroska"));
    /// assert_eq!(type_of("film"), None);
    /// ```
    #[must_use]
    pub fn of_file_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        let extension = extension.to_ascii_lowercase();
        let found = extensions::type_of(&extension).or_else(|| mime_db::type_of(&extension))?;
        found.parse().ok()
    }

    /// Returns whether this is `application/octet-stream` or its unregistered name: clients send it for files whose format they
    /// do not know.
    pub(crate) fn describes_no_format(&self) -> bool {
        matches!(self.essence(), "application/octet-stream" | "binary/octet-stream")
    }

    /// Returns the complete type with its parameters, in the form that is signed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns `type/subtype` without parameters.
    #[must_use]
    pub fn essence(&self) -> &str {
        self.text.get(..self.essence).unwrap_or_default()
    }

    /// Returns the part before the `/`.
    #[must_use]
    pub fn main_type(&self) -> &str {
        self.text.get(..self.slash).unwrap_or_default()
    }

    /// Returns the part between the `/` and the first parameter.
    #[must_use]
    pub fn subtype(&self) -> &str {
        self.text.get(self.slash + 1..self.essence).unwrap_or_default()
    }

    /// Returns the parameters with the leading `;`, for example `;charset=utf-8`, or an empty string.
    #[must_use]
    pub fn parameters(&self) -> &str {
        self.text.get(self.essence..).unwrap_or_default()
    }

    /// Returns the value of a parameter without quotes, or `None` if the type does not have it. `name` is in lower case. The
    /// value of a quoted string with escaped characters is returned as it is written.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut rest = self.parameters();
        while let Some((found, after)) = rest.strip_prefix(';').and_then(|text| text.split_once('=')) {
            let len = value_len(after);
            let (value, next) = after.split_at_checked(len)?;
            if found == name {
                let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
                return Some(quoted.unwrap_or(value));
            }
            rest = next;
        }
        None
    }

    /// Returns whether a browser that opens an object of this type can execute code in it.
    ///
    /// These types are HTML, every kind of XML (including SVG and XHTML), scripts, PDF, containers of such types, and types
    /// that tell a browser to guess the type from the bytes, such as `application/unknown`. If such an object is served from
    /// a domain that shares cookies with your site, an uploader can inject scripts into the site.
    ///
    /// Sources of the guessed types: <https://mimesniff.spec.whatwg.org/#determining-the-computed-mime-type-of-a-resource>
    /// and `nsMimeTypes.h` of Firefox.
    #[must_use]
    pub fn is_active(&self) -> bool {
        let subtype = self.subtype();
        let named = [
            "html",
            "xml",
            "xsl",
            "xslt",
            "pdf",
            "javascript",
            "x-javascript",
            "ecmascript",
            "x-ecmascript",
            "jscript",
            "livescript",
            "x-shockwave-flash",
            "xml-dtd",
            "xml-external-parsed-entity",
            "hta",
            "x-hdml",
            "x-mimearchive",
        ];
        let guessed = ["unknown", "x-unknown", "x-unknown-content-type"].contains(&subtype)
            || self.main_type() == "unknown";
        guessed
            || subtype.starts_with("x-vnd.mozilla.")
            || matches!(self.main_type(), "multipart" | "message")
            || subtype.ends_with("+xml")
            || subtype.ends_with("+html")
            || subtype.starts_with("javascript")
            || named.contains(&subtype)
            || matches!(subtype, "vnd.wap.xhtml" | "vnd.adobe.flash.movie" | "x-httpd-php" | "x-php")
    }

    /// Returns whether browsers are known to display or save objects of this type without executing them, whatever their
    /// bytes are.
    ///
    /// This is a list of common types, which [`ContentRules::inert_types`](crate::ContentRules::inert_types) returns.
    /// Parameters do not matter. A type that is neither inert nor [active](Self::is_active) is not known.
    #[must_use]
    pub fn is_inert(&self) -> bool {
        extensions::is_inert(self)
    }
}

impl FromStr for ContentType {
    type Err = InvalidContentType;

    fn from_str(text: &str) -> Result<Self, InvalidContentType> {
        if text.len() > Self::MAX_BYTES {
            return Err(InvalidContentType::TooLong(text.len()));
        }
        let (essence, mut rest) = match text.find(';') {
            Some(end) => text.split_at_checked(end).ok_or(InvalidContentType::Form)?,
            None => (text, ""),
        };
        let essence = if rest.is_empty() { essence } else { essence.trim_end_matches(' ') };
        let (main, sub) = essence.split_once('/').ok_or(InvalidContentType::Form)?;
        if main == "*" || sub == "*" {
            return Err(InvalidContentType::Wildcard);
        }
        if !is_restricted_name(main) || !is_restricted_name(sub) {
            return Err(InvalidContentType::Form);
        }
        let mut out = essence.to_ascii_lowercase();
        let (slash, essence) = (main.len(), out.len());
        let mut names: Vec<String> = Vec::new();
        while !rest.is_empty() {
            let (name, value, after) = parameter(rest).ok_or(InvalidContentType::Parameter)?;
            if names.contains(&name) {
                return Err(InvalidContentType::Parameter);
            }
            push_parameter(&mut out, &name, &value);
            names.push(name);
            rest = after;
        }
        // Quotes that the canonical form adds to a value count too, so that it can be parsed again.
        if out.len() > Self::MAX_BYTES {
            return Err(InvalidContentType::TooLong(out.len()));
        }
        Ok(Self { text: out.into(), slash, essence })
    }
}

upsign_core::text_type!(ContentType);

/// Splits one `;name=value` off the start of `text`. Returns the name, the value without quotes, and the rest.
fn parameter(text: &str) -> Option<(String, String, &str)> {
    let text = text.strip_prefix(';')?.trim_start_matches(' ');
    let (name, text) = text.split_once('=')?;
    if !is_token(name) {
        return None;
    }
    let (value, after) = match text.strip_prefix('"') {
        Some(quoted) => unquote(quoted)?,
        None => {
            let end = text.find(';').unwrap_or(text.len());
            let (value, after) = text.split_at_checked(end)?;
            (unquoted_value(value)?.to_owned(), after)
        }
    };
    let after = after.trim_start_matches(' ');
    let name = name.to_ascii_lowercase();
    // `charset` is the only parameter whose value is known to be case-insensitive (RFC 2046 section 4.1.2).
    let value = if name == "charset" { value.to_ascii_lowercase() } else { value };
    (after.is_empty() || after.starts_with(';')).then_some((name, value, after))
}

/// Returns a value without quotes and without the white space after it, or `None` if it is empty or contains a character that
/// could be read as the start of a quoted string or of a header.
fn unquoted_value(text: &str) -> Option<&str> {
    let value = text.trim_end_matches(' ');
    let is_valid = |c: char| is_visible(&c) && !matches!(c, '"' | '\\');
    (!value.is_empty() && !value.starts_with(' ') && value.chars().all(is_valid)).then_some(value)
}

/// Returns the content of a quoted string (RFC 9110 section 5.6.4) and the text after its closing quote. Only visible ASCII
/// is accepted.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((place, c)) = chars.next() {
        match c {
            '"' => return Some((value, text.get(place + 1..)?)),
            '\\' => value.push(chars.next().map(|(_, c)| c).filter(is_visible)?),
            c if is_visible(&c) => value.push(c),
            _ => return None,
        }
    }
    None
}

/// Returns the length of the value at the start of canonical parameters: a quoted string, or the text before the next `;`.
fn value_len(text: &str) -> usize {
    if !text.starts_with('"') {
        return text.find(';').unwrap_or(text.len());
    }
    let mut is_escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let closes = *c == '"' && !is_escaped;
        is_escaped = *c == '\\' && !is_escaped;
        closes
    });
    end.map_or(text.len(), |(end, _)| end + 1)
}

fn push_parameter(out: &mut String, name: &str, value: &str) {
    out.push(';');
    out.push_str(name);
    out.push('=');
    if is_token(value) {
        out.push_str(value);
        return;
    }
    out.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

const fn is_visible(c: &char) -> bool {
    matches!(*c, ' '..='~')
}

/// Returns whether `text` is a `restricted-name` of RFC 6838 section 4.2, which has at most 127 characters.
fn is_restricted_name(text: &str) -> bool {
    text.len() <= 127
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, canonical: &str) {
        let parsed: ContentType = text.parse().unwrap();
        assert_eq!(parsed.as_str(), canonical);
        assert_eq!(canonical.parse(), Ok(parsed));
    }

    #[test]
    fn canonical_forms() {
        check("image/jpeg", "image/jpeg");
        check("IMAGE/JPEG", "image/jpeg");
        check("text/plain; charset=UTF-8", "text/plain;charset=utf-8");
        check("text/plain ; charset=\"utf-8\"", "text/plain;charset=utf-8");
        check("video/webm;codecs=vp8", "video/webm;codecs=vp8");
        check("video/mp4; codecs=\"avc1.42E01E, mp4a.40.2\"", "video/mp4;codecs=\"avc1.42E01E, mp4a.40.2\"");
        check("a/b;x=\"q\\\"\"", "a/b;x=\"q\\\"\"");
        check("video/webm;codecs=vp8,opus", "video/webm;codecs=\"vp8,opus\"");
        check("video/webm; codecs=vp8, opus ;x=1", "video/webm;codecs=\"vp8, opus\";x=1");
        check("a/b;x=y=z", "a/b;x=\"y=z\"");
        check("application/vnd.ms-excel.sheet+xml", "application/vnd.ms-excel.sheet+xml");
    }

    #[test]
    fn parts_of_a_type() {
        let parsed: ContentType = "text/plain;charset=utf-8".parse().unwrap();
        assert_eq!(
            (parsed.main_type(), parsed.subtype(), parsed.parameters()),
            ("text", "plain", ";charset=utf-8")
        );
        assert_eq!(parsed.essence(), "text/plain");
    }

    #[test]
    fn parameters_are_found_by_name() {
        let parsed: ContentType = r#"a/b;x="\";charset=utf-7;\\";charset=utf-8;c=d"#.parse().unwrap();
        assert_eq!(parsed.parameter("charset"), Some("utf-8"));
        assert_eq!((parsed.parameter("c"), parsed.parameter("d")), (Some("d"), None));
        assert_eq!("a/b".parse::<ContentType>().unwrap().parameter("c"), None);
    }

    #[test]
    fn malformed_types_are_rejected() {
        use InvalidContentType as Error;
        for (text, error) in [
            ("", Error::Form),
            ("image", Error::Form),
            ("/png", Error::Form),
            ("image/", Error::Form),
            ("image/*", Error::Wildcard),
            ("*/*", Error::Wildcard),
            (" image/png", Error::Form),
            ("image/png ", Error::Form),
            ("image/ png", Error::Form),
            ("image/png/x", Error::Form),
            ("image/png, text/html", Error::Form),
            ("image/png\r\nx: y", Error::Form),
            ("image/png\0", Error::Form),
            ("image/pñg", Error::Form),
            ("image/\u{212a}ml", Error::Form),
            ("image/png\t;a=b", Error::Form),
            ("image/png;", Error::Parameter),
            ("image/png; ", Error::Parameter),
            ("image/png;a", Error::Parameter),
            ("image/png;a=", Error::Parameter),
            ("image/png;a =b", Error::Parameter),
            ("image/png;a=\"b", Error::Parameter),
            ("image/png;a=\"b\"c", Error::Parameter),
            ("image/png;a=b\"c\"", Error::Parameter),
            ("image/png;a=b\\c", Error::Parameter),
            ("image/png;a= b", Error::Parameter),
            ("image/png;a=b\tc", Error::Parameter),
            ("image/png;a=\"\u{e9}\"", Error::Parameter),
            ("image/png;a=\"\n\"", Error::Parameter),
            ("image/png;a=\"\\\n\"", Error::Parameter),
            ("image/png;a=1;A=2", Error::Parameter),
            ("image/png;;a=1", Error::Parameter),
        ] {
            assert_eq!(text.parse::<ContentType>(), Err(error), "{text:?}");
        }
        let long = format!("a/{}", "b".repeat(1 << 20));
        assert_eq!(long.parse::<ContentType>(), Err(Error::TooLong((1 << 20) + 2)));
    }

    #[test]
    fn canonical_form_has_at_most_255_bytes() {
        let with_parameters =
            |count| (0..count).fold("a/b".to_owned(), |text, number| format!("{text};{number:02}=,"));
        assert_eq!(with_parameters(36).parse::<ContentType>().unwrap().as_str().len(), 255);
        let (written, canonical) = (with_parameters(37).len(), 262);
        assert!(written <= ContentType::MAX_BYTES);
        assert_eq!(with_parameters(37).parse::<ContentType>(), Err(InvalidContentType::TooLong(canonical)));
    }

    #[test]
    fn active_types() {
        for text in [
            "text/html",
            "application/xhtml+xml",
            "image/svg+xml",
            "text/xml",
            "application/xml",
            "application/rss+xml",
            "text/javascript",
            "application/javascript",
            "text/javascript1.5",
            "application/pdf",
            "multipart/related",
            "multipart/x-mixed-replace",
            "message/rfc822",
            "application/unknown",
            "unknown/unknown",
            "unknown/anything",
            "application/x-unknown-content-type",
            "application/x-vnd.mozilla.guess-from-ext",
        ] {
            let parsed: ContentType = text.parse().unwrap();
            assert!(parsed.is_active() && !parsed.is_inert(), "{text}");
        }
        for text in ["image/png", "text/plain", "video/mp4", "application/json", "application/octet-stream"] {
            let parsed: ContentType = text.parse().unwrap();
            assert!(!parsed.is_active() && parsed.is_inert(), "{text}");
        }
        for text in ["image/x-new", "chemical/x-pdb", "application/vnd.unknown"] {
            let parsed: ContentType = text.parse().unwrap();
            assert!(!parsed.is_active() && !parsed.is_inert(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_parses_to_a_stable_form_or_fails(text in any::<String>()) {
            if let Ok(parsed) = text.parse::<ContentType>() {
                prop_assert_eq!(parsed.as_str().parse(), Ok(parsed.clone()));
            }
        }

        #[test]
        fn plausible_text_parses_to_a_stable_form(text in "[aA]/[bB](; ?[aAcC]=(\"[ -~]{0,4}\"|[a-z]{1,3})){0,3}") {
            if let Ok(parsed) = text.parse::<ContentType>() {
                prop_assert!(parsed.as_str().bytes().all(|b| matches!(b, b' '..=b'~')));
                prop_assert_eq!(parsed.as_str().parse(), Ok(parsed.clone()));
            }
        }
    }
}
