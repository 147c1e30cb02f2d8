//! Patterns of policies: `*` stands for any text, `?` for any one character, and `${…}` for a policy variable.

use super::IamContext;

/// A pattern, in pieces.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pattern(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Piece {
    Char(char),
    /// `?`.
    AnyChar,
    /// `*`.
    AnyText,
    /// A text that is not known here: a policy variable, or a reference of a template. Holds what is between the braces.
    Unknown(Box<str>),
}

impl Pattern {
    /// Reads a pattern with wildcards.
    pub(super) fn wild(text: &str) -> Self {
        Self::parse(text, true)
    }

    /// Reads a text in which `*` and `?` stand for themselves.
    pub(super) fn literal(text: &str) -> Self {
        Self::parse(text, false)
    }

    fn parse(text: &str, wild: bool) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some((inside, after)) = rest.strip_prefix("${").and_then(|inside| inside.split_once('}')) {
                // `${*}`, `${?}` and `${$}` are the characters themselves.
                // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars>
                pieces.push(match inside {
                    "*" => Piece::Char('*'),
                    "?" => Piece::Char('?'),
                    "$" => Piece::Char('$'),
                    inside => Piece::Unknown(inside.into()),
                });
                rest = after;
                continue;
            }
            pieces.push(match first {
                '*' if wild => Piece::AnyText,
                '?' if wild => Piece::AnyChar,
                other => Piece::Char(other),
            });
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
        Self(pieces)
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Returns the pattern in lower case.
    pub(super) fn to_lowercase(&self) -> Self {
        let lower = |piece: &Piece| match piece {
            Piece::Char(character) => Piece::Char(character.to_ascii_lowercase()),
            other => other.clone(),
        };
        Self(self.0.iter().map(lower).collect())
    }

    /// Returns whether a text contains a policy variable, as in `${aws:username}`.
    pub(super) fn has_policy_variable(text: &str) -> bool {
        let is_variable =
            |piece: &Piece| matches!(piece, Piece::Unknown(inside) if variable(inside).is_some());
        Self::literal(text).0.iter().any(is_variable)
    }

    /// Replaces policy variables by their values in a request. Returns `None` if a variable has no value there, or several:
    /// such a pattern matches nothing.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value>.
    pub(super) fn resolve(&self, context: &IamContext) -> Option<Self> {
        let mut pieces = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Unknown(inside) => {
                    let text = match variable(inside) {
                        None => format!("${{{inside}}}"),
                        Some((key, default)) => match (context.values(key), default) {
                            (Some([one]), _) => one.clone(),
                            (None, Some(default)) => default.to_owned(),
                            _ => return None,
                        },
                    };
                    pieces.extend(text.chars().map(Piece::Char));
                }
                other => pieces.push(other.clone()),
            }
        }
        Some(Self(pieces))
    }

    /// Returns whether the pattern matches a text. Unknown pieces match nothing: [`resolve`](Self::resolve) replaces them.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        matches(&self.0, &text, is_character)
    }

    /// Returns whether the pattern matches every text that `other` matches, as far as that is evident: each `*` of `other` is
    /// within a `*` of this pattern.
    pub(super) fn covers(&self, other: &Self) -> bool {
        matches(&self.0, &other.0, |wanted, piece| match wanted {
            Piece::AnyChar => matches!(piece, Piece::Char(_) | Piece::AnyChar),
            wanted => wanted == piece,
        })
    }

    /// Returns whether the pattern has the six parts of an ARN.
    pub(super) fn is_arn(&self) -> bool {
        self.0.iter().filter(|piece| **piece == Piece::Char(':')).count() >= 5
    }

    /// Compares the six parts of an ARN separately, so that a wildcard cannot span a colon before the resource part.
    pub(super) fn matches_arn(&self, arn: &str) -> bool {
        let arn: Vec<char> = arn.chars().collect();
        let parts: Vec<&[Piece]> = self.0.splitn(6, |piece| *piece == Piece::Char(':')).collect();
        let arn: Vec<&[char]> = arn.splitn(6, |character| *character == ':').collect();
        parts.len() == 6
            && arn.len() == 6
            && parts.iter().zip(arn).all(|(pattern, part)| matches(pattern, part, is_character))
    }
}

fn is_character(wanted: &Piece, character: &char) -> bool {
    *wanted == Piece::AnyChar || *wanted == Piece::Char(*character)
}

/// Matches a text of any letters. `fits` decides for every piece but `*`.
///
/// On a mismatch the matching continues at the most recent `*`, which then covers one more letter. Earlier stars never need to
/// be extended, so the time is at most the product of both lengths.
fn matches<L>(pattern: &[Piece], text: &[L], fits: impl Fn(&Piece, &L) -> bool) -> bool {
    let (mut at, mut in_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while in_text < text.len() {
        let next = pattern.get(at);
        if next == Some(&Piece::AnyText) {
            star = Some((at, in_text));
            at += 1;
            continue;
        }
        let is_next = next.zip(text.get(in_text)).is_some_and(|(wanted, letter)| fits(wanted, letter));
        match star {
            _ if is_next => {
                at += 1;
                in_text += 1;
            }
            Some((after, from)) => {
                star = Some((after, from + 1));
                at = after + 1;
                in_text = from + 1;
            }
            None => return false,
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == Piece::AnyText)
}

/// Returns the key and the default value of a policy variable, or `None` if the text between the braces is not a variable. The
/// key has a prefix, as in `aws:username`; a reference of a template, such as `AWS::AccountId` or `Bucket.Arn`, is no variable.
fn variable(inside: &str) -> Option<(&str, Option<&str>)> {
    let (key, default) = match inside.split_once(',') {
        None => (inside, None),
        Some((key, default)) => (key, Some(default.trim().strip_prefix('\'')?.strip_suffix('\'')?)),
    };
    let (prefix, name) = key.trim().split_once(':')?;
    let is_variable = !prefix.is_empty()
        && !name.is_empty()
        && !name.starts_with(':')
        && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_variable.then_some((key.trim(), default))
}

/// Returns whether there is a text that both patterns match. Unknown pieces count as any text.
///
/// The rest of `one` from its position `i` and the rest of `other` from `j` overlap if a star of either can end
/// (`i + 1, j` and `i, j + 1`, which also cover that it stands for a character of the other), or if both continue with
/// characters that can be equal (`i + 1, j + 1`). `row` holds the result for every `j`, last first, and is computed from the
/// last `i` to the first.
pub(crate) fn overlap(one: &str, other: &str) -> bool {
    let (one, other) = (Pattern::wild(one), Pattern::wild(other));
    let is_star = |piece: &Piece| matches!(piece, Piece::AnyText | Piece::Unknown(_));
    let mut can_end = true;
    let mut row = vec![true];
    for y in other.0.iter().rev() {
        can_end = can_end && is_star(y);
        row.push(can_end);
    }
    for x in one.0.iter().rev() {
        let mut next = Vec::with_capacity(row.len());
        let (mut without_y, mut without_both) = (false, false);
        let columns = std::iter::once(None).chain(other.0.iter().rev().map(Some));
        for (y, without_x) in columns.zip(row) {
            let here = match y {
                None => is_star(x) && without_x,
                Some(y) if is_star(x) || is_star(y) => without_x || without_y,
                Some(y) => (x == y || *x == Piece::AnyChar || *y == Piece::AnyChar) && without_both,
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
            ("a${*}c", "a*c", true),
            ("a${*}c", "abc", false),
            ("${?}${$}", "?$", true),
            ("${", "${", true),
        ] {
            assert_eq!(Pattern::wild(pattern).matches(text), yes, "{pattern} {text}");
        }
        assert!(Pattern::literal("a*").matches("a*") && !Pattern::literal("a*").matches("ab"));
    }

    #[test]
    fn policy_variables_take_the_value_of_the_request() {
        let context =
            IamContext::new().with("aws:PrincipalTag/team", "a*").with_values("aws:TagKeys", ["one", "two"]);
        let matches = |pattern: &str, text: &str| {
            Pattern::wild(pattern).resolve(&context).is_some_and(|pattern| pattern.matches(text))
        };
        assert!(matches("home/${aws:PrincipalTag/team}/*", "home/a*/x"));
        assert!(
            !matches("home/${aws:PrincipalTag/team}/*", "home/ab/x"),
            "the value is a text, not a pattern"
        );
        assert!(!matches("home/${aws:username}/*", "home//x"), "the variable has no value");
        assert!(!matches("home/${aws:TagKeys}/*", "home/one/x"), "the variable has several values");
        assert!(matches("home/${aws:username, 'all'}/*", "home/all/x"));
        assert!(matches("${Bucket.Arn}/*", "${Bucket.Arn}/x"), "a reference of a template is a text");
        for reference in ["${AWS::AccountId}", "${Bucket.Arn}", "${data.aws_caller_identity.current.id}"] {
            assert!(!Pattern::has_policy_variable(reference), "{reference}");
        }
        assert!(Pattern::has_policy_variable("a${s3:prefix}"));
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
            ("${Bucket.Arn}/raw/*", "arn:aws:s3:::uploads/raw/1", true),
            ("${Bucket.Arn}/raw/*", "arn:aws:s3:::uploads/raw", false),
        ] {
            assert_eq!(overlap(one, other), yes, "{one} {other}");
            assert_eq!(overlap(other, one), yes, "{other} {one}");
        }
    }
}
