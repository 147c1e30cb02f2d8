//! How upsign is built: layers, speed, compile times, and work across several programs.
//!
//! | page | answers |
//! | --- | --- |
//! | [`layers`] | Which crates are there, what may each depend on, and which steps does one request take? |
//! | [`performance`] | How long does a presigned URL take, how much load does a server carry, and where does the time go? |
//! | [`weights`] | How many crates does each crate compile, how long does that take, and which feature adds what? |
//! | [`distributed`] | How do several programs handle an upload: a queue, a signer elsewhere, a worker, a download? |

pub mod distributed;
pub mod layers;
pub mod performance;
pub mod weights;
