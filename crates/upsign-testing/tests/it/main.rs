//! The architecture, checked by machine.
#![expect(clippy::unwrap_used, reason = "a test's panic is its report")]

mod arrows;
mod manual;
mod sources;
