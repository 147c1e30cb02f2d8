//! What a document in use says differently from the one derived, and what follows from it.

mod cors;
mod policy;
mod read;
mod rules;

use std::fmt;

pub use read::{FoundDocuments, UnrecognizedDocument};

/// One difference between the document derived and one in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    what: String,
    consequence: &'static str,
    severity: Severity,
}

/// What a difference does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// More is permitted than the routes need.
    Wider,
    /// Something costs more or cleans up less.
    Untidy,
    /// Uploads, or what follows them, fail.
    Broken,
}

impl Difference {
    fn new(severity: Severity, what: impl Into<String>, consequence: &'static str) -> Self {
        Self { what: what.into(), consequence, severity }
    }

    /// What differs: the part of the document and its value.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.what
    }

    /// What follows from it.
    #[must_use]
    pub const fn consequence(&self) -> &'static str {
        self.consequence
    }

    /// How much it matters.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.severity
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.consequence)
    }
}
