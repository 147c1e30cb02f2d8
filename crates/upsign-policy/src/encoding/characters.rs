//! Characters that are not allowed in the text of a key.

use unicode_normalization::char::decompose_compatible;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// The reason why a character is not allowed in a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disallowed {
    /// Unicode category Cc.
    Control,
    /// Invisible, or displayed differently by different systems: format and bidi controls, private-use and unassigned
    /// characters, line and paragraph separators, and default-ignorable characters.
    Invisible,
    /// `/`, `\`, a character that looks like one of them, or one that compatibility normalization turns into `/`, `\` or `.`.
    Separator,
}

/// Returns why `c` is not allowed in a key, or `None` if it is allowed.
pub(crate) fn disallowed(c: char) -> Option<Disallowed> {
    if c.is_ascii() {
        return match c {
            '/' | '\\' => Some(Disallowed::Separator),
            c if c.is_ascii_control() => Some(Disallowed::Control),
            _ => None,
        };
    }
    match c.general_category() {
        GeneralCategory::Control => return Some(Disallowed::Control),
        GeneralCategory::Format
        | GeneralCategory::Surrogate
        | GeneralCategory::PrivateUse
        | GeneralCategory::Unassigned
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator => return Some(Disallowed::Invisible),
        _ => {}
    }
    if is_default_ignorable(c) {
        return Some(Disallowed::Invisible);
    }
    let mut structural = looks_like_slash(c);
    decompose_compatible(c, |part| structural |= matches!(part, '/' | '\\' | '.'));
    structural.then_some(Disallowed::Separator)
}

/// Returns whether `c` is a combining mark, which is displayed together with the character before it.
pub(crate) fn is_mark(c: char) -> bool {
    c.general_category_group() == GeneralCategoryGroup::Mark
}

/// Returns whether `c` is default-ignorable and not of category Cf, which is rejected already. Variation selectors 1 to 16
/// are not included, because emoji use them.
///
/// Source: <https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt>, `Default_Ignorable_Code_Point`.
const fn is_default_ignorable(c: char) -> bool {
    matches!(c,
        '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{3164}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns whether `c` is a mathematical symbol that looks like a slash or backslash.
///
/// Source: <https://www.unicode.org/Public/security/latest/confusables.txt>.
const fn looks_like_slash(c: char) -> bool {
    matches!(c, '\u{2044}' | '\u{2215}' | '\u{2216}' | '\u{29f5}' | '\u{29f8}' | '\u{29f9}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(chars: &str, expected: Option<Disallowed>) {
        for c in chars.chars() {
            assert_eq!(disallowed(c), expected, "{c:?}");
        }
    }

    #[test]
    fn characters_by_reason() {
        check("aZ09 .-_~!$&'()*+,;=:@%#éß日本ﷺ½\u{fe0f}\u{202f}\u{a0}😀", None);
        check("\0\t\n\r\u{1b}\u{7f}\u{80}\u{85}\u{9b}", Some(Disallowed::Control));
        check(
            "\u{200b}\u{200d}\u{200e}\u{200f}\u{202a}\u{202e}\u{2028}\u{2029}\u{2060}\u{2066}\u{2069}\u{feff}\u{fff9}\u{fffb}\u{ad}",
            Some(Disallowed::Invisible),
        );
        check(
            "\u{e000}\u{f8ff}\u{10ffff}\u{378}\u{ffff}\u{e0001}\u{e0020}\u{3164}\u{34f}",
            Some(Disallowed::Invisible),
        );
        check("/\\／＼．…⒈℀℅﹒∕⁄∖⧸", Some(Disallowed::Separator));
    }
}
