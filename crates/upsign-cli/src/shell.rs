//! Text for a POSIX shell.

/// Quotes `text` as one word, if it needs quotes.
pub(crate) fn quote(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) { text.to_owned() } else { in_quotes(text) }
}

/// Returns `text` as one word in single quotes.
pub(crate) fn in_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn words_with_special_characters_are_quoted() {
        assert_eq!(quote("photos/a.jpg"), "photos/a.jpg");
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote("$HOME"), "'$HOME'");
        assert_eq!(quote(""), "''");
    }
}
