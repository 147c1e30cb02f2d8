//! Integration tests of the core types, through the public interface.

#[cfg(feature = "renewing")]
mod renewing;
