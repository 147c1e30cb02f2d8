//! The parts of an object that are inspected.

use std::borrow::Cow;

use memchr::memmem;
use upsign::ContentType;

use crate::formats::Format;

/// Number of bytes that are read from the start of an object.
pub const HEAD_BYTES: usize = 64 * 1024;

/// Number of bytes that are read from the end of an object.
///
/// A ZIP reader searches the end of an archive for its last record, which has 22 bytes and a comment of up to 65,535 bytes. An
/// archive that is appended to another file is found there too.
pub const TAIL_BYTES: usize = 65_535 + 22;

/// Maximum size of an SVG image or an XML document. They are read as a whole, because a script may stand anywhere.
pub const MARKUP_BYTES: usize = 1024 * 1024;

/// The parts of an object to inspect: its first and its last bytes.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    pub(crate) content_type: &'a ContentType,
    size: u64,
    head: &'a [u8],
    tail: &'a [u8],
}

impl<'a> Sample<'a> {
    /// Creates a sample of an object of `size` bytes that begins with `head` and ends with `tail`. The two may overlap. [`ranges`]
    /// states how many bytes each should have; with fewer, more files are refused.
    #[must_use]
    pub const fn new(content_type: &'a ContentType, size: u64, head: &'a [u8], tail: &'a [u8]) -> Self {
        Self { content_type, size, head, tail }
    }

    /// Creates a sample of a complete file.
    #[must_use]
    pub const fn whole(content_type: &'a ContentType, bytes: &'a [u8]) -> Self {
        Self { content_type, size: bytes.len() as u64, head: bytes, tail: &[] }
    }
}

/// Returns how many bytes of the start and of the end of an object of `size` bytes to read.
///
/// They do not overlap, and together they cover an object of up to 128 KiB. The whole object is read up to [`MARKUP_BYTES`] if it
/// is signed as SVG or XML.
///
/// ```
/// use upsign_inspect::ranges;
/// assert_eq!(ranges(&"image/png".parse()?, 1_000), (1_000, 0));
/// assert_eq!(ranges(&"image/png".parse()?, 70_000), (65_536, 4_464));
/// assert_eq!(ranges(&"image/png".parse()?, 5_000_000), (65_536, 65_557));
/// assert_eq!(ranges(&"image/svg+xml".parse()?, 500_000), (500_000, 0));
/// # Ok::<(), upsign::policy::InvalidContentType>(())
/// ```
#[must_use]
pub fn ranges(content_type: &ContentType, size: u64) -> (usize, usize) {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let markup = matches!(Format::of(content_type), Some(Format::Svg | Format::Xml)) && size <= MARKUP_BYTES;
    let head = if markup { size } else { size.min(HEAD_BYTES) };
    (head, (size - head).min(TAIL_BYTES))
}

/// What is visible of an object.
pub(crate) struct View<'a> {
    pub(crate) size: u64,
    /// The first bytes, or all if the object is completely visible.
    pub(crate) start: Cow<'a, [u8]>,
    /// The last bytes. Empty if the object is completely visible.
    end: &'a [u8],
}

impl<'a> View<'a> {
    /// Returns `None` if the parts do not belong to an object of this size.
    pub(crate) fn of(sample: &Sample<'a>) -> Option<Self> {
        let (head, tail) = (sample.head, sample.tail);
        let size = sample.size;
        if size < head.len() as u64 || size < tail.len() as u64 {
            return None;
        }
        let Some(missing) = usize::try_from(size - head.len() as u64).ok().filter(|&it| it <= tail.len())
        else {
            return Some(Self { size, start: Cow::Borrowed(head), end: tail });
        };
        let rest = tail.get(tail.len() - missing..).unwrap_or_default();
        let start = if rest.is_empty() { Cow::Borrowed(head) } else { Cow::Owned([head, rest].concat()) };
        Some(Self { size, start, end: &[] })
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.start.len() as u64 == self.size
    }

    /// Returns the last visible bytes, at most [`TAIL_BYTES`].
    pub(crate) fn tail(&self) -> &[u8] {
        let end: &[u8] = if self.is_whole() { &self.start } else { self.end };
        end.get(end.len().saturating_sub(TAIL_BYTES)..).unwrap_or_default()
    }

    /// Returns the offset of [`tail`](Self::tail) in the object.
    pub(crate) fn tail_at(&self) -> u64 {
        self.size - self.tail().len() as u64
    }

    /// Returns the visible bytes from `offset` on, or `None` if the byte at `offset` is not visible.
    pub(crate) fn from(&self, offset: u64) -> Option<&[u8]> {
        let in_start = usize::try_from(offset).ok().and_then(|at| self.start.get(at..));
        if let Some(bytes) = in_start.filter(|bytes| !bytes.is_empty()) {
            return Some(bytes);
        }
        let at = usize::try_from(offset.checked_sub(self.tail_at())?).ok()?;
        self.tail().get(at..).filter(|bytes| !bytes.is_empty())
    }

    /// Returns the parts that are visible, each continuous.
    pub(crate) fn parts(&self) -> [&[u8]; 2] {
        [&self.start, self.end]
    }

    pub(crate) fn contains(&self, pattern: &[u8]) -> bool {
        self.parts().iter().any(|part| memmem::find(part, pattern).is_some())
    }
}
