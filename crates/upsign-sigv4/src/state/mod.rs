//! The state that a signer keeps between calls: that of a day, that of a second, and the cache that holds them.

pub(crate) mod cache;
pub(crate) mod day;
pub(crate) mod second;
