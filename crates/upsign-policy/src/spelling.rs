//! The similarity of names, for suggestions.

/// Returns the candidate with the smallest edit distance, or `None` if every distance is more than a third of the length of the
/// name. The first of several equally close candidates is returned.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const MAX_LEN: usize = 64;
    if name.len() > MAX_LEN {
        return None;
    }
    let max_distance = (name.chars().count() / 3).max(1);
    known
        .map(|candidate| (edit_distance(&name.to_lowercase(), candidate), candidate))
        .filter(|(distance, _)| *distance <= max_distance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns the Levenshtein distance of two names. `-` and `_` count as the same character.
pub(crate) fn edit_distance(a: &str, b: &str) -> usize {
    strsim::levenshtein(&a.replace('-', "_"), &b.replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edit_distances() {
        for (a, b, distance) in [
            ("", "", 0),
            ("abc", "", 3),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("article-id", "article_id", 0),
        ] {
            assert_eq!(edit_distance(a, b), distance, "{a} {b}");
        }
    }

    #[test]
    fn closest_name_is_suggested() {
        let known = || ["article_id", "ext", "sub", "filename", "uuid"].into_iter();
        for (name, found) in [
            ("artcle_id", Some("article_id")),
            ("articleId", Some("article_id")),
            ("extt", Some("ext")),
            ("file_name", Some("filename")),
            ("user_id", None),
            ("zzz", None),
            (&"x".repeat(100_000), None),
        ] {
            assert_eq!(nearest(name, known()), found, "{name}");
        }
    }
}
