//! Distinguishes texts by the patterns that match them.
//!
//! Two texts that match the same patterns are in the same class. A pattern is a small nondeterministic automaton, and all of
//! them run in parallel over every text: the reachable combinations of their states show which classes exist. This is exact, so
//! that a statement about all classes is one about all texts.

use std::collections::{BTreeSet, HashSet};

use super::super::pattern::{Pattern, Piece};
use super::bits::Bits;

/// How many transitions of single patterns are followed, and how many classes distinguished, before the comparison gives up.
/// Twenty patterns of 60 characters need about 10,000 transitions.
const MAX_TRANSITIONS: usize = 1_000_000;
const MAX_CLASSES: usize = 1_024;

/// A set of texts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct TextTest {
    pub(super) pattern: Pattern,
    pub(super) ignores_case: bool,
    /// Whether wildcards do not match a colon in the first five parts of an ARN.
    pub(super) is_arn: bool,
}

impl TextTest {
    pub(super) const fn of(pattern: Pattern) -> Self {
        Self { pattern, ignores_case: false, is_arn: false }
    }
}

/// The classes of texts that a list of tests distinguishes.
#[derive(Debug)]
pub(super) struct Texts {
    tests: Vec<TextTest>,
    /// For each class, the tests that its texts pass.
    classes: Vec<Bits>,
}

impl Texts {
    /// Returns the classes, or `None` if there are too many.
    pub(super) fn new(tests: impl IntoIterator<Item = TextTest>) -> Option<Self> {
        let tests: Vec<TextTest> = tests.into_iter().collect::<HashSet<_>>().into_iter().collect();
        let mut classes = Automaton::new(&tests).classes()?;
        let has_unknown =
            |test: &TextTest| test.pattern.pieces().iter().any(|it| matches!(it, Piece::Unknown(_)));
        if tests.iter().any(has_unknown) {
            classes = with_coincidences(classes)?;
        }
        Some(Self { tests, classes: classes.into_iter().collect() })
    }

    pub(super) fn count(&self) -> usize {
        self.classes.len()
    }

    /// Returns the classes whose texts pass a test. The test is one of those that the classes were built for.
    pub(super) fn passing(&self, test: &TextTest) -> Bits {
        let position = self.tests.iter().position(|known| known == test);
        let passes = |class: &Bits| position.is_some_and(|position| class.contains(position));
        Bits::of(self.count(), |index| self.classes.get(index).is_some_and(passes))
    }
}

/// Adds the classes of texts that are several texts at once.
///
/// In the automaton, an unknown piece is a letter of its own, but it stands for some text: `${a}/1` may be the same text as
/// `x/1`, which then matches the patterns of both. Every union of classes may therefore be a class. More classes than there
/// really are make the comparison stricter, never laxer.
fn with_coincidences(mut classes: BTreeSet<Bits>) -> Option<BTreeSet<Bits>> {
    let single: Vec<Bits> = classes.iter().cloned().collect();
    let mut pending = single.clone();
    while let Some(class) = pending.pop() {
        for other in &single {
            let both = class.union(other);
            if classes.insert(both.clone()) {
                pending.push(both);
            }
        }
        if classes.len() > MAX_CLASSES {
            return None;
        }
    }
    Some(classes)
}

/// All patterns in one numbering: a position stands before each piece, and one at the end of each pattern.
struct Automaton<'a> {
    positions: Vec<Position<'a>>,
    starts: Vec<usize>,
}

struct Position<'a> {
    /// The piece that follows, or `None` at the end.
    next: Option<&'a Piece>,
    test: usize,
    ignores_case: bool,
    /// Whether a wildcard here does not match a colon.
    stops_at_colon: bool,
}

/// One letter of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Letter<'a> {
    Char(char),
    /// A character that no pattern names at this point.
    Other,
    /// An unknown piece.
    Unknown(&'a str),
}

impl<'a> Automaton<'a> {
    fn new(tests: &'a [TextTest]) -> Self {
        let (mut positions, mut starts) = (Vec::new(), Vec::new());
        for (index, test) in tests.iter().enumerate() {
            starts.push(positions.len());
            let mut colons = 0;
            for next in test.pattern.pieces().iter().map(Some).chain([None]) {
                let stops_at_colon = test.is_arn && colons < 5;
                positions.push(Position {
                    next,
                    test: index,
                    ignores_case: test.ignores_case,
                    stops_at_colon,
                });
                colons += usize::from(next == Some(&Piece::Char(':')));
            }
        }
        Self { positions, starts }
    }

    /// Returns, for every class of texts, the tests that they pass.
    fn classes(&self) -> Option<BTreeSet<Bits>> {
        let start = self.closed(self.starts.iter().copied());
        let (mut classes, mut seen) = (BTreeSet::new(), HashSet::from([start.clone()]));
        let (mut pending, mut transitions) = (vec![start], 0_usize);
        while let Some(state) = pending.pop() {
            classes.insert(self.passed(&state));
            for letter in self.letters(&state) {
                transitions += state.len();
                let after = self.closed(state.iter().filter_map(|at| self.step(*at, letter)));
                if seen.insert(after.clone()) {
                    pending.push(after);
                }
            }
            if transitions > MAX_TRANSITIONS || classes.len() > MAX_CLASSES {
                return None;
            }
        }
        Some(classes)
    }

    /// Adds the positions that are reached without a letter, because `*` may be empty.
    fn closed(&self, positions: impl Iterator<Item = usize>) -> Vec<usize> {
        let mut out = BTreeSet::new();
        for mut at in positions {
            while out.insert(at) && self.next(at) == Some(&Piece::AnyText) {
                at += 1;
            }
        }
        out.into_iter().collect()
    }

    fn next(&self, at: usize) -> Option<&'a Piece> {
        self.positions.get(at).and_then(|position| position.next)
    }

    fn passed(&self, state: &[usize]) -> Bits {
        let mut passed = Bits::default();
        let ends =
            state.iter().filter_map(|at| self.positions.get(*at)).filter(|position| position.next.is_none());
        ends.for_each(|position| passed.insert(position.test));
        passed
    }

    /// Returns one letter for each group of letters that lead to different states. A letter that no pattern names here, and an
    /// unknown piece that none expects here, matches only wildcards.
    fn letters(&self, state: &[usize]) -> BTreeSet<Letter<'a>> {
        let mut letters = BTreeSet::from([Letter::Other]);
        for position in state.iter().filter_map(|at| self.positions.get(*at)) {
            match position.next {
                Some(Piece::Char(character)) if position.ignores_case => {
                    letters.insert(Letter::Char(character.to_ascii_lowercase()));
                    letters.insert(Letter::Char(character.to_ascii_uppercase()));
                }
                Some(Piece::Char(character)) => _ = letters.insert(Letter::Char(*character)),
                Some(Piece::Unknown(name)) => _ = letters.insert(Letter::Unknown(name)),
                Some(Piece::AnyChar | Piece::AnyText) if position.stops_at_colon => {
                    letters.insert(Letter::Char(':'));
                }
                _ => {}
            }
        }
        letters
    }

    /// Returns the position after a letter, or `None` if the pattern does not match it.
    fn step(&self, at: usize, letter: Letter<'_>) -> Option<usize> {
        let position = self.positions.get(at)?;
        let is_stopped = position.stops_at_colon && letter == Letter::Char(':');
        match (position.next?, letter) {
            (Piece::AnyText, _) => (!is_stopped).then_some(at),
            // An unknown piece may be of any length.
            (Piece::AnyChar, Letter::Char(_) | Letter::Other) => (!is_stopped).then_some(at + 1),
            (Piece::Char(wanted), Letter::Char(letter)) => {
                let fits = *wanted == letter || position.ignores_case && wanted.eq_ignore_ascii_case(&letter);
                fits.then_some(at + 1)
            }
            (Piece::Unknown(wanted), Letter::Unknown(name)) => (**wanted == *name).then_some(at + 1),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(pattern: &str) -> TextTest {
        TextTest::of(Pattern::wild(pattern))
    }

    /// Returns whether every text that matches `one` matches one of `others`.
    fn is_within(one: &TextTest, others: &[TextTest]) -> bool {
        let texts = Texts::new(others.iter().cloned().chain([one.clone()])).unwrap();
        let covered = others.iter().fold(Bits::default(), |all, other| all.union(&texts.passing(other)));
        texts.passing(one).difference(&covered).is_empty()
    }

    #[test]
    fn containment_of_patterns_is_exact() {
        for (one, others, yes) in [
            ("a*", &["*"][..], true),
            ("a*", &["a?*", "a"], true),
            ("a*", &["a?*"], false),
            ("raw/*", &["raw/?"], false),
            ("raw/?", &["raw/*"], true),
            ("*.*", &["*?*"], true),
            ("*", &["a*", "?*"], false),
            ("*", &["", "?*"], true),
            ("a*b*", &["a*"], true),
            ("x${v}/*", &["x*"], true),
            ("x${v}/*", &["x${v}/*"], true),
            ("x${v}/*", &["x${w}/*"], false),
            ("x${v}", &["x?"], false),
        ] {
            let others: Vec<TextTest> = others.iter().map(|other| test(other)).collect();
            assert_eq!(is_within(&test(one), &others), yes, "{one} {others:?}");
        }
    }

    #[test]
    fn unknown_texts_may_coincide_with_known_ones() {
        let (unknown, known) = (test("x/${v}"), test("x/bob"));
        let texts = Texts::new([unknown.clone(), known.clone()]).unwrap();
        assert!(!texts.passing(&unknown).intersection(&texts.passing(&known)).is_empty());
    }

    #[test]
    fn wildcards_of_arns_stop_at_colons() {
        let arn = |pattern: &str| TextTest { is_arn: true, ..test(pattern) };
        assert!(is_within(&arn("arn:*:s3:::a"), &[test("arn:*:s3:::a")]));
        assert!(!is_within(&test("arn:*:s3:::a"), &[arn("arn:*:s3:::a")]));
        assert!(is_within(&arn("arn:aws:s3:::a*"), &[arn("arn:aws:s3:*:*:a*")]));
        let any_case = |pattern: &str| TextTest { ignores_case: true, ..test(pattern) };
        assert!(
            is_within(&test("True"), &[any_case("true")]) && !is_within(&any_case("true"), &[test("true")])
        );
    }

    #[test]
    fn too_many_combinations_are_given_up() {
        let tests = ('a'..='z').map(|letter| test(&format!("*{letter}*{letter}*")));
        assert!(Texts::new(tests).is_none());
    }
}
