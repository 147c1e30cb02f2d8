//! Integration tests.

mod explain;
mod fixture;
mod mutations;
