//! Which request of the evidence a diagnosis is about.

use std::fmt;

use upsign_core::Timestamp;

use super::Evidence;
use crate::redacted::Redacted;

/// The request that a diagnosis is about. A HAR has hundreds.
///
/// ```
/// use upsign_diagnose::Evidence;
/// let evidence = Evidence::read(b"curl -T a.jpg 'https://b.s3.eu-west-1.amazonaws.com/a.jpg?X-Amz-Signature=5f1e'")?;
/// assert_eq!(evidence.request().unwrap().to_string(), "PUT b.s3.eu-west-1.amazonaws.com/a.jpg");
/// # Ok::<(), upsign_diagnose::UnreadableEvidence>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChosenRequest {
    /// The method.
    pub method: Redacted,
    /// Host and port.
    pub host: Redacted,
    /// The path, as sent, without the query.
    pub path: Redacted,
    /// When it was sent, if that is recorded.
    pub at: Option<Timestamp>,
    /// The status of its answer, if that is recorded; 0 if the browser showed none.
    pub status: Option<u16>,
    /// The number of requests among which it was chosen.
    pub among: usize,
    /// A later request for the same object, part or call that succeeded.
    pub later_success: Option<LaterSuccess>,
}

/// A later request that did what the failed one should have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LaterSuccess {
    /// When it was sent, if that is recorded.
    pub at: Option<Timestamp>,
    /// The status of its answer.
    pub status: u16,
}

impl fmt::Display for ChosenRequest {
    /// Writes method, host and path, and the time if it is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method, self.host, self.path)?;
        self.at.map_or(Ok(()), |at| write!(f, " at {at}"))
    }
}

impl Evidence {
    /// Returns the request that a diagnosis is about, or `None` if the evidence shows no request.
    #[must_use]
    pub fn request(&self) -> Option<ChosenRequest> {
        let sent = self.sent.as_ref()?;
        let later = self.later.map(|later| LaterSuccess { at: later.at, status: later.status });
        Some(ChosenRequest {
            method: shown(&sent.request.method),
            host: shown(&sent.host),
            path: shown(&sent.request.path),
            at: sent.at,
            status: self.status(),
            among: self.among,
            later_success: later,
        })
    }
}

/// The longest part that is shown, in characters.
const MAX_SHOWN: usize = 300;

/// Returns a text without secrets, and without characters that a terminal would act on.
fn shown(text: &str) -> Redacted {
    let visible = |it: char| if it.is_control() { '\u{fffd}' } else { it };
    let start: String = text.chars().take(MAX_SHOWN).map(visible).collect();
    let more = if text.chars().nth(MAX_SHOWN).is_some() { "…" } else { "" };
    Redacted::new(&format!("{start}{more}"))
}
