//! The manual: how to use upsign, and how it works.

pub mod howto;
pub mod internals;
pub mod reference;
pub mod security;
