//! Browser form uploads: POST policies and the forms made from them.

pub(crate) mod condition;
pub(crate) mod form;
pub(crate) mod key;
pub(crate) mod policy;
