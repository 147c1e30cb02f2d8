//! Version ids.

use std::str::FromStr;

/// The id of a version of an object, in a bucket with versioning. It is opaque text; `null` names the version that was
/// stored while versioning was off.
///
/// S3 limits version ids to 1,024 bytes of UTF-8
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html>). Only visible ASCII is accepted
/// here, because the id is part of a header when an object is copied.
///
/// ```
/// use upsign_objects::VersionId;
/// let version: VersionId = "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY".parse()?;
/// assert_eq!(version.as_str(), "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY");
/// # Ok::<(), upsign_objects::InvalidVersionId>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionId(Box<str>);

/// The text is not a version id: 1 to 1,024 characters of visible ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a version id must be 1 to 1024 characters of visible ASCII")]
#[non_exhaustive]
pub struct InvalidVersionId;

impl VersionId {
    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VersionId {
    type Err = InvalidVersionId;

    fn from_str(text: &str) -> Result<Self, InvalidVersionId> {
        let fits = (1..=1_024).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text.into())) } else { Err(InvalidVersionId) }
    }
}

upsign_core::text_type!(VersionId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_version_ids_are_rejected() {
        for text in ["", "a b", "a\n", "é", &"v".repeat(1_025)] {
            assert_eq!(text.parse::<VersionId>(), Err(InvalidVersionId), "{text:?}");
        }
        assert_eq!("null".parse::<VersionId>().unwrap(), "null");
    }
}
