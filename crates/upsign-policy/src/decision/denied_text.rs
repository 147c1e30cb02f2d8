//! Phrases of the messages about denials.

use std::fmt;

use crate::content::content_type::ContentType;
use crate::content::size::in_largest_unit;
use crate::object::checksum::ChecksumAlgorithm;

pub(super) fn list(algorithms: &[ChecksumAlgorithm]) -> String {
    algorithms.iter().map(|algorithm| algorithm.as_str()).collect::<Vec<_>>().join(" or ")
}

/// The end of a message that asks for a content type.
pub(super) struct ForExample<'a>(pub(super) &'a Option<ContentType>);

impl fmt::Display for ForExample<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(example) => write!(f, ", for example {example}"),
            None => Ok(()),
        }
    }
}

/// The end of a message about a file extension.
pub(super) struct UseExtension<'a>(pub(super) &'a [Box<str>]);

impl fmt::Display for UseExtension<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        f.write_str(": use ")?;
        for (place, extension) in self.0.iter().enumerate() {
            let is_last = place + 1 == self.0.len();
            f.write_str(match (place, is_last) {
                (0, _) => "",
                (_, true) => " or ",
                (_, false) => ", ",
            })?;
            write!(f, ".{extension}")?;
        }
        Ok(())
    }
}

/// The message about a checksum with an algorithm that is not accepted.
pub(super) struct NotAccepted<'a>(pub(super) &'a [ChecksumAlgorithm]);

impl fmt::Display for NotAccepted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            f.write_str("checksums are not accepted here")
        } else {
            write!(f, "checksums of this algorithm are not accepted here: send {}", list(self.0))
        }
    }
}

/// A number of bytes, after the size that people write if it is a whole one: `10 MiB (10485760 bytes)`.
pub(super) struct Size(pub(super) u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bytes) = *self;
        match in_largest_unit(bytes) {
            Some((number, unit)) => write!(f, "{number} {unit} ({bytes} bytes)"),
            None => write!(f, "{bytes} bytes"),
        }
    }
}
