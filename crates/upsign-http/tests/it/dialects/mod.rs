//! The contracts of other clients.

mod active_storage;
mod better_upload;
mod companion;
mod git_lfs;
mod uppy;
