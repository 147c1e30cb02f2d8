//! The sources of a configuration: the text of the file and the environment variables.

pub(crate) mod convert;
pub(crate) mod effective;
pub(crate) mod file;
pub(crate) mod finding;
pub(crate) mod raw;
pub(crate) mod secret;
mod syntax;
pub(crate) mod text;
pub(crate) mod token;
mod unknown;
pub(crate) mod variables;
