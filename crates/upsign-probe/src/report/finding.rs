//! What one experiment found.

use std::fmt;

/// Whether a store has a capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Holds {
    /// Every answer was as expected.
    Yes,
    /// An answer shows that the store does not have it.
    No,
    /// It was not tried, or the answers decide nothing.
    Unknown,
}

impl Holds {
    /// Returns `yes`, `no` or `unknown`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the decision, or `None` for [`Unknown`](Self::Unknown).
    #[must_use]
    pub const fn decided(self) -> Option<bool> {
        match self {
            Self::Yes => Some(true),
            Self::No => Some(false),
            Self::Unknown => None,
        }
    }
}

impl fmt::Display for Holds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What one experiment found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The name of the capability, as that of the [`Probe`](crate::Probe).
    pub capability: String,
    /// What is true of a store that has it. Empty if there is no experiment.
    pub statement: String,
    /// Whether the store has it.
    pub holds: Holds,
    /// The last request, with the status and the code of its answer, or the reason why nothing was sent. It contains no signature and
    /// no text of the store other than a code.
    pub evidence: String,
    /// Requests that were sent.
    pub requests: usize,
}

impl Finding {
    pub(crate) fn untried(name: &str, reason: &str) -> Self {
        Self {
            capability: name.to_owned(),
            statement: String::new(),
            holds: Holds::Unknown,
            evidence: reason.to_owned(),
            requests: 0,
        }
    }
}
