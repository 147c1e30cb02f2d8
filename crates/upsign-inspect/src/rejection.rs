//! Why a file is refused.

use std::borrow::Cow;
use std::fmt;

use upsign::confirm::ConfirmReason;

/// The reason why a file is refused. The message describes the finding and never contains bytes of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejection {
    /// The word for the answer, logs and metrics.
    pub reason: ConfirmReason,
    detail: Cow<'static, str>,
}

impl Rejection {
    pub(crate) fn new(reason: ConfirmReason, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { reason, detail: detail.into() }
    }

    pub(crate) fn mismatch(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ConfirmReason::TypeMismatch, detail)
    }

    pub(crate) fn truncated(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ConfirmReason::Truncated, detail)
    }

    pub(crate) fn active(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ConfirmReason::ActiveContent, detail)
    }

    pub(crate) fn polyglot(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ConfirmReason::Polyglot, detail)
    }

    pub(crate) fn archive(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ConfirmReason::Archive, detail)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Rejection {}
