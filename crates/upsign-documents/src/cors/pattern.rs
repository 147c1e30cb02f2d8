//! Patterns of CORS rules, with S3's single wildcard.

pub(crate) use upsign_core::matches_cors_pattern as matches;

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
    fn case_of_header_names_is_ignored() {
        assert!(matches_ignoring_case("X-Amz-*", "x-amz-META-a"));
        assert!(!matches_ignoring_case("X-Amz-*", "x-a"));
    }
}
