//! The groups of settings that [`UploadPolicyBuilder`](crate::UploadPolicyBuilder) takes.
//!
//! Each group is one type with one method for each key of `upsign.toml`, and checks its own values. Rules
//! that involve two groups are checked in [`build`](crate::UploadPolicyBuilder::build).

pub(crate) mod confirmation;
pub(crate) mod file_name;
pub(crate) mod files;
pub(crate) mod form;
pub(crate) mod header;
pub(crate) mod key;
pub(crate) mod lifetime;
pub(crate) mod lock;
pub(crate) mod metadata;
pub(crate) mod method;
pub(crate) mod multipart;
pub(crate) mod replace;
pub(crate) mod size_bound;
pub(crate) mod storage;
pub(crate) mod tag;
pub(crate) mod unbounded;
