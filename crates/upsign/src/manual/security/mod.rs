//! What is enforced, and which attacks are considered.

pub mod enforcement;
pub mod threats;
