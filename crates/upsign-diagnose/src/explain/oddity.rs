//! What is odd about a URL or a form.

use std::fmt;

use crate::cause::Owner;
use crate::diff::Field;
use crate::redacted::Redacted;

/// A kind of oddity: one row of the table [`ODDITIES`](crate::ODDITIES).
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OddityKind {
    /// The stable code, in kebab-case.
    pub code: &'static str,
    /// What it means for a request.
    pub severity: Severity,
    /// In whose hands the fix is.
    pub owner: Owner,
    /// What it is, for every URL that has it.
    pub title: &'static str,
    /// What corrects it.
    pub fix: &'static str,
    /// The page that documents the behavior.
    pub source: &'static str,
}

/// What an oddity means for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// The request fails.
    Fails,
    /// The request may fail, or do something else than was meant.
    Risk,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// Returns a stable name for programs: `fails`, `risk` or `note`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fails => "fails",
            Self::Risk => "risk",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Something odd about one URL or form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Oddity {
    /// The row of the table.
    pub kind: &'static OddityKind,
    /// What is odd.
    pub field: Field,
    /// What is odd, as one sentence with the values of this URL.
    pub sentence: Redacted,
}

impl Oddity {
    pub(super) fn new(kind: &'static OddityKind, field: Field, sentence: &str) -> Self {
        Self { kind, field, sentence: Redacted::new(sentence) }
    }

    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind.code
    }
}
