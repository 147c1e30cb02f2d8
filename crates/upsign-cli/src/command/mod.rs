//! One module per command: its options, and what it does.

pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod dev;
pub(crate) mod diagnose;
pub(crate) mod documents;
pub(crate) mod explain;
pub(crate) mod identity;
pub(crate) mod init;
pub(crate) mod jwks;
pub(crate) mod key;
pub(crate) mod post;
pub(crate) mod preflight;
pub(crate) mod presign;
pub(crate) mod probe;
pub(crate) mod revoke;
pub(crate) mod serve;
pub(crate) mod upload;
pub(crate) mod verify;
