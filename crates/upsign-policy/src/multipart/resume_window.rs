//! How long an upload can be resumed.

/// How long a multipart upload can be continued after it began: 1 second to 7 days.
///
/// TOML key: `resume_window`.
///
/// The maximum is that of presigned URLs
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html>). It is also the time after which R2
/// aborts an upload that was not completed (<https://developers.cloudflare.com/r2/objects/multipart-objects/>).
///
/// ```
/// use upsign_policy::{InvalidResumeWindow, ResumeWindow};
/// assert_eq!(ResumeWindow::DEFAULT.as_secs(), 86_400);
/// assert_eq!(ResumeWindow::MAX.as_secs(), 604_800);
/// assert_eq!(ResumeWindow::from_secs(604_801), Err(InvalidResumeWindow::new(604_801)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResumeWindow(u32);

/// The number of seconds is not in the range 1 to 604,800.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an upload can be resumed for 1 to 604800 seconds (7 days), not {0}")]
#[non_exhaustive]
pub struct InvalidResumeWindow(pub u64);

impl InvalidResumeWindow {
    /// Creates the error for this number of seconds.
    #[must_use]
    pub const fn new(seconds: u64) -> Self {
        Self(seconds)
    }
}

impl ResumeWindow {
    /// The longest window: 7 days.
    pub const MAX: Self = Self(604_800);

    /// The default: 24 hours. A file that is sent on a slow connection can be continued on the next day.
    pub const DEFAULT: Self = Self(86_400);

    /// Creates a window of this many seconds.
    ///
    /// # Errors
    /// Returns an error if the number is 0 or greater than 604,800.
    pub const fn from_secs(seconds: u64) -> Result<Self, InvalidResumeWindow> {
        if seconds >= 1 && seconds <= Self::MAX.0 as u64 {
            #[expect(clippy::cast_possible_truncation, reason = "at most 604800")]
            Ok(Self(seconds as u32))
        } else {
            Err(InvalidResumeWindow(seconds))
        }
    }

    /// Returns the number of seconds.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_have_1_second_to_7_days() {
        for seconds in [1, 86_400, 604_800] {
            assert_eq!(ResumeWindow::from_secs(seconds).map(ResumeWindow::as_secs), Ok(seconds));
        }
        for seconds in [0, 604_801, u64::from(u32::MAX) + 2, u64::MAX] {
            assert_eq!(ResumeWindow::from_secs(seconds), Err(InvalidResumeWindow(seconds)));
        }
    }
}
