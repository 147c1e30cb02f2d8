//! Properties that S3 stores with an object: checksums, file names, headers, metadata, locks and tags.

pub(crate) mod checksum;
pub(crate) mod content_headers;
pub(crate) mod disposition;
pub(crate) mod encryption_context;
pub(crate) mod etag;
pub(crate) mod file_name;
pub(crate) mod metadata;
pub(crate) mod object_field;
pub(crate) mod other_headers;
pub(crate) mod retention;
pub(crate) mod storage;
pub(crate) mod tags;
