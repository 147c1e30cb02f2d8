//! The parameters of a signature and the rules S3 applies to them.

pub(super) mod canonical_request;
pub(super) mod parameters;
pub(super) mod rules;
pub(super) mod uri_encoding;
