//! Properties that S3 stores with an object: checksums, file names, headers, metadata and tags.

pub(crate) mod checksum;
pub(crate) mod disposition;
pub(crate) mod etag;
pub(crate) mod file_name;
pub(crate) mod metadata;
pub(crate) mod storage;
pub(crate) mod tags;
