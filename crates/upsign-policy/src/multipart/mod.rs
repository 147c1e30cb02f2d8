//! Multipart uploads: the size, the checksum, and how long they can be resumed.

pub(crate) mod checksum;
pub(crate) mod planned_size;
pub(crate) mod resume_window;
