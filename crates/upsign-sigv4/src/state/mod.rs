//! What a signer keeps between calls, from the longest-lived to the shortest-lived: the state of a day, the state of a
//! second, and the cache that holds them.

pub(crate) mod cache;
pub(crate) mod day;
pub(crate) mod second;
