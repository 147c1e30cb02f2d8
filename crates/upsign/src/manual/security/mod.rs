//! What is enforced, and which attacks are considered.
//!
//! | page | answers |
//! | --- | --- |
//! | [`enforcement`] | Which limits does S3 enforce, which need a check after the upload, and which cannot be enforced? |
//! | [`threats`] | Which attacks are considered, what stops each, and which test proves it? |
//!
//! In short: a grant allows one upload of one key, type and size, to anyone who has it, until it expires. Keep grants out of logs,
//! as upsign does, and inspect files before other users may read them.

pub mod enforcement;
pub mod threats;
