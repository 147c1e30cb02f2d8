//! Signing of many URLs that have most of their text in common.

mod lanes;
mod parts;
pub(crate) mod template;
