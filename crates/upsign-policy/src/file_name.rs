//! The name a client gives its file.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::text::{Unfit, is_mark, unfit};

/// A file name fit to stand in a key, a header and a person's folder: Unicode normalisation form C, one path segment,
/// no control or invisible character, nothing that another system would take for structure.
///
/// ```
/// use upsign_policy::{FileName, InvalidFileName};
/// let name = FileName::parse("Strand – Café (2).PNG")?;
/// assert_eq!((name.stem(), name.extension()), ("Strand – Café (2)", Some("PNG")));
/// assert_eq!(FileName::parse("../x.png"), Err(InvalidFileName::Separator));
/// # Ok::<(), InvalidFileName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileName(Box<str>);

/// Why a text is not a [`FileName`]. None of these shows the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidFileName {
    /// No text, or nothing but white space.
    #[error("a file name needs at least one visible character")]
    Empty,
    /// More bytes of UTF-8 than allowed.
    #[error("a file name has at most {limit} bytes, this one has {len}")]
    TooLong {
        /// Bytes there are.
        len: usize,
        /// Bytes there may be.
        limit: usize,
    },
    /// A character of Unicode category Cc.
    #[error("a file name holds no control characters")]
    Control,
    /// A format or bidi control, an unassigned or private character, or one drawn as nothing.
    #[error("a file name holds no invisible, private or unassigned characters")]
    Invisible,
    /// A slash or backslash, or what looks or normalises like one.
    #[error("a file name holds no slash, backslash, or character that stands for one or for a dot")]
    Separator,
    /// One of `< > : " | ? * { }`.
    #[error("a file name holds no `{0}`")]
    Reserved(char),
    /// `%` and two hex digits.
    #[error("a file name holds no percent-encoded characters: give it as it is meant")]
    Encoded,
    /// A dot at the start or at the end.
    #[error("a file name starts and ends with something other than a dot")]
    Dot,
    /// White space at the start or at the end, or a combining mark at the start.
    #[error("a file name starts and ends with a character of its own, not with a space")]
    Space,
    /// A device of Windows, such as `nul.png`.
    #[error("a file name is none of the device names of Windows")]
    Device,
    /// An extension before the last one that servers run, as in `a.php.png`.
    #[error("a file name holds no second extension of a program")]
    Program,
}

/// What to do with a file name that is not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileNames {
    /// Refuse it.
    #[default]
    Refuse,
    /// Mend it: unfit characters become `_`, a name too long loses the end of its stem. Control characters are refused
    /// all the same: no honest name has them.
    Mend,
}

impl FileName {
    /// The most bytes a name may have here: a key has no room for more.
    pub const MAX_BYTES: usize = 1_024;

    /// Reads a name and brings it to normalisation form C, the same text in the form most systems write.
    ///
    /// # Errors
    /// [`InvalidFileName`].
    pub fn parse(text: &str) -> Result<Self, InvalidFileName> {
        Self::parse_within(text, Self::MAX_BYTES)
    }

    /// The same with a limit of its own, in bytes.
    ///
    /// # Errors
    /// [`InvalidFileName`].
    pub fn parse_within(text: &str, limit: usize) -> Result<Self, InvalidFileName> {
        check_len(text, limit)?;
        let text: String = text.nfc().collect();
        check_len(&text, limit)?;
        check_characters(&text)?;
        check_ends(&text)?;
        if holds_encoded(&text) {
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

    /// A fit name made of any text without control characters, as [`FileNames::Mend`] says.
    ///
    /// # Errors
    /// [`InvalidFileName`] for control characters, for a text over [`MAX_BYTES`](Self::MAX_BYTES), and where nothing
    /// is left to mend.
    pub fn mended(text: &str, limit: usize) -> Result<Self, InvalidFileName> {
        check_len(text, Self::MAX_BYTES)?;
        if text.chars().any(|c| unfit(c) == Some(Unfit::Control)) {
            return Err(InvalidFileName::Control);
        }
        let fit = |c: char| if unfit(c).is_some() || is_reserved(c) { '_' } else { c };
        let mut text: String = text.nfc().map(fit).collect();
        if holds_encoded(&text) {
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
        let cut = stem.get(..stem.floor_char_boundary(room)).unwrap_or_default();
        let cut = cut.trim_end_matches(|c: char| c == '.' || c.is_whitespace());
        Self::parse_within(&format!("{cut}{dotted}"), limit)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without its extension.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.0.rsplit_once('.').map_or(&self.0, |(stem, _)| stem)
    }

    /// What stands after the last dot, as it was written.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.0.rsplit_once('.').map(|(_, extension)| extension)
    }
}

impl FileNames {
    /// Reads a name in this way.
    ///
    /// # Errors
    /// [`InvalidFileName`].
    pub fn read(self, text: &str, limit: usize) -> Result<FileName, InvalidFileName> {
        match self {
            Self::Refuse => FileName::parse_within(text, limit),
            Self::Mend => FileName::mended(text, limit),
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const fn check_len(text: &str, limit: usize) -> Result<(), InvalidFileName> {
    if text.len() > limit { Err(InvalidFileName::TooLong { len: text.len(), limit }) } else { Ok(()) }
}

fn check_characters(text: &str) -> Result<(), InvalidFileName> {
    for c in text.chars() {
        match unfit(c) {
            Some(Unfit::Control) => return Err(InvalidFileName::Control),
            Some(Unfit::Invisible) => return Err(InvalidFileName::Invisible),
            Some(Unfit::Separator) => return Err(InvalidFileName::Separator),
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

/// What Windows forbids in file names, and the braces of templates.
/// Source: <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>.
const fn is_reserved(c: char) -> bool {
    matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '{' | '}')
}

fn holds_encoded(text: &str) -> bool {
    text.as_bytes().windows(3).any(|three| match three {
        [b'%', high, low] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        _ => false,
    })
}

/// Source: as [`is_reserved`]; `COM¹` and its like count too.
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

/// The extensions before the last one.
fn inner_extensions(name: &str) -> impl Iterator<Item = &str> {
    let (before, _) = name.rsplit_once('.').unwrap_or_default();
    before.split('.').skip(1)
}

/// Extensions that a web server or a desktop runs, wherever in a name they stand: Apache's `mod_mime` looks at all of
/// them (<https://httpd.apache.org/docs/2.4/mod/mod_mime.html#multipleext>).
fn is_program(extension: &str) -> bool {
    const PROGRAMS: [&str; 24] = [
        "asp", "aspx", "bat", "cgi", "cmd", "exe", "hta", "jsp", "jspx", "msi", "phar", "php", "php3",
        "php4", "php5", "php7", "php8", "phtml", "pht", "pl", "ps1", "scr", "shtml", "vbs",
    ];
    // `a.asp;.png` was run by one server, so what follows the letters does not count.
    let mut words = extension.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.next().is_some_and(|word| PROGRAMS.into_iter().any(|program| program.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn refused(text: &str, why: InvalidFileName) {
        assert_eq!(FileName::parse(text), Err(why), "{text:?}");
    }

    #[test]
    fn names_people_have() {
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
    fn names_that_are_something_else() {
        use InvalidFileName as Why;
        for (text, why) in [
            ("", Why::Empty),
            ("   ", Why::Empty),
            ("a\0.png", Why::Control),
            ("a\r\nb.png", Why::Control),
            ("a\u{202e}gnp.exe", Why::Invisible),
            ("a/b.png", Why::Separator),
            ("a\\b.png", Why::Separator),
            ("℀.png", Why::Separator),
            ("a:b.png", Why::Reserved(':')),
            ("{sub}.png", Why::Reserved('{')),
            ("a%2fb.png", Why::Encoded),
            (".git", Why::Dot),
            ("..", Why::Dot),
            ("photo.png.", Why::Dot),
            (" a.png", Why::Space),
            ("a.png\u{a0}", Why::Space),
            ("\u{301}a.png", Why::Space),
            ("nul.png", Why::Device),
            ("LPT9.png", Why::Device),
            ("com¹.png", Why::Device),
            ("aux", Why::Device),
            ("a.PHP.png", Why::Program),
            ("a.asp;.png", Why::Program),
            ("a. exe .png", Why::Program),
        ] {
            refused(text, why);
        }
        refused(&"a".repeat(1 << 20), Why::TooLong { len: 1 << 20, limit: 1_024 });
        // Three bytes that normalisation form C spells with nine: the limit holds for what is kept.
        let growing = "\u{1d160}".repeat(250);
        refused(&growing, Why::TooLong { len: 3_000, limit: 1_024 });
    }

    #[track_caller]
    fn mended(text: &str, name: &str) {
        assert_eq!(FileName::mended(text, 40).map(|name| name.to_string()), Ok(name.into()), "{text:?}");
    }

    #[test]
    fn mending() {
        mended("photo.png", "photo.png");
        mended("../../etc/x.png", "_.._etc_x.png");
        mended("C:\\x.png", "C__x.png");
        mended(" a.png ", "a.png");
        mended("{sub}*?.png", "_sub___.png");
        mended("a%2e%2e.png", "a_2e_2e.png");
        mended("nul.png", "_nul.png");
        mended("a.php.png", "a_php.png");
        mended("\u{301}a.png", "_\u{301}a.png");
        mended("a\u{202e}b.png", "a_b.png");
        mended(&format!("{}.png", "é".repeat(100)), &format!("{}.png", "é".repeat(18)));
        assert_eq!(FileName::mended("x\0.png", 40), Err(InvalidFileName::Control));
        assert_eq!(FileName::mended("...", 40), Ok(FileName("_".into())));
    }

    proptest! {
        #[test]
        fn what_is_read_stays_as_it_is(text in any::<String>()) {
            if let Ok(name) = FileName::parse(&text) {
                prop_assert_eq!(FileName::parse(name.as_str()), Ok(name));
            }
        }

        #[test]
        fn what_is_mended_is_fit(text in "\\PC{0,80}", limit in 8_usize..60) {
            if let Ok(name) = FileName::mended(&text, limit) {
                prop_assert!(name.as_str().len() <= limit);
                prop_assert_eq!(FileName::parse(name.as_str()), Ok(name));
            }
        }
    }
}
