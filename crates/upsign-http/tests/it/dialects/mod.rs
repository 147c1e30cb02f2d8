//! The contracts of other clients.

mod active_storage;
mod companion;
mod git_lfs;
mod uppy;
