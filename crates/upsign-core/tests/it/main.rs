//! Integration tests of the core types, through the public interface.

mod multipart;
#[cfg(feature = "renewing")]
mod renewing;
