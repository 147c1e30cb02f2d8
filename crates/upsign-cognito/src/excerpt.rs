//! Foreign text made fit for an operator's eyes.

use std::fmt;

/// At most 64 characters of a text from outside, escaped: no line break, no control character and no direction
/// mark of it reaches a log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Excerpt(Box<str>);

const CHARACTERS: usize = 64;

impl Excerpt {
    pub(crate) fn of(text: &str) -> Self {
        let mut shown: String = text.chars().take(CHARACTERS).flat_map(shown).collect();
        if text.chars().nth(CHARACTERS).is_some() {
            shown.push('…');
        }
        Self(shown.into())
    }
}

/// ASCII as it is, what cannot be seen or could be mistaken as an escape.
fn shown(character: char) -> impl Iterator<Item = char> {
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
        assert_eq!(Excerpt::of(text).to_string(), shown);
    }

    #[test]
    fn nothing_foreign_reaches_a_log_raw() {
        check("abc=/+", "`abc=/+`");
        check("a\nb\0\u{202e}\\", "`a\\nb\\u{0}\\u{202e}\\\\`");
        check(&"k".repeat(64), &format!("`{}`", "k".repeat(64)));
        check(&"k".repeat(65), &format!("`{}…`", "k".repeat(64)));
    }
}
