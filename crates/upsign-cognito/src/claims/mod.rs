//! Reading and checking claims, whether they come from a token or from an event.

pub(crate) mod reader;
pub(crate) mod rules;
pub(crate) mod times;
