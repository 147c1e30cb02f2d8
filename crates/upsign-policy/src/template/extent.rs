//! Where in a key the expansion of a placeholder ends.

use super::{Piece, Placeholder};

/// How the bytes of a placeholder are counted off the front of what is left of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// So many.
    Exactly(usize),
    /// All but so many at the end.
    AllBut(usize),
    /// The longest run of characters that the placeholder can become, but for so many at its end.
    RunBut(usize),
}

impl Extent {
    /// The rule for a placeholder and what follows it in its segment. `None` where a key could be read in two ways.
    pub(super) fn of(slot: &Placeholder, after: &[Piece]) -> Option<Self> {
        if let Some(len) = slot.fixed_len() {
            return Some(Self::Exactly(len));
        }
        if let Some(rest) = after.iter().map(Piece::fixed_len).sum() {
            return Some(Self::AllBut(rest));
        }
        let mut within_run = 0;
        for piece in after {
            match piece {
                Piece::Literal(text) => match text.find(|c| !slot.can_hold(c)) {
                    Some(end) => return Some(Self::RunBut(within_run + end)),
                    None => within_run += text.len(),
                },
                Piece::Slot(next) => within_run += next.fixed_len().filter(|_| slot.can_hold_any_id())?,
            }
        }
        None
    }

    /// The number of bytes at the start of `text`.
    pub(super) fn measure(self, slot: &Placeholder, text: &str) -> Option<usize> {
        match self {
            Self::Exactly(len) => Some(len),
            Self::AllBut(rest) => text.len().checked_sub(rest),
            Self::RunBut(rest) => text.find(|c| !slot.can_hold(c)).unwrap_or(text.len()).checked_sub(rest),
        }
    }
}
