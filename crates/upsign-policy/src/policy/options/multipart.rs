//! Options for multipart uploads.

use upsign_core::Capabilities;

use crate::multipart::checksum::MultipartChecksum;
use crate::multipart::resume_window::ResumeWindow;
use crate::object::checksum::ChecksumAlgorithm;

/// Which files are uploaded in parts, with a multipart upload of S3.
///
/// TOML key: `multipart`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MultipartMode {
    /// None: one request stores each file.
    #[default]
    No,
    /// Files above [`MultipartOptions::above`], and others if the client asks for it.
    Auto,
    /// Every file.
    Always,
}

impl MultipartMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::No, Self::Auto, Self::Always];

    /// Returns the value in `upsign.toml`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Auto => "auto",
            Self::Always => "always",
        }
    }
}

/// Options for multipart uploads.
///
/// TOML keys: `multipart`, `multipart_above`, `part_size`, `parts_at_once`, `resume_window`.
///
/// ```
/// use upsign_core::Provider;
/// use upsign_policy::{MultipartMode, MultipartOptions, ResumeWindow};
/// let options = MultipartOptions::new(MultipartMode::Auto, Provider::Aws.capabilities())
///     .with_above(50 << 20)
///     .with_resume_window(ResumeWindow::MAX);
/// assert_eq!((options.above(), options.parts_at_once()), (50 << 20, 4));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MultipartOptions {
    pub(in crate::policy) mode: MultipartMode,
    pub(in crate::policy) above: u64,
    pub(in crate::policy) part_size: Option<u64>,
    pub(in crate::policy) parts_at_once: u8,
    pub(in crate::policy) resume_window: ResumeWindow,
    pub(in crate::policy) store: Capabilities,
}

impl MultipartOptions {
    /// The size in bytes above which [`MultipartMode::Auto`] uses parts by default: 100 MiB.
    ///
    /// AWS recommends parts from 100 MB on
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html>). Below, one request is faster than the three
    /// calls that a multipart upload needs in addition.
    pub const DEFAULT_ABOVE: u64 = 100 << 20;

    /// The number of parts that a client sends at a time by default: 4.
    pub const DEFAULT_PARTS_AT_ONCE: u8 = 4;

    /// The largest number of parts that a client can be told to send at a time: 32.
    pub const MAX_PARTS_AT_ONCE: u8 = 32;

    /// Returns the defaults for a store: parts above 100 MiB with [`MultipartMode::Auto`], a planned part size, 4 parts at a
    /// time, and 24 hours to resume.
    ///
    /// `store` states the limits of the store and what it verifies. It must belong to the target of the policy.
    #[must_use]
    pub const fn new(mode: MultipartMode, store: Capabilities) -> Self {
        Self {
            mode,
            above: Self::DEFAULT_ABOVE,
            part_size: None,
            parts_at_once: Self::DEFAULT_PARTS_AT_ONCE,
            resume_window: ResumeWindow::DEFAULT,
            store,
        }
    }

    /// Sets the size in bytes above which [`MultipartMode::Auto`] uses parts. Other modes ignore it. Default: 100 MiB.
    #[must_use]
    pub const fn with_above(mut self, bytes: u64) -> Self {
        self.above = bytes;
        self
    }

    /// Sets the part size in bytes, a multiple of 1 MiB. Default: 8 MiB, or more for files that would have too many parts.
    #[must_use]
    pub const fn with_part_size(mut self, bytes: u64) -> Self {
        self.part_size = Some(bytes);
        self
    }

    /// Sets how many parts a client should send at a time: 1 to 32. Default: 4. It is advice; nothing enforces it.
    #[must_use]
    pub const fn with_parts_at_once(mut self, parts: u8) -> Self {
        self.parts_at_once = parts;
        self
    }

    /// Sets how long an upload can be continued after it began. Default: 24 hours.
    #[must_use]
    pub const fn with_resume_window(mut self, window: ResumeWindow) -> Self {
        self.resume_window = window;
        self
    }

    /// Returns which files are uploaded in parts.
    #[must_use]
    pub const fn mode(&self) -> MultipartMode {
        self.mode
    }

    /// Returns the size in bytes above which files are uploaded in parts: 0 with [`MultipartMode::Always`].
    #[must_use]
    pub const fn above(&self) -> u64 {
        match self.mode {
            MultipartMode::Always => 0,
            MultipartMode::No | MultipartMode::Auto => self.above,
        }
    }

    /// Returns the requested part size in bytes, or `None` if each plan chooses it.
    #[must_use]
    pub const fn part_size(&self) -> Option<u64> {
        self.part_size
    }

    /// Returns how many parts a client should send at a time.
    #[must_use]
    pub const fn parts_at_once(&self) -> u8 {
        self.parts_at_once
    }

    /// Returns how long an upload can be continued after it began.
    #[must_use]
    pub const fn resume_window(&self) -> ResumeWindow {
        self.resume_window
    }

    /// Returns what a checksum of this algorithm covers in a multipart upload, or `None` if the store verifies none.
    #[must_use]
    pub fn checksum(&self, algorithm: ChecksumAlgorithm) -> Option<MultipartChecksum> {
        MultipartChecksum::of(algorithm, &self.store)
    }

    /// Returns the header in which a part can carry its checksum, or `None` if the store does not verify this algorithm in parts.
    #[must_use]
    pub fn part_checksum_header(&self, checksum: MultipartChecksum) -> Option<&'static str> {
        let algorithm = checksum.algorithm;
        self.store.part_checksums.contain(algorithm.as_str()).then(|| algorithm.header())
    }

    /// Returns the limits of the store and what it verifies.
    #[must_use]
    pub const fn store(&self) -> &Capabilities {
        &self.store
    }
}
