//! Where the value of a placeholder ends in a key.

use super::Piece;
use crate::key::placeholder::Placeholder;

/// How the length of a placeholder's value is determined, given the rest of a segment that starts with the value.
///
/// A template is accepted only if every placeholder has such a rule. The rule depends on the template alone, so a key can be
/// split in exactly one way, and two different sets of values never give the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// The value has this length.
    Exactly(usize),
    /// The value is everything except this number of bytes at the end: what follows has a fixed length.
    AllBut(usize),
    /// The value is the longest run of characters that the placeholder can contain, except this number of bytes at the end of
    /// the run: what follows starts with that number of such bytes and then a character that the placeholder cannot contain.
    RunBut(usize),
}

impl Extent {
    /// Returns the rule for a placeholder and the pieces that follow it in its segment, or `None` if a key could be split in
    /// more than one way.
    pub(super) fn of(placeholder: &Placeholder, after: &[Piece]) -> Option<Self> {
        if let Some(len) = placeholder.fixed_len() {
            return Some(Self::Exactly(len));
        }
        if let Some(rest) = after.iter().map(Piece::fixed_len).sum() {
            return Some(Self::AllBut(rest));
        }
        let mut within_run = 0;
        for piece in after {
            match piece {
                Piece::Literal(text) => match text.find(|c| !placeholder.can_contain(c)) {
                    Some(end) => return Some(Self::RunBut(within_run + end)),
                    None => within_run += text.len(),
                },
                Piece::Placeholder(next) => {
                    within_run += next.fixed_len().filter(|_| placeholder.can_contain_any_id())?;
                }
            }
        }
        None
    }

    /// Returns the length of the value at the start of `text` in bytes, or `None` if `text` is too short.
    pub(super) fn measure(self, placeholder: &Placeholder, text: &str) -> Option<usize> {
        match self {
            Self::Exactly(len) => Some(len),
            Self::AllBut(rest) => text.len().checked_sub(rest),
            Self::RunBut(rest) => {
                text.find(|c| !placeholder.can_contain(c)).unwrap_or(text.len()).checked_sub(rest)
            }
        }
    }
}
