//! Cross-origin resource sharing of a bucket.

mod derive;
mod document;
mod evaluate;
mod json;
mod pattern;
mod resource;
mod rule;
mod xml;

pub use document::{CorsDocument, InvalidCorsDocument};
pub use evaluate::{CorsAnswer, CorsRefusal, CorsRefusalReason, CorsRequest};
pub use rule::{CorsMethod, CorsRule, InvalidCorsMethod, InvalidCorsRule};
