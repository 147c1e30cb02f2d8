//! SHA-256 and HMAC with access to the states between their blocks.

pub(crate) mod hmac;
pub(crate) mod sha256;
