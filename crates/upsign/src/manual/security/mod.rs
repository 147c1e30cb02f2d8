//! What is enforced, and which attacks are considered.
//!
//! | page | answers |
//! | --- | --- |
//! | [`enforcement`] | Which limits does S3 enforce, which need a check after the upload, and which cannot be enforced? |
//! | [`threats`] | Which attacks are considered, what stops each, and which test proves it? |
//!
//! The shortest summary: a grant is worth one upload of one key, type and size, for as long as it is valid, to anyone who has it. Keep
//! grants out of logs, as upsign does, and look into files before other users may read them.

pub mod enforcement;
pub mod threats;
