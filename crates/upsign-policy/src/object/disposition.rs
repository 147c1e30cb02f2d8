//! `Content-Disposition`: whether a browser that downloads the object shows it or saves it.

use crate::encoding::percent::{is_attr_char, push_percent};
use crate::object::file_name::{FileName, FileNames, InvalidFileName};

/// The `Content-Disposition` of the objects of a policy.
///
/// It also decides which types the ranges of [`ContentRules`](crate::ContentRules) include. A browser may display the
/// objects of `Unset` and `InlineNamed`, so a range includes only inert types. With every other value, a range also includes
/// unknown types, because their objects are always signed with `attachment`.
///
/// TOML key: `disposition`.
///
/// ```
/// use upsign_policy::{Bodyless, Disposition, FileNameOptions, FileNames};
/// # use upsign_policy::{Identity, Ids, Target, Timestamp, UploadPolicy, UploadRequest, uuid_v4};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let caller = Identity::from_verified("https://issuer.example", "alice")?;
/// # let ids = Ids::new(Timestamp::UNIX_EPOCH, uuid_v4([7; 16]));
/// // `target`, `caller` and `ids` are those of the first example of this crate.
/// let policy = UploadPolicy::builder(target, "reports/{id}.{ext}".parse()?, Bodyless::Refuse)
///     .content_types(["application/pdf"])
///     .max_size(10 << 20)
///     .disposition(Disposition::AttachmentNamed)
///     .build()?;
/// let request = UploadRequest::described().with_content_type("application/pdf").with_content_length(48_213);
/// let permit = policy.authorize(&caller, &request.with_file_name("May 2026.pdf"), &ids)?;
/// let disposition = permit.headers().unwrap().get("content-disposition");
/// assert_eq!(disposition, Some(r#"attachment; filename="May 2026.pdf""#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Disposition {
    /// The header is not sent.
    #[default]
    Unset,
    /// `attachment`: a browser saves the object instead of displaying it.
    Attachment,
    /// `attachment` with the client's file name, if it sends one.
    AttachmentNamed,
    /// `inline` with the client's file name, if it sends one.
    InlineNamed,
    /// The value that the client requests, parsed and rebuilt. If the client requests none, the header is not sent for inert
    /// types and types that the policy lists exactly; for unknown types of a range and for active types it is `attachment`,
    /// and `inline` is denied.
    FromClient,
}

impl Disposition {
    /// Returns whether every object whose type a browser could execute can be signed with `attachment`.
    pub(crate) const fn can_attach(self) -> bool {
        match self {
            Self::Attachment | Self::AttachmentNamed | Self::FromClient => true,
            Self::Unset | Self::InlineNamed => false,
        }
    }
}

/// The disposition types that make sense for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Inline,
    Attachment,
}

/// The reason why a text is not a valid `Content-Disposition`. The messages never contain the text, because it comes from
/// the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDisposition {
    /// The type is neither `inline` nor `attachment`.
    #[error("a content disposition must be `inline` or `attachment`")]
    Kind,
    /// There is a parameter other than one `filename` and one `filename*`. If both are present, `filename*` is used
    /// (RFC 6266 section 4.3).
    #[error("a content disposition may only have the parameters `filename` and `filename*`, each once")]
    Parameter,
    /// The file name is invalid.
    #[error("the file name in the content disposition is invalid")]
    FileName(#[source] InvalidFileName),
    /// `inline` was requested for an active content type, which a browser could execute, or for an unknown type.
    #[error("this content type must not be `inline`: a browser could execute it")]
    Active,
}

/// The parsed `Content-Disposition` of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParsedDisposition {
    pub(crate) kind: Kind,
    pub(crate) file_name: Option<FileName>,
}

/// Returns the value of the header. A name is written as in RFC 6266 section 4.3: an ASCII name as `filename`; any other name
/// as an ASCII approximation in `filename` and, encoded (RFC 8187), in `filename*`.
pub(crate) fn header_value(kind: Kind, name: Option<&FileName>) -> String {
    let mut out = String::from(match kind {
        Kind::Inline => "inline",
        Kind::Attachment => "attachment",
    });
    let Some(name) = name.map(FileName::as_str) else { return out };
    // Some browsers decode `%` in `filename`, and the canonical request folds runs of spaces. Such names need `filename*`.
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

/// Parses the text of a client. A name in it must satisfy the same rules as any file name.
pub(crate) fn parse(
    text: &str,
    names: FileNames,
    limit: usize,
) -> Result<ParsedDisposition, InvalidDisposition> {
    // An encoded name is up to three times as long, and both names may be present: four times `limit`, and the keywords.
    if text.len() > 64 + limit.saturating_mul(4) {
        let error = InvalidFileName::TooLong { len: text.len(), limit };
        return Err(InvalidDisposition::FileName(error));
    }
    let (kind, mut rest) = text.find(';').and_then(|end| text.split_at_checked(end)).unwrap_or((text, ""));
    let kind = match kind.trim_matches(' ') {
        kind if kind.eq_ignore_ascii_case("inline") => Kind::Inline,
        kind if kind.eq_ignore_ascii_case("attachment") => Kind::Attachment,
        _ => return Err(InvalidDisposition::Kind),
    };
    let (mut plain, mut extended) = (None, None);
    while !rest.is_empty() {
        let (name, value, after) = parameter(rest).ok_or(InvalidDisposition::Parameter)?;
        let target = if name.eq_ignore_ascii_case("filename") {
            &mut plain
        } else if name.eq_ignore_ascii_case("filename*") {
            &mut extended
        } else {
            return Err(InvalidDisposition::Parameter);
        };
        if target.is_some() {
            return Err(InvalidDisposition::Parameter);
        }
        *target = Some(value);
        rest = after;
    }
    let extended = extended.map(|value| decoded(&value).ok_or(InvalidDisposition::Parameter)).transpose()?;
    let file_name = extended.or(plain).map(|name| names.read(&name, limit)).transpose();
    Ok(ParsedDisposition { kind, file_name: file_name.map_err(InvalidDisposition::FileName)? })
}

/// Splits one `;name=value` off the start. Returns the name, the value without quotes, and the rest.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let text = text.strip_prefix(';')?.trim_start_matches(' ');
    let (name, text) = text.split_once('=')?;
    let (value, after) = match text.strip_prefix('"') {
        Some(quoted) => unquoted(quoted)?,
        None => {
            let (value, after) = text.split_at_checked(text.find([';', ' ']).unwrap_or(text.len()))?;
            (crate::encoding::token::is_token(value).then(|| value.to_owned())?, after)
        }
    };
    let after = after.trim_start_matches(' ');
    (after.is_empty() || after.starts_with(';')).then_some((name.trim_end_matches(' '), value, after))
}

/// Returns the content of a quoted string and the text after it. Characters outside ASCII are accepted, because the file name
/// is checked afterwards.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((index, c)) = chars.next() {
        match c {
            '"' => return Some((value, text.get(index + 1..)?)),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

/// Decodes an `ext-value` of RFC 8187, which starts with `UTF-8''`.
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
        assert_eq!(header_value(Kind::Attachment, Some(&name)), header);
        let parsed = parse(header, FileNames::Refuse, 255).unwrap();
        assert_eq!(parsed, ParsedDisposition { kind: Kind::Attachment, file_name: Some(name) });
    }

    #[test]
    fn header_values_parse_back() {
        check("a.png", r#"attachment; filename="a.png""#);
        check("my photo.png", r#"attachment; filename="my photo.png""#);
        check("café.png", r#"attachment; filename="caf_.png"; filename*=UTF-8''caf%C3%A9.png"#);
        check(
            "日本 'x'.png",
            r#"attachment; filename="__ 'x'.png"; filename*=UTF-8''%E6%97%A5%E6%9C%AC%20%27x%27.png"#,
        );
        check("100% done.png", r#"attachment; filename="100_ done.png"; filename*=UTF-8''100%25%20done.png"#);
        check("a  b.png", r#"attachment; filename="a  b.png"; filename*=UTF-8''a%20%20b.png"#);
        assert_eq!(header_value(Kind::Inline, None), "inline");
    }

    #[test]
    fn invalid_dispositions_are_rejected() {
        use InvalidDisposition as Error;
        let name = Error::FileName;
        for (text, error) in [
            ("", Error::Kind),
            ("form-data", Error::Kind),
            ("attachment, inline", Error::Kind),
            ("attachment;", Error::Parameter),
            ("attachment; filename", Error::Parameter),
            ("attachment; filename=\"a", Error::Parameter),
            ("attachment; filename=\"a\"b", Error::Parameter),
            ("attachment; filename=a b", Error::Parameter),
            ("attachment; filename=\"a\"; filename=\"b.exe\"", Error::Parameter),
            ("attachment; filename=\"a\"; x=y", Error::Parameter),
            ("attachment; filename*=latin1''a", Error::Parameter),
            ("attachment; filename*=UTF-8''%FF", Error::Parameter),
            ("attachment; filename*=UTF-8''%4", Error::Parameter),
            ("attachment; filename=\"a\r\nx-amz-acl: public-read\"", name(InvalidFileName::Control)),
            ("attachment; filename*=UTF-8''a%0D%0Ab", name(InvalidFileName::Control)),
            ("attachment; filename=\"a\u{202e}gnp.exe\"", name(InvalidFileName::Invisible)),
            ("attachment; filename=\"../a\"", name(InvalidFileName::Separator)),
            ("attachment; filename=\"a\\\"; x=\\\"b.png\"", name(InvalidFileName::Reserved('"'))),
            ("attachment; filename=\"\"", name(InvalidFileName::Empty)),
        ] {
            assert_eq!(parse(text, FileNames::Refuse, 255), Err(error), "{text:?}");
        }
        let long = format!("attachment; filename=\"{}\"", "a".repeat(1 << 20));
        assert!(matches!(parse(&long, FileNames::Refuse, 255), Err(Error::FileName(_))));
    }

    proptest! {
        #[test]
        fn file_names_survive_a_round_trip(text in "\\PC{1,40}") {
            if let Ok(name) = FileName::parse(&text) {
                let header = header_value(Kind::Attachment, Some(&name));
                prop_assert!(header.bytes().all(|byte| matches!(byte, b' '..=b'~')));
                let parsed = parse(&header, FileNames::Refuse, 255).unwrap();
                prop_assert_eq!(parsed.file_name, Some(name));
            }
        }

        #[test]
        fn any_text_parses_or_fails(text in any::<String>(), tail in any::<String>()) {
            let _ = parse(&text, FileNames::Mend, 255);
            let _ = parse(&format!("attachment; filename={tail}"), FileNames::Mend, 255);
            let _ = parse(&format!("attachment; filename*=UTF-8''{tail}"), FileNames::Refuse, 255);
        }
    }
}
