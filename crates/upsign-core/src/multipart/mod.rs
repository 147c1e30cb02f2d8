//! Multipart uploads: how an object is divided into parts.

pub(crate) mod part_size;
pub(crate) mod plan;
