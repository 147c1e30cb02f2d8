//! Options for the file names that clients send.

use crate::object::file_name::{FileName, FileNames};
use crate::policy::error::InvalidUploadPolicy;

/// Options for the file name that a client sends.
///
/// TOML keys: `file_names`, `max_file_name`, `keep_file_name`.
///
/// ```
/// use upsign_policy::{FileNameOptions, FileNames};
/// let repaired_and_kept = FileNameOptions::new().handling(FileNames::Mend).max_bytes(100).keep(true);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileNameOptions {
    pub(in crate::policy) handling: FileNames,
    pub(in crate::policy) max_bytes: usize,
    pub(in crate::policy) keep: bool,
}

impl FileNameOptions {
    /// Returns the defaults: an unsafe name is denied, a name has at most 255 bytes (the limit of most file systems), and
    /// it is not kept.
    #[must_use]
    pub const fn new() -> Self {
        Self { handling: FileNames::Refuse, max_bytes: 255, keep: false }
    }

    /// Sets whether an unsafe name is denied or repaired. Default: [`FileNames::Refuse`].
    #[must_use]
    pub const fn handling(mut self, handling: FileNames) -> Self {
        self.handling = handling;
        self
    }

    /// Sets the maximum length of a name in bytes of UTF-8, from 1 to 1024. Default: 255.
    #[must_use]
    pub const fn max_bytes(mut self, max_bytes: usize) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// Sets whether the name is stored as `x-amz-meta-filename`. Default: `false`.
    ///
    /// The value is percent-encoded; `decodeURIComponent` in a browser decodes it.
    #[must_use]
    pub const fn keep(mut self, keep: bool) -> Self {
        self.keep = keep;
        self
    }

    pub(in crate::policy) fn check(&self) -> Result<(), InvalidUploadPolicy> {
        if (1..=FileName::MAX_BYTES).contains(&self.max_bytes) {
            Ok(())
        } else {
            Err(InvalidUploadPolicy::FileNameLimit(self.max_bytes))
        }
    }
}

impl Default for FileNameOptions {
    fn default() -> Self {
        Self::new()
    }
}
