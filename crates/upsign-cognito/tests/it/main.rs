//! The corpora, the faults and the limits, on both signature backends.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's panic is its report"
)]

mod alb;
mod claims;
mod corpus;
mod endpoint;
mod events;
mod faults;
mod gateways;
#[cfg(feature = "fetch")]
mod http;
mod jwks_documents;
mod jwt_attack;
mod keys;
mod mutations;
mod pool;
mod properties;
mod seam;
mod token_cache;
mod wycheproof;
