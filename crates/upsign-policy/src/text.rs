//! What a text of a key may hold.

use unicode_normalization::char::decompose_compatible;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// Why a character cannot stand in a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// Unicode category Cc.
    Control,
    /// Seen by nobody, or not seen alike by everybody: formats and bidi controls, private use, unassigned, separators
    /// of lines and paragraphs, and characters drawn as nothing.
    Invisible,
    /// `/`, `\`, a character drawn like one, or one that compatibility normalisation turns into `/`, `\` or `.`.
    Separator,
}

pub(crate) fn unfit(c: char) -> Option<Unfit> {
    if c.is_ascii() {
        return match c {
            '/' | '\\' => Some(Unfit::Separator),
            c if c.is_ascii_control() => Some(Unfit::Control),
            _ => None,
        };
    }
    match c.general_category() {
        GeneralCategory::Control => return Some(Unfit::Control),
        GeneralCategory::Format
        | GeneralCategory::Surrogate
        | GeneralCategory::PrivateUse
        | GeneralCategory::Unassigned
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator => return Some(Unfit::Invisible),
        _ => {}
    }
    if is_drawn_as_nothing(c) {
        return Some(Unfit::Invisible);
    }
    let mut structural = is_drawn_as_a_slash(c);
    decompose_compatible(c, |part| structural |= matches!(part, '/' | '\\' | '.'));
    structural.then_some(Unfit::Separator)
}

/// Whether a character joins the one before it.
pub(crate) fn is_mark(c: char) -> bool {
    c.general_category_group() == GeneralCategoryGroup::Mark
}

/// Default-ignorable characters that are not category Cf. Variation selectors 1 to 16 stay: emoji use them.
///
/// Source: <https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt>, `Default_Ignorable_Code_Point`.
const fn is_drawn_as_nothing(c: char) -> bool {
    matches!(c,
        '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{3164}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// Source: <https://www.unicode.org/Public/security/latest/confusables.txt>, the mathematical ones.
const fn is_drawn_as_a_slash(c: char) -> bool {
    matches!(c, '\u{2044}' | '\u{2215}' | '\u{2216}' | '\u{29f5}' | '\u{29f8}' | '\u{29f9}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(chars: &str, why: Option<Unfit>) {
        for c in chars.chars() {
            assert_eq!(unfit(c), why, "{c:?}");
        }
    }

    #[test]
    fn by_what_is_wrong_with_it() {
        check("aZ09 .-_~!$&'()*+,;=:@%#éß日本ﷺ½\u{fe0f}\u{202f}\u{a0}😀", None);
        check("\0\t\n\r\u{1b}\u{7f}\u{80}\u{85}\u{9b}", Some(Unfit::Control));
        check(
            "\u{200b}\u{200d}\u{200e}\u{200f}\u{202a}\u{202e}\u{2028}\u{2029}\u{2060}\u{2066}\u{2069}\u{feff}\u{fff9}\u{fffb}\u{ad}",
            Some(Unfit::Invisible),
        );
        check(
            "\u{e000}\u{f8ff}\u{10ffff}\u{378}\u{ffff}\u{e0001}\u{e0020}\u{3164}\u{34f}",
            Some(Unfit::Invisible),
        );
        check("/\\／＼．…⒈℀℅﹒∕⁄∖⧸", Some(Unfit::Separator));
    }
}
