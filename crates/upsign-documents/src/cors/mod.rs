//! Cross-origin resource sharing of a bucket.

mod derive;
mod document;
mod evaluate;
mod origin;
mod pattern;
mod rule;
mod stack;
mod wire;
mod xml;

pub use document::{CorsDocument, InvalidCorsDocument};
pub use evaluate::{CorsAnswer, CorsRefusal, CorsRequest, RefusalReason};
pub use origin::{CorsOrigins, InvalidOrigin, Origin};
pub use rule::{CorsMethod, CorsRule, InvalidCorsMethod, InvalidCorsRule};
