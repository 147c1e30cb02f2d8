//! What a diagnosis says.

use crate::cause::{Cause, Owner};
use crate::diff::{DiffLine, Field};

/// One possible reason why an upload was refused, or the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The row of the table of causes.
    pub cause: &'static Cause,
    /// Whether the evidence proves this cause. Otherwise it is one of several candidates.
    pub certain: bool,
    /// What is wrong.
    pub field: Field,
    /// In whose hands the fix is.
    pub owner: Owner,
    /// What is wrong, as one sentence, with the values of this request.
    pub sentence: String,
    /// What corrects it.
    pub fix: String,
    /// What was signed next to what arrived, line by line. Lines that are equal are left out.
    pub diff: Vec<DiffLine>,
    /// How to prove that this is the cause.
    pub proof: String,
}

impl Diagnosis {
    /// Creates a candidate with the texts of the table.
    pub(crate) fn candidate(cause: &'static Cause, field: Field) -> Self {
        Self {
            cause,
            certain: false,
            field,
            owner: cause.owner,
            sentence: cause.sentence.to_owned(),
            fix: cause.fix.to_owned(),
            diff: Vec::new(),
            proof: cause.proof.to_owned(),
        }
    }

    pub(crate) fn certain_if(self, certain: bool) -> Self {
        Self { certain, ..self }
    }

    pub(crate) fn saying(self, sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), ..self }
    }

    pub(crate) fn fixed_by(self, fix: impl Into<String>) -> Self {
        Self { fix: fix.into(), ..self }
    }

    pub(crate) fn proved_by(self, proof: impl Into<String>) -> Self {
        Self { proof: proof.into(), ..self }
    }

    pub(crate) fn owned_by(self, owner: Owner) -> Self {
        Self { owner, ..self }
    }

    pub(crate) fn with_diff(self, diff: Vec<DiffLine>) -> Self {
        Self { diff, ..self }
    }
}
