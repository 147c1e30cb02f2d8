//! Media types.

use std::fmt;
use std::str::FromStr;

/// A media type in the one form that gets signed: lower case, parameters as `;name=value` without spaces.
///
/// Lower case because browsers lower-case a `Blob`'s type before they send it. Read strictly, by the grammar of RFC 9110
/// section 8.3.1 without its bad white space: no empty parameter, no parameter twice, at most 255 bytes.
///
/// ```
/// use upsign_policy::ContentType;
/// let it: ContentType = "Image/JPEG".parse()?;
/// assert_eq!(it.to_string(), "image/jpeg");
/// assert!("image/png, text/html".parse::<ContentType>().is_err());
/// # Ok::<(), upsign_policy::InvalidContentType>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentType {
    text: Box<str>,
    slash: usize,
    essence: usize,
}

/// Why a text is not a [`ContentType`]. None of these shows the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidContentType {
    /// More than 255 bytes.
    #[error("a content type has at most 255 bytes, this one has {0}")]
    TooLong(usize),
    /// Not `type/subtype`, each made of letters, digits and `!#$&-^_.+`.
    #[error("a content type is `type/subtype`, as in image/jpeg")]
    Form,
    /// A `*` where a type should be.
    #[error("a content type names one type, not a range with `*`")]
    Wildcard,
    /// Something after `;` that is not `name=value`, or a name that is there twice.
    #[error("a parameter of a content type is `;name=value`, each name once")]
    Parameter,
}

impl ContentType {
    /// The longest text accepted, in bytes.
    pub const MAX_BYTES: usize = 255;

    /// `application/octet-stream`: bytes of no known type.
    #[must_use]
    pub fn octet_stream() -> Self {
        Self { text: "application/octet-stream".into(), slash: 11, essence: 24 }
    }

    /// The whole, parameters included, in the form that gets signed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `type/subtype` without parameters.
    #[must_use]
    pub fn essence(&self) -> &str {
        self.text.get(..self.essence).unwrap_or_default()
    }

    /// What stands before the `/`.
    #[must_use]
    pub fn main_type(&self) -> &str {
        self.text.get(..self.slash).unwrap_or_default()
    }

    /// What stands between the `/` and any parameter.
    #[must_use]
    pub fn subtype(&self) -> &str {
        self.text.get(self.slash + 1..self.essence).unwrap_or_default()
    }

    /// The parameters, `;` included: empty, or as in `;charset=utf-8`.
    #[must_use]
    pub fn parameters(&self) -> &str {
        self.text.get(self.essence..).unwrap_or_default()
    }

    /// Whether a browser that opens such an object runs what is in it: HTML, XML of every kind (SVG, XHTML), scripts,
    /// PDF, and containers of such. On a domain that shares cookies with your site that is script injection.
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
        ];
        matches!(self.main_type(), "multipart" | "message")
            || subtype.ends_with("+xml")
            || subtype.ends_with("+html")
            || subtype.starts_with("javascript")
            || named.contains(&subtype)
            || matches!(subtype, "vnd.wap.xhtml" | "vnd.adobe.flash.movie" | "x-httpd-php" | "x-php")
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
        Ok(Self { text: out.into(), slash, essence })
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// One `;name=value` off the front of `text`: name, value without quotes, what follows.
fn parameter(text: &str) -> Option<(String, String, &str)> {
    let text = text.strip_prefix(';')?.trim_start_matches(' ');
    let (name, text) = text.split_once('=')?;
    if !is_token(name) {
        return None;
    }
    let (value, after) = match text.strip_prefix('"') {
        Some(quoted) => unquote(quoted)?,
        None => {
            let end = text.find([';', ' ']).unwrap_or(text.len());
            let (value, after) = text.split_at_checked(end)?;
            (is_token(value).then(|| value.to_owned())?, after)
        }
    };
    let after = after.trim_start_matches(' ');
    let name = name.to_ascii_lowercase();
    // The one parameter whose value is known to ignore letter case (RFC 2046 section 4.1.2).
    let value = if name == "charset" { value.to_ascii_lowercase() } else { value };
    (after.is_empty() || after.starts_with(';')).then_some((name, value, after))
}

/// The inside of a quoted string and what follows its closing quote (RFC 9110 section 5.6.4), ASCII only.
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

/// RFC 6838 section 4.2: a registered name has at most 127 of these characters.
fn is_restricted_name(text: &str) -> bool {
    text.len() <= 127
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
}

/// RFC 9110 section 5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, normal: &str) {
        let parsed: ContentType = text.parse().unwrap();
        assert_eq!(parsed.as_str(), normal);
        assert_eq!(normal.parse(), Ok(parsed));
    }

    #[test]
    fn normal_forms() {
        check("image/jpeg", "image/jpeg");
        check("IMAGE/JPEG", "image/jpeg");
        check("text/plain; charset=UTF-8", "text/plain;charset=utf-8");
        check("text/plain ; charset=\"utf-8\"", "text/plain;charset=utf-8");
        check("video/webm;codecs=vp8", "video/webm;codecs=vp8");
        check("video/mp4; codecs=\"avc1.42E01E, mp4a.40.2\"", "video/mp4;codecs=\"avc1.42E01E, mp4a.40.2\"");
        check("a/b;x=\"q\\\"\"", "a/b;x=\"q\\\"\"");
        check("application/vnd.ms-excel.sheet+xml", "application/vnd.ms-excel.sheet+xml");
    }

    #[test]
    fn parts() {
        let it: ContentType = "text/plain;charset=utf-8".parse().unwrap();
        assert_eq!((it.main_type(), it.subtype(), it.parameters()), ("text", "plain", ";charset=utf-8"));
        assert_eq!(it.essence(), "text/plain");
    }

    #[test]
    fn refused() {
        use InvalidContentType as Why;
        for (text, why) in [
            ("", Why::Form),
            ("image", Why::Form),
            ("/png", Why::Form),
            ("image/", Why::Form),
            ("image/*", Why::Wildcard),
            ("*/*", Why::Wildcard),
            (" image/png", Why::Form),
            ("image/png ", Why::Form),
            ("image/ png", Why::Form),
            ("image/png/x", Why::Form),
            ("image/png, text/html", Why::Form),
            ("image/png\r\nx: y", Why::Form),
            ("image/png\0", Why::Form),
            ("image/pñg", Why::Form),
            ("image/\u{212a}ml", Why::Form),
            ("image/png\t;a=b", Why::Form),
            ("image/png;", Why::Parameter),
            ("image/png; ", Why::Parameter),
            ("image/png;a", Why::Parameter),
            ("image/png;a=", Why::Parameter),
            ("image/png;a =b", Why::Parameter),
            ("image/png;a=\"b", Why::Parameter),
            ("image/png;a=\"b\"c", Why::Parameter),
            ("image/png;a=b c", Why::Parameter),
            ("image/png;a=\"\u{e9}\"", Why::Parameter),
            ("image/png;a=\"\n\"", Why::Parameter),
            ("image/png;a=1;A=2", Why::Parameter),
            ("image/png;;a=1", Why::Parameter),
        ] {
            assert_eq!(text.parse::<ContentType>(), Err(why), "{text:?}");
        }
        let long = format!("a/{}", "b".repeat(1 << 20));
        assert_eq!(long.parse::<ContentType>(), Err(Why::TooLong((1 << 20) + 2)));
    }

    #[test]
    fn what_a_browser_runs() {
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
            "message/rfc822",
        ] {
            assert!(text.parse::<ContentType>().unwrap().is_active(), "{text}");
        }
        for text in ["image/png", "text/plain", "video/mp4", "application/json", "application/octet-stream"] {
            assert!(!text.parse::<ContentType>().unwrap().is_active(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_a_panic_and_always_one_form(text in any::<String>()) {
            if let Ok(it) = text.parse::<ContentType>() {
                prop_assert_eq!(it.as_str().parse(), Ok(it.clone()));
            }
        }

        #[test]
        fn one_form_of_what_looks_right(text in "[aA]/[bB](; ?[aAcC]=(\"[ -~]{0,4}\"|[a-z]{1,3})){0,3}") {
            if let Ok(it) = text.parse::<ContentType>() {
                prop_assert!(it.as_str().bytes().all(|b| matches!(b, b' '..=b'~')));
                prop_assert_eq!(it.as_str().parse(), Ok(it.clone()));
            }
        }
    }
}
