//! The parts of a URL, as written.

use crate::redacted::Redacted;
use crate::url::error::NotASignedUrl;
use crate::url::{SignedUrl, host_name};

/// A URL with `http` or `https`, split at its separators. Nothing is decoded or normalized.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SplitUrl {
    pub(crate) is_https: bool,
    /// Host and port.
    pub(crate) host: Box<str>,
    /// With its first slash; empty for a URL without a path.
    pub(crate) raw_path: Box<str>,
    pub(crate) raw_query: Option<Box<str>>,
    pub(crate) fragment: Option<Box<str>>,
}

impl SplitUrl {
    /// Splits a text. White space around it, and quotation marks or `<>` that enclose it, are ignored.
    pub(crate) fn parse(text: &str) -> Result<Self, NotASignedUrl> {
        let text = unwrapped(text)?;
        let (is_https, rest) = split_scheme(text)?;
        let (rest, fragment) = rest.split_once('#').map_or((rest, None), |(rest, end)| (rest, Some(end)));
        let (rest, raw_query) = rest.split_once('?').map_or((rest, None), |(rest, end)| (rest, Some(end)));
        let end = rest.find(['/', '\\']).unwrap_or(rest.len());
        let (host, raw_path) = rest.split_at_checked(end).ok_or(NotASignedUrl::Host)?;
        if host.contains('@') {
            return Err(NotASignedUrl::UserInfo);
        }
        if host_name(host).is_empty() || host.contains(['"', '\'', '<', '>', '^', '`', '{', '|', '}']) {
            return Err(NotASignedUrl::Host);
        }
        Ok(Self {
            is_https,
            host: host.into(),
            raw_path: raw_path.into(),
            raw_query: raw_query.map(Into::into),
            fragment: fragment.map(Into::into),
        })
    }
}

/// Removes what people copy along with a URL, and refuses what cannot be one.
fn unwrapped(text: &str) -> Result<&str, NotASignedUrl> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let text =
        ['"', '\'', '`'].iter().find_map(|it| text.strip_prefix(*it)?.strip_suffix(*it)).unwrap_or(text);
    let text = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text).trim();
    if text.is_empty() {
        return Err(NotASignedUrl::Empty);
    }
    if let Some((offset, byte)) = text.bytes().enumerate().find(|(_, byte)| is_binary(*byte)) {
        return Err(NotASignedUrl::Binary { byte, offset });
    }
    if text.len() > SignedUrl::MAX_BYTES {
        return Err(NotASignedUrl::TooLong(text.len()));
    }
    Ok(text)
}

const fn is_binary(byte: u8) -> bool {
    byte.is_ascii_control() && !matches!(byte, b'\t' | b'\r' | b'\n')
}

fn split_scheme(text: &str) -> Result<(bool, &str), NotASignedUrl> {
    let strip = |scheme: &str| {
        let (start, rest) = text.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let found =
        strip("https://").map(|rest| (true, rest)).or_else(|| strip("http://").map(|rest| (false, rest)));
    let Some(found) = found else {
        let start: String = text.chars().take_while(|it| !matches!(it, '?' | '\n')).take(24).collect();
        return Err(NotASignedUrl::Scheme { found: Redacted::new(&start) });
    };
    match text.find(char::is_whitespace) {
        Some(offset) => Err(NotASignedUrl::WhiteSpace { offset }),
        None => Ok(found),
    }
}
