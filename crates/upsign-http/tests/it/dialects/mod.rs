//! The contracts of other clients.

mod active_storage;
mod git_lfs;
