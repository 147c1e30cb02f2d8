//! What is found wrong, before its place is known.

use crate::error::ProblemCode;

/// A problem without its place.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) code: ProblemCode,
    pub(crate) message: String,
    pub(crate) help: String,
    /// Whether a program may show the lines of its place.
    pub(crate) quotable: bool,
}

impl Finding {
    pub(crate) fn new(code: ProblemCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: String::new(), quotable: true }
    }

    /// Returns a finding about a value that is malformed or out of range.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ProblemCode::InvalidValue, message)
    }

    /// Returns a finding about a malformed value, with the value in front. `error` says what would be right.
    pub(crate) fn malformed(text: &str, error: &dyn std::fmt::Display) -> Self {
        Self::invalid(format!("{}: {error}", shown(text)))
    }

    /// Returns a finding about two values that contradict each other.
    pub(crate) fn contradiction(message: impl Into<String>) -> Self {
        Self::new(ProblemCode::Contradiction, message)
    }

    /// Sets the next step.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }

    /// Returns the finding for a place whose lines may contain a secret.
    pub(crate) fn not_quotable(self) -> Self {
        Self { quotable: false, ..self }
    }
}

/// Returns a value for a message: in quotes, escaped, and shortened in the middle, so that both ends stay recognizable.
pub(crate) fn shown(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let escaped =
        |part: &[char]| part.iter().flat_map(|character| character.escape_debug()).collect::<String>();
    match (characters.len() > 100).then(|| (characters.get(..60), characters.get(characters.len() - 30..))) {
        Some((Some(start), Some(end))) => format!("\"{}…{}\"", escaped(start), escaped(end)),
        _ => format!("\"{}\"", escaped(&characters)),
    }
}
