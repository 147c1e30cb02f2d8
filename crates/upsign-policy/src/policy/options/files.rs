//! Options for several files in one request.

use crate::content::size::SizeLimit;
use crate::policy::error::InvalidUploadPolicy;

/// Options for several files in one request: how many there can be, and how many bytes they can have together.
///
/// TOML keys: `max_files`, `max_total_size`.
///
/// ```
/// use upsign_policy::FilesOptions;
/// let gallery = FilesOptions::new().with_max_files(20).with_max_total_size(100 << 20);
/// assert!(gallery.is_offered());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilesOptions {
    max_files: u16,
    max_total_size: Option<u64>,
}

impl FilesOptions {
    /// The largest number of files in one request: 255.
    pub const MAX_FILES: u16 = 255;

    /// Returns the defaults: one file in each request, without a list.
    #[must_use]
    pub const fn new() -> Self {
        Self { max_files: 1, max_total_size: None }
    }

    /// Sets the maximum number of files in one request: 1 to 255. With 1, no list of files is accepted. Default: 1.
    #[must_use]
    pub const fn with_max_files(mut self, files: u16) -> Self {
        self.max_files = files;
        self
    }

    /// Sets the maximum size of all files of one request together, in bytes. A file whose size the client does not state counts
    /// with the maximum size of a file. Default: the number of files times the maximum size of one.
    #[must_use]
    pub const fn with_max_total_size(mut self, bytes: u64) -> Self {
        self.max_total_size = Some(bytes);
        self
    }

    /// Returns the maximum number of files in one request.
    #[must_use]
    pub const fn max_files(&self) -> u16 {
        self.max_files
    }

    /// Returns the maximum size of all files of one request together, or `None` if only the size of each is bounded.
    #[must_use]
    pub const fn max_total_size(&self) -> Option<u64> {
        self.max_total_size
    }

    /// Returns whether a request can contain a list of files.
    #[must_use]
    pub const fn is_offered(&self) -> bool {
        self.max_files > 1
    }

    pub(in crate::policy) const fn check(self, size: SizeLimit) -> Result<(), InvalidUploadPolicy> {
        if self.max_files == 0 || self.max_files > Self::MAX_FILES {
            return Err(InvalidUploadPolicy::MaxFiles(self.max_files));
        }
        match self.max_total_size {
            Some(_) if !self.is_offered() => Err(InvalidUploadPolicy::TotalSizeOfOneFile),
            Some(total) if total < size.max() => {
                Err(InvalidUploadPolicy::TotalSizeBelowMaxSize { total, max: size.max() })
            }
            _ => Ok(()),
        }
    }
}

impl Default for FilesOptions {
    fn default() -> Self {
        Self::new()
    }
}
