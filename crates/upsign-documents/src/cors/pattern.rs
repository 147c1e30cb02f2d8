//! Patterns of CORS rules, with S3's single wildcard.

/// Returns whether `text` matches `pattern`, in which the first `*` stands for any text, including the empty one.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| rest.ends_with(after)),
        None => pattern == text,
    }
}

/// Returns whether `text` matches `pattern` if the case of ASCII letters is ignored.
pub(crate) fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    matches(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

/// Returns the number of `*` in a pattern.
pub(super) fn wildcards(pattern: &str) -> usize {
    pattern.matches('*').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_matches_any_text() {
        for (pattern, text, yes) in [
            ("*", "", true),
            ("*", "x", true),
            ("a*", "a", true),
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*a", "a", false),
            ("http://*.b.com", "http://a.b.com", true),
            ("http://*.b.com", "http://.b.com", true),
            ("http://*.b.com", "http://b.com", false),
            ("a", "A", false),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern, text), yes, "{pattern} {text}");
        }
        assert!(matches_ignoring_case("X-Amz-*", "x-amz-META-a"));
    }
}
