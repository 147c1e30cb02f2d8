//! The input and the output of a decision: the request of a client, the permit, and the reason for a denial.

pub(crate) mod denied;
mod denied_text;
pub(crate) mod multipart;
pub(crate) mod permit;
pub(crate) mod request;
