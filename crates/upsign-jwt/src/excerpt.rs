//! Text from outside, made safe for logs.

use std::fmt;

/// The beginning of a text from outside, escaped, so that no line break, control character or direction mark of it reaches a
/// log.
///
/// The escaped text has at most 256 characters, which show every issuer to its end, where two user pools of a region differ. A list
/// of names, such as the groups of a caller, has at most 1,024.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Excerpt(Box<str>);

const MAX_CHARACTERS: usize = 256;
const MAX_CHARACTERS_OF_LIST: usize = 1_024;

impl Excerpt {
    /// Escapes and shortens a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self::with_limit(text.chars(), MAX_CHARACTERS)
    }

    /// Escapes and shortens names, with spaces between them.
    pub(crate) fn of_list(names: &[&str]) -> Self {
        let separated =
            names.iter().enumerate().map(|(index, name)| (if index > 0 { " " } else { "" }, name));
        let characters = separated.flat_map(|(separator, name)| separator.chars().chain(name.chars()));
        Self::with_limit(characters, MAX_CHARACTERS_OF_LIST)
    }

    fn with_limit(characters: impl Iterator<Item = char>, max: usize) -> Self {
        let mut escaped = String::new();
        for character in characters {
            let before = escaped.len();
            escaped.extend(escape(character));
            if escaped.len() > max {
                escaped.truncate(before);
                escaped.push('…');
                break;
            }
        }
        Self(escaped.into())
    }

    /// Returns the escaped text, without the marks around it that `Display` adds.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// Returns printable ASCII as it is, and an escape for every other character and for the backslash.
fn escape(character: char) -> impl Iterator<Item = char> {
    let plain = matches!(character, ' '..='~') && character != '\\';
    let escaped = (!plain).then(|| character.escape_default()).into_iter().flatten();
    plain.then_some(character).into_iter().chain(escaped)
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, shown: &str) {
        assert_eq!(Excerpt::new(text).to_string(), shown);
    }

    #[test]
    fn text_from_outside_is_escaped_and_shortened() {
        check("abc=/+", "`abc=/+`");
        check("a\nb\0\u{202e}\\", "`a\\nb\\u{0}\\u{202e}\\\\`");
        check(&"k".repeat(256), &format!("`{}`", "k".repeat(256)));
        check(&"k".repeat(257), &format!("`{}…`", "k".repeat(256)));
    }

    #[test]
    fn lists_are_longer_than_single_texts() {
        let group = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
        assert_eq!(Excerpt::of_list(&[group; 20]).text(), [group; 20].join(" "));
        assert_eq!(Excerpt::of_list(&[group; 1_000]).text().chars().count(), 1_025);
        assert_eq!(Excerpt::of_list(&[]).text(), "");
        assert_eq!(Excerpt::of_list(&["a\nb", "", "c"]).text(), "a\\nb  c");
    }

    #[test]
    fn length_is_that_of_the_escaped_text_and_no_escape_is_cut() {
        check(&"\u{bbba}".repeat(100), &format!("`{}…`", "\\u{bbba}".repeat(32)));
        check(&"\u{10ffff}".repeat(100), &format!("`{}…`", "\\u{10ffff}".repeat(25)));
    }

    #[test]
    fn longest_issuer_of_a_user_pool_is_shown_in_full() {
        let issuer = format!("https://issuer-cognito-idp.ap-southeast-1.amazonaws.com/{}", "x".repeat(55));
        check(&issuer, &format!("`{issuer}`"));
    }
}
