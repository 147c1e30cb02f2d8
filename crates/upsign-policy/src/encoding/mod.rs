//! Character classes and encodings for keys and header values.

pub(crate) mod characters;
pub(crate) mod percent;
pub(crate) mod tilde;
pub(crate) mod token;
