//! The sources of a configuration: the text of the file and the environment variables.

pub(crate) mod effective;
pub(crate) mod raw;
pub(crate) mod variables;
