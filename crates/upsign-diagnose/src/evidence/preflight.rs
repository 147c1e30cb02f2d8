//! A preflight and its answer as evidence.

use super::{Evidence, EvidenceKind, Exchange};

impl Evidence {
    /// Creates evidence that has nothing but a preflight and its answer.
    pub(crate) fn of_preflight(preflight: Exchange) -> Self {
        let Exchange { sent, answer } = preflight;
        Self { sent: Some(sent), answer, ..Self::empty(EvidenceKind::Nothing) }
    }
}
