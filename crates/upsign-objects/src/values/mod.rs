//! Values that calls and answers share: entity tags, version ids and checksums.

pub(crate) mod checksum;
pub(crate) mod etag;
pub(crate) mod version_id;
