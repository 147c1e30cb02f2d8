//! How upsign is built: layers, speed, compile times, and work across several programs.

pub mod distributed;
pub mod layers;
pub mod performance;
pub mod weights;
