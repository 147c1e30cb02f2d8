//! The groups of settings that [`UploadPolicyBuilder`](crate::UploadPolicyBuilder) takes.
//!
//! Each group is one type with the keys of `upsign.toml` as its methods and with the check of its own values. What
//! concerns two groups at once is checked in [`build`](crate::UploadPolicyBuilder::build).

pub(crate) mod file_name;
pub(crate) mod key;
pub(crate) mod lifetime;
pub(crate) mod metadata;
pub(crate) mod method;
pub(crate) mod storage;
pub(crate) mod tag;
