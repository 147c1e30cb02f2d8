//! The CORS configuration of a bucket: derivation, evaluation and file formats.

mod cloudformation;
mod derive;
mod document;
mod evaluate;
mod google;
mod json;
pub(crate) mod pattern;
mod rule;
mod terraform;
mod xml;

pub use document::{CorsDocument, InvalidCorsDocument};
pub use evaluate::{CorsAnswer, CorsRefusal, CorsRefusalReason, CorsRequest};
pub use google::PatternAtGoogle;
pub use rule::{CorsMethod, CorsRule, InvalidCorsMethod, InvalidCorsRule};
