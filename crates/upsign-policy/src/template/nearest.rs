//! The known name that a misspelled one probably means.

/// The candidate within a third of the name's length in edits, the first of the closest; none if all are further away.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    if name.len() > LONGEST {
        return None;
    }
    let reach = (name.chars().count() / 3).max(1);
    known
        .map(|candidate| (edits(&name.to_lowercase(), candidate), candidate))
        .filter(|(distance, _)| *distance <= reach)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The Levenshtein distance, `-` and `_` taken for one character.
fn edits(a: &str, b: &str) -> usize {
    let same = |c: char| if c == '-' { '_' } else { c };
    let b: Vec<char> = b.chars().map(same).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, left) in a.chars().map(same).enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(&b) {
            let cheapest = (diagonal + usize::from(left != *right)).min(*cell + 1).min(before + 1);
            diagonal = std::mem::replace(cell, cheapest);
            before = cheapest;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, distance) in [
            ("", "", 0),
            ("abc", "", 3),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("article-id", "article_id", 0),
        ] {
            assert_eq!(edits(a, b), distance, "{a} {b}");
        }
    }

    #[test]
    fn the_closest_within_reach() {
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
