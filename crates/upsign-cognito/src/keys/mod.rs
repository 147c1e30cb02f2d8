//! Public keys of an issuer: parsing, fetching and caching its key set.

pub(crate) mod cache;
pub(crate) mod fetch;
#[cfg(feature = "fetch")]
pub(crate) mod http;
pub(crate) mod key_set;
mod unknown_kids;
