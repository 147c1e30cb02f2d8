//! Patterns with IAM's wildcards: `*` stands for any text and `?` for any one character.

/// Matches a pattern in which `*` stands for any text and `?` for any one character.
///
/// On a mismatch the matching continues at the most recent `*`, which then covers one more character. Earlier stars never
/// need to be extended, so the time is at most the product of both lengths.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut in_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while in_text < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_text));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || text.get(in_text) == Some(wanted) => {
                at += 1;
                in_text += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    at = after + 1;
                    in_text = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

/// Returns whether there is a text that both patterns match.
///
/// The rest of `one` from its position `i` and the rest of `other` from `j` overlap if a star of either can end
/// (`i + 1, j` and `i, j + 1`, which also cover that it stands for a character of the other), or if both continue with
/// characters that can be equal (`i + 1, j + 1`). `row` holds the result for every `j`, last first, and is computed from the
/// last `i` to the first.
pub(crate) fn overlap(one: &str, other: &str) -> bool {
    let mut can_end = true;
    let mut row = vec![true];
    for y in other.chars().rev() {
        can_end = can_end && y == '*';
        row.push(can_end);
    }
    for x in one.chars().rev() {
        let mut next = Vec::with_capacity(row.len());
        let (mut without_y, mut without_both) = (false, false);
        let columns = std::iter::once(None).chain(other.chars().rev().map(Some));
        for (y, without_x) in columns.zip(row) {
            let here = match y {
                None => x == '*' && without_x,
                Some(y) if x == '*' || y == '*' => without_x || without_y,
                Some(y) => (x == y || x == '?' || y == '?') && without_both,
            };
            (without_y, without_both) = (here, without_x);
            next.push(here);
        }
        row = next;
    }
    row.last().is_some_and(|overlap| *overlap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_and_question_mark_match() {
        for (pattern, text, yes) in [
            ("", "", true),
            ("*", "", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "acb", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("raw/*.*", "raw/1.jpg", true),
            ("raw/*.*", "raw/1", false),
            ("**", "x", true),
        ] {
            assert_eq!(glob(pattern, text), yes, "{pattern} {text}");
        }
    }

    #[test]
    fn overlapping_patterns_share_a_text() {
        for (one, other, yes) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a*", "*b", true),
            ("a*", "b*", false),
            ("a?", "ab", true),
            ("a?", "a", false),
            ("?", "*", true),
            ("s3:*object", "s3:get*", true),
            ("s3:deleteobject", "s3:put*", false),
            ("raw/*.*", "raw/5b*", true),
            ("raw/*.*", "raw/", false),
            ("a*b*c", "*x*", true),
            ("ab", "abc", false),
        ] {
            assert_eq!(overlap(one, other), yes, "{one} {other}");
            assert_eq!(overlap(other, one), yes, "{other} {one}");
        }
    }
}
