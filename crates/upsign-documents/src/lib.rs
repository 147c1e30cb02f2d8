//! Documents that must agree with an upload policy, derived from it: the bucket's CORS rules and the signer's IAM policy.
//!
//! | document | model | evaluation |
//! | --- | --- | --- |
//! | CORS | [`CorsDocument`], [`CorsRule`], [`CorsOrigins`] | [`CorsDocument::evaluate`]: S3's answer to a browser |
//! | IAM | [`IamPolicy`] | |
//!
//! Nothing here does I/O.

mod cors;
mod iam;

pub use cors::{
    CorsAnswer, CorsDocument, CorsMethod, CorsOrigins, CorsRefusal, CorsRequest, CorsRule,
    InvalidCorsDocument, InvalidCorsMethod, InvalidCorsRule, InvalidOrigin, Origin, RefusalReason,
};
pub use iam::{IamPolicy, IamStatement};
