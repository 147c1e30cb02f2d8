//! The contracts of other clients.

mod active_storage;
