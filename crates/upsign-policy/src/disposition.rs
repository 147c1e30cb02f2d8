//! `Content-Disposition`: what a browser does with the object later.

use crate::percent::{is_attr_char, push_percent};
use crate::{FileName, FileNames, InvalidFileName};

/// What a policy says about `Content-Disposition`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Disposition {
    /// Nothing: the header is not set.
    #[default]
    Unset,
    /// `attachment`: a browser saves the object instead of opening it.
    Attachment,
    /// `attachment` with the client's file name, where it gives one.
    AttachmentNamed,
    /// `inline` with the client's file name, where it gives one.
    InlineNamed,
    /// What the client asks for, read and written anew; unset where it asks for nothing.
    FromClient,
}

/// The two dispositions there are for objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Inline,
    Attachment,
}

/// Why a client's text is no `Content-Disposition`. None of these shows the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDisposition {
    /// Not `inline` or `attachment`.
    #[error("a content disposition is `inline` or `attachment`")]
    Kind,
    /// Something after `;` other than one `filename` and one `filename*`, of which the latter counts (RFC 6266 section 4.3).
    #[error("a content disposition has at most `filename` and `filename*`, each once")]
    Parameter,
    /// The name in it is not fit.
    #[error("the file name in the content disposition is invalid")]
    FileName(#[source] InvalidFileName),
    /// `inline` for a type that a browser would run.
    #[error("an active content type cannot be `inline`")]
    Active,
}

/// A client's `Content-Disposition`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) kind: Kind,
    pub(crate) file_name: Option<FileName>,
}

/// The header's value: `attachment`, or with a name as RFC 6266 section 4.3 has it: `filename` for an ASCII name, else
/// an ASCII rendering of it and the true one in `filename*` (RFC 8187).
pub(crate) fn written(kind: Kind, name: Option<&FileName>) -> String {
    let mut out = String::from(match kind {
        Kind::Inline => "inline",
        Kind::Attachment => "attachment",
    });
    let Some(name) = name.map(FileName::as_str) else { return out };
    // A `%` would be decoded by some browsers, a run of spaces is folded by the signature.
    let quotable = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%');
    out.push_str("; filename=\"");
    out.extend(name.chars().map(|c| if quotable(c) { c } else { '_' }));
    out.push('"');
    if !name.chars().all(quotable) || name.contains("  ") {
        out.push_str("; filename*=UTF-8''");
        push_percent(&mut out, name, is_attr_char);
    }
    out
}

/// Reads a client's text. The names in it are judged as any file name.
pub(crate) fn read(text: &str, names: FileNames, limit: usize) -> Result<Wanted, InvalidDisposition> {
    // An encoded name has up to three bytes for one, and there may be two names.
    if text.len() > 64 + limit.saturating_mul(4) {
        let error = InvalidFileName::TooLong { len: text.len(), limit };
        return Err(InvalidDisposition::FileName(error));
    }
    let (kind, mut rest) = text.find(';').and_then(|end| text.split_at_checked(end)).unwrap_or((text, ""));
    let kind = match kind.trim_matches(' ') {
        it if it.eq_ignore_ascii_case("inline") => Kind::Inline,
        it if it.eq_ignore_ascii_case("attachment") => Kind::Attachment,
        _ => return Err(InvalidDisposition::Kind),
    };
    let (mut plain, mut extended) = (None, None);
    while !rest.is_empty() {
        let (name, value, after) = parameter(rest).ok_or(InvalidDisposition::Parameter)?;
        let place = if name.eq_ignore_ascii_case("filename") {
            &mut plain
        } else if name.eq_ignore_ascii_case("filename*") {
            &mut extended
        } else {
            return Err(InvalidDisposition::Parameter);
        };
        if place.is_some() {
            return Err(InvalidDisposition::Parameter);
        }
        *place = Some(value);
        rest = after;
    }
    let extended = extended.map(|value| decoded(&value).ok_or(InvalidDisposition::Parameter)).transpose()?;
    let file_name = extended.or(plain).map(|name| names.read(&name, limit)).transpose();
    Ok(Wanted { kind, file_name: file_name.map_err(InvalidDisposition::FileName)? })
}

/// One `;name=value` off the front: name, value without quotes, what follows.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let text = text.strip_prefix(';')?.trim_start_matches(' ');
    let (name, text) = text.split_once('=')?;
    let (value, after) = match text.strip_prefix('"') {
        Some(quoted) => unquoted(quoted)?,
        None => {
            let (value, after) = text.split_at_checked(text.find([';', ' ']).unwrap_or(text.len()))?;
            (crate::content_type::is_token(value).then(|| value.to_owned())?, after)
        }
    };
    let after = after.trim_start_matches(' ');
    (after.is_empty() || after.starts_with(';')).then_some((name.trim_end_matches(' '), value, after))
}

/// A quoted string, not only ASCII: the name in it is judged afterwards.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((place, c)) = chars.next() {
        match c {
            '"' => return Some((value, text.get(place + 1..)?)),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

/// `UTF-8''…` of RFC 8187.
fn decoded(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_, text) = rest.split_once('\'')?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            bytes.push(digit(rest.next()?)? << 4 | digit(rest.next()?)?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(name: &str, header: &str) {
        let name = FileName::parse(name).unwrap();
        assert_eq!(written(Kind::Attachment, Some(&name)), header);
        let wanted = read(header, FileNames::Refuse, 255).unwrap();
        assert_eq!(wanted, Wanted { kind: Kind::Attachment, file_name: Some(name) });
    }

    #[test]
    fn written_and_read() {
        check("a.png", r#"attachment; filename="a.png""#);
        check("my photo.png", r#"attachment; filename="my photo.png""#);
        check("café.png", r#"attachment; filename="caf_.png"; filename*=UTF-8''caf%C3%A9.png"#);
        check(
            "日本 'x'.png",
            r#"attachment; filename="__ 'x'.png"; filename*=UTF-8''%E6%97%A5%E6%9C%AC%20%27x%27.png"#,
        );
        check("100% done.png", r#"attachment; filename="100_ done.png"; filename*=UTF-8''100%25%20done.png"#);
        check("a  b.png", r#"attachment; filename="a  b.png"; filename*=UTF-8''a%20%20b.png"#);
        assert_eq!(written(Kind::Inline, None), "inline");
    }

    #[test]
    fn refused() {
        use InvalidDisposition as Why;
        let name = Why::FileName;
        for (text, why) in [
            ("", Why::Kind),
            ("form-data", Why::Kind),
            ("attachment, inline", Why::Kind),
            ("attachment;", Why::Parameter),
            ("attachment; filename", Why::Parameter),
            ("attachment; filename=\"a", Why::Parameter),
            ("attachment; filename=\"a\"b", Why::Parameter),
            ("attachment; filename=a b", Why::Parameter),
            ("attachment; filename=\"a\"; filename=\"b.exe\"", Why::Parameter),
            ("attachment; filename=\"a\"; x=y", Why::Parameter),
            ("attachment; filename*=latin1''a", Why::Parameter),
            ("attachment; filename*=UTF-8''%FF", Why::Parameter),
            ("attachment; filename*=UTF-8''%4", Why::Parameter),
            ("attachment; filename=\"a\r\nx-amz-acl: public-read\"", name(InvalidFileName::Control)),
            ("attachment; filename*=UTF-8''a%0D%0Ab", name(InvalidFileName::Control)),
            ("attachment; filename=\"a\u{202e}gnp.exe\"", name(InvalidFileName::Invisible)),
            ("attachment; filename=\"../a\"", name(InvalidFileName::Separator)),
            ("attachment; filename=\"a\\\"; x=\\\"b.png\"", name(InvalidFileName::Reserved('"'))),
            ("attachment; filename=\"\"", name(InvalidFileName::Empty)),
        ] {
            assert_eq!(read(text, FileNames::Refuse, 255), Err(why), "{text:?}");
        }
        let long = format!("attachment; filename=\"{}\"", "a".repeat(1 << 20));
        assert!(matches!(read(&long, FileNames::Refuse, 255), Err(Why::FileName(_))));
    }

    proptest! {
        #[test]
        fn a_name_survives(text in "\\PC{1,40}") {
            if let Ok(name) = FileName::parse(&text) {
                let header = written(Kind::Attachment, Some(&name));
                prop_assert!(header.bytes().all(|byte| matches!(byte, b' '..=b'~')));
                let wanted = read(&header, FileNames::Refuse, 255).unwrap();
                prop_assert_eq!(wanted.file_name, Some(name));
            }
        }

        #[test]
        fn never_a_panic(text in any::<String>(), tail in any::<String>()) {
            let _ = read(&text, FileNames::Mend, 255);
            let _ = read(&format!("attachment; filename={tail}"), FileNames::Mend, 255);
            let _ = read(&format!("attachment; filename*=UTF-8''{tail}"), FileNames::Refuse, 255);
        }
    }
}
