//! What a run could not remove.

/// What a run stored and did not remove.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOver {
    /// Keys that are still there, or that may be.
    pub keys: Vec<String>,
    /// Whether it is certain that nothing else is there: a listing after the removal shows it, or nothing was stored.
    pub is_certain: bool,
    pub(crate) command: String,
}

impl LeftOver {
    /// Returns the command of the AWS CLI that removes everything below the prefix, or `None` if nothing is there.
    #[must_use]
    pub fn removal_command(&self) -> Option<&str> {
        (!self.keys.is_empty() || !self.is_certain).then_some(self.command.as_str())
    }
}
