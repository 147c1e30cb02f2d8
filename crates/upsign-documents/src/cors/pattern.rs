//! The one wildcard of S3's CORS rules.

/// Whether `text` is `pattern`, in which at most one `*` stands for any text, also for none.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| rest.ends_with(after)),
        None => pattern == text,
    }
}

/// The same without regard to letter case, for ASCII.
pub(super) fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    matches(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

pub(super) fn wildcards(pattern: &str) -> usize {
    pattern.matches('*').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star() {
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
