//! The extension points: signers, presigners and credentials sources.

pub(crate) mod credentials;
mod forward;
pub(crate) mod presigner;
pub(crate) mod sign;
pub(crate) mod with_credentials;

#[cfg(test)]
mod parts_tests;
#[cfg(test)]
mod tests;
