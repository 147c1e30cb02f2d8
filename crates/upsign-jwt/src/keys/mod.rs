//! Public keys of an issuer: parsing, fetching and caching its key set.

pub(crate) mod cache;
pub(crate) mod discovery;
pub(crate) mod fetch;
pub(crate) mod fetch_fn;
mod forward;
#[cfg(feature = "fetch")]
pub(crate) mod http;
pub(crate) mod key_set;
pub(crate) mod limited;
pub(crate) mod static_keys;
pub(crate) mod status;
mod unknown_kids;
