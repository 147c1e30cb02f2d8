//! Rules for the content of an upload: media types, their file extensions, and sizes.

pub(crate) mod alias;
pub(crate) mod content_type;
mod extensions;
mod mime_db;
pub(crate) mod resolve;
pub(crate) mod rules;
pub(crate) mod size;
pub(crate) mod suggestion;
pub(crate) mod type_range;
