//! The file name that a client sends.

use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use crate::encoding::characters::{Disallowed, disallowed, is_mark};

/// A file name that is safe in a key, in a header and on the disk of a person who downloads the object.
///
/// - It is in Unicode normalization form C and has at most [`MAX_BYTES`](Self::MAX_BYTES) bytes.
/// - It is one path segment: no slash, backslash, or character that looks like one or normalizes to one.
/// - It contains no control, invisible, private-use or unassigned characters, and none of `< > : " | ? * { }`.
/// - It contains no percent-encoded characters, which another program could decode.
/// - It does not start or end with a dot or white space, and does not start with a combining mark.
/// - It is not a device name of Windows, such as `nul.png`.
/// - Only its last extension can be that of a program: `a.php.png` is not one, because some servers execute it.
///
/// ```
/// use upsign_policy::{FileName, InvalidFileName};
/// let name = FileName::parse("Strand – Café (2).PNG")?;
/// assert_eq!((name.stem(), name.extension()), ("Strand – Café (2)", Some("PNG")));
/// assert_eq!(FileName::parse("../x.png"), Err(InvalidFileName::Separator));
/// # Ok::<(), InvalidFileName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(Box<str>);

/// The reason why a text is not a [`FileName`]. The messages never contain the text, because it comes from the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidFileName {
    /// The name is empty or consists of white space.
    #[error("a file name must contain at least one visible character")]
    Empty,
    /// The name has more bytes of UTF-8 than allowed.
    #[error("a file name must have at most {limit} bytes, but this one has {len}")]
    TooLong {
        /// Length of the name in bytes.
        len: usize,
        /// Maximum length in bytes.
        limit: usize,
    },
    /// The name contains a character of Unicode category Cc.
    #[error("a file name must not contain control characters")]
    Control,
    /// The name contains a format or bidi control, an unassigned or private-use character, or an invisible one.
    #[error("a file name must not contain invisible, private-use or unassigned characters")]
    Invisible,
    /// The name contains a slash or backslash, or a character that looks like one or normalizes to one or to a dot.
    #[error(
        "a file name must not contain a slash, a backslash, or a character that stands for one or for a dot"
    )]
    Separator,
    /// The name contains one of `< > : " | ? * { }`.
    #[error("a file name must not contain `{0}`")]
    Reserved(char),
    /// The name contains `%` and two hex digits.
    #[error("a file name must not contain percent-encoded characters: send the decoded name")]
    Encoded,
    /// The name starts or ends with a dot.
    #[error("a file name must not start or end with a dot")]
    Dot,
    /// The name starts or ends with white space, or starts with a combining mark.
    #[error("a file name must not start or end with white space, or start with a combining mark")]
    Space,
    /// The name is a device name of Windows, for example `nul.png`.
    #[error("a file name must not be a device name of Windows")]
    Device,
    /// An extension before the last one is that of a program, as in `a.php.png`. Some servers execute such files.
    #[error("a file name must not contain the extension of a program before its last extension")]
    Program,
}

/// The handling of a file name that is not safe ([`FileName`]).
///
/// TOML key: `file_names`.
///
/// ```
/// use upsign_policy::{FileName, FileNameOptions, FileNames};
/// assert!(FileName::parse("a/b.png").is_err());
/// // `FileNames::Mend` stores the file under `a_b.png` instead of denying the upload.
/// let options = FileNameOptions::new().handling(FileNames::Mend);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileNames {
    /// Denies the request.
    #[default]
    Refuse,
    /// Repairs the name: disallowed characters become `_`, and the stem of a name that is too long is shortened. A name
    /// with control characters is still denied, because no genuine name contains them.
    Mend,
}

impl FileName {
    /// Maximum length of a name in bytes: the length of the longest key.
    pub const MAX_BYTES: usize = 1_024;

    /// Parses a name of at most [`MAX_BYTES`](Self::MAX_BYTES) bytes and converts it to Unicode normalization form C, the
    /// form that most systems use.
    ///
    /// # Errors
    /// Returns [`InvalidFileName`] if the name violates one of the rules of [`FileName`].
    pub fn parse(text: &str) -> Result<Self, InvalidFileName> {
        Self::parse_within(text, Self::MAX_BYTES)
    }

    /// Parses a name of at most `limit` bytes.
    ///
    /// # Errors
    /// Returns [`InvalidFileName`] if the name is longer than `limit` or violates one of the rules of [`FileName`].
    pub fn parse_within(text: &str, limit: usize) -> Result<Self, InvalidFileName> {
        // Checked before normalization to bound its cost, and after it because it can make the text longer.
        check_len(text, limit)?;
        let text: String = text.nfc().collect();
        check_len(&text, limit)?;
        check_characters(&text)?;
        check_ends(&text)?;
        if has_percent_encoding(&text) {
            return Err(InvalidFileName::Encoded);
        }
        if is_device(&text) {
            return Err(InvalidFileName::Device);
        }
        if inner_extensions(&text).any(is_program) {
            return Err(InvalidFileName::Program);
        }
        Ok(Self(text.into()))
    }

    /// Repairs a name as [`FileNames::Mend`] describes, so that it has at most `limit` bytes.
    ///
    /// # Errors
    /// Returns [`InvalidFileName`] if the text contains control characters, has more than [`MAX_BYTES`](Self::MAX_BYTES)
    /// bytes, or if its extension leaves no room within `limit`.
    pub fn repaired(text: &str, limit: usize) -> Result<Self, InvalidFileName> {
        check_len(text, Self::MAX_BYTES)?;
        if text.chars().any(|c| disallowed(c) == Some(Disallowed::Control)) {
            return Err(InvalidFileName::Control);
        }
        let replace = |c: char| if disallowed(c).is_some() || is_reserved(c) { '_' } else { c };
        let mut text: String = text.nfc().map(replace).collect();
        if has_percent_encoding(&text) {
            text = text.replace('%', "_");
        }
        let text = text.trim_matches(|c: char| c == '.' || c.is_whitespace());
        let (stem, extension) = text.rsplit_once('.').unwrap_or((text, ""));
        let mut stem =
            if inner_extensions(text).any(is_program) { stem.replace('.', "_") } else { stem.into() };
        if stem.chars().next().is_none_or(is_mark) || is_device(&stem) {
            stem.insert(0, '_');
        }
        let dotted = if extension.is_empty() { String::new() } else { format!(".{extension}") };
        let room = limit.checked_sub(dotted.len()).filter(|room| *room > 0);
        let room = room.ok_or(InvalidFileName::TooLong { len: dotted.len(), limit })?;
        let shortened = stem.get(..stem.floor_char_boundary(room)).unwrap_or_default();
        let shortened = shortened.trim_end_matches(|c: char| c == '.' || c.is_whitespace());
        Self::parse_within(&format!("{shortened}{dotted}"), limit)
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name without its extension.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.0.rsplit_once('.').map_or(&self.0, |(stem, _)| stem)
    }

    /// Returns the part after the last dot, in its original case.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.0.rsplit_once('.').map(|(_, extension)| extension)
    }
}

impl FileNames {
    /// Parses or repairs a name of at most `limit` bytes.
    ///
    /// # Errors
    /// Returns the errors of [`FileName::parse_within`] or [`FileName::repaired`].
    pub fn read(self, text: &str, limit: usize) -> Result<FileName, InvalidFileName> {
        match self {
            Self::Refuse => FileName::parse_within(text, limit),
            Self::Mend => FileName::repaired(text, limit),
        }
    }
}

impl FromStr for FileName {
    type Err = InvalidFileName;

    /// Calls [`FileName::parse`].
    fn from_str(text: &str) -> Result<Self, InvalidFileName> {
        Self::parse(text)
    }
}

upsign_core::text_type!(FileName);

const fn check_len(text: &str, limit: usize) -> Result<(), InvalidFileName> {
    if text.len() > limit { Err(InvalidFileName::TooLong { len: text.len(), limit }) } else { Ok(()) }
}

fn check_characters(text: &str) -> Result<(), InvalidFileName> {
    for c in text.chars() {
        match disallowed(c) {
            Some(Disallowed::Control) => return Err(InvalidFileName::Control),
            Some(Disallowed::Invisible) => return Err(InvalidFileName::Invisible),
            Some(Disallowed::Separator) => return Err(InvalidFileName::Separator),
            None if is_reserved(c) => return Err(InvalidFileName::Reserved(c)),
            None => {}
        }
    }
    Ok(())
}

fn check_ends(text: &str) -> Result<(), InvalidFileName> {
    if text.trim().is_empty() {
        return Err(InvalidFileName::Empty);
    }
    if text.starts_with('.') || text.ends_with('.') {
        return Err(InvalidFileName::Dot);
    }
    if text.trim() != text || text.starts_with(is_mark) {
        return Err(InvalidFileName::Space);
    }
    Ok(())
}

/// Returns whether Windows forbids the character in file names, or whether it is a brace, which templates use.
///
/// Source: <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>.
const fn is_reserved(c: char) -> bool {
    matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '{' | '}')
}

/// Returns whether the text contains `%` and two hex digits.
fn has_percent_encoding(text: &str) -> bool {
    text.as_bytes().windows(3).any(|three| match three {
        [b'%', high, low] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        _ => false,
    })
}

/// Returns whether Windows treats the name as a device, for example `NUL`, `COM1` or `COM¹`, with or without an extension.
///
/// Source: <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>.
fn is_device(name: &str) -> bool {
    let (first, _) = name.split_once('.').unwrap_or((name, ""));
    let first = first.trim_end().to_ascii_uppercase();
    if matches!(first.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let number = first.strip_prefix("COM").or_else(|| first.strip_prefix("LPT"));
    number.is_some_and(|number| {
        let mut chars = number.chars();
        matches!((chars.next(), chars.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    })
}

/// Returns the extensions before the last one.
fn inner_extensions(name: &str) -> impl Iterator<Item = &str> {
    let (before, _) = name.rsplit_once('.').unwrap_or_default();
    before.split('.').skip(1)
}

/// Returns whether a web server or a desktop executes files with this extension. Apache's `mod_mime` considers every
/// extension of a name (<https://httpd.apache.org/docs/2.4/mod/mod_mime.html#multipleext>).
fn is_program(extension: &str) -> bool {
    const PROGRAMS: [&str; 24] = [
        "asp", "aspx", "bat", "cgi", "cmd", "exe", "hta", "jsp", "jspx", "msi", "phar", "php", "php3",
        "php4", "php5", "php7", "php8", "phtml", "pht", "pl", "ps1", "scr", "shtml", "vbs",
    ];
    // Older versions of IIS executed `a.asp;.png`, so only the first run of letters and digits is compared.
    let mut words = extension.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.next().is_some_and(|word| PROGRAMS.into_iter().any(|program| program.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn rejected(text: &str, error: InvalidFileName) {
        assert_eq!(FileName::parse(text), Err(error), "{text:?}");
    }

    #[test]
    fn ordinary_names_are_accepted() {
        for name in [
            "photo.png",
            "PHOTO.PNG",
            "my photo (1).jpeg",
            "a+b&c=d,e;f'g!.png",
            "100% done.png",
            "日本.png",
            "Screenshot 2026-01-01 at 1.00.00\u{202f}PM.png",
            "❤\u{fe0f}.png",
            "no-extension",
            "v1.2.tar.gz",
            "_x.png",
            "~tmp#1@2.png",
        ] {
            assert_eq!(FileName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(FileName::parse("cafe\u{301}.png").unwrap().as_str(), "caf\u{e9}.png");
    }

    #[test]
    fn unsafe_names_are_rejected() {
        use InvalidFileName as Error;
        for (text, error) in [
            ("", Error::Empty),
            ("   ", Error::Empty),
            ("a\0.png", Error::Control),
            ("a\r\nb.png", Error::Control),
            ("a\u{202e}gnp.exe", Error::Invisible),
            ("a/b.png", Error::Separator),
            ("a\\b.png", Error::Separator),
            ("℀.png", Error::Separator),
            ("a:b.png", Error::Reserved(':')),
            ("{sub}.png", Error::Reserved('{')),
            ("a%2fb.png", Error::Encoded),
            (".git", Error::Dot),
            ("..", Error::Dot),
            ("photo.png.", Error::Dot),
            (" a.png", Error::Space),
            ("a.png\u{a0}", Error::Space),
            ("\u{301}a.png", Error::Space),
            ("nul.png", Error::Device),
            ("LPT9.png", Error::Device),
            ("com¹.png", Error::Device),
            ("aux", Error::Device),
            ("a.PHP.png", Error::Program),
            ("a.asp;.png", Error::Program),
            ("a. exe .png", Error::Program),
        ] {
            rejected(text, error);
        }
        rejected(&"a".repeat(1 << 20), Error::TooLong { len: 1 << 20, limit: 1_024 });
        // Normalization form C turns each of these characters of 4 bytes into 12 bytes. The limit applies to the result.
        let growing = "\u{1d160}".repeat(250);
        rejected(&growing, Error::TooLong { len: 3_000, limit: 1_024 });
    }

    #[track_caller]
    fn repaired(text: &str, name: &str) {
        assert_eq!(FileName::repaired(text, 40).map(|name| name.to_string()), Ok(name.into()), "{text:?}");
    }

    #[test]
    fn unsafe_names_are_repaired() {
        repaired("photo.png", "photo.png");
        repaired("../../etc/x.png", "_.._etc_x.png");
        repaired("C:\\x.png", "C__x.png");
        repaired(" a.png ", "a.png");
        repaired("{sub}*?.png", "_sub___.png");
        repaired("a%2e%2e.png", "a_2e_2e.png");
        repaired("nul.png", "_nul.png");
        repaired("a.php.png", "a_php.png");
        repaired("\u{301}a.png", "_\u{301}a.png");
        repaired("a\u{202e}b.png", "a_b.png");
        repaired(&format!("{}.png", "é".repeat(100)), &format!("{}.png", "é".repeat(18)));
        assert_eq!(FileName::repaired("x\0.png", 40), Err(InvalidFileName::Control));
        assert_eq!(FileName::repaired("...", 40), Ok(FileName("_".into())));
    }

    proptest! {
        #[test]
        fn a_parsed_name_parses_to_itself(text in any::<String>()) {
            if let Ok(name) = FileName::parse(&text) {
                prop_assert_eq!(FileName::parse(name.as_str()), Ok(name));
            }
        }

        #[test]
        fn a_repaired_name_is_valid(text in "\\PC{0,80}", limit in 8_usize..60) {
            if let Ok(name) = FileName::repaired(&text, limit) {
                prop_assert!(name.as_str().len() <= limit);
                prop_assert_eq!(FileName::parse(name.as_str()), Ok(name));
            }
        }
    }
}
