//! The names that most programs need: `use upsign::prelude::*;`.
//!
//! ```
//! use upsign::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let policy = UploadPolicy::builder(target, "articles/{article_id}/raw/{id}.{ext}".parse()?, Bodyless::Refuse)
//!     .content_types(["image/jpeg", "image/png"])
//!     .max_size(10 << 20)
//!     .build()?;
//! let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let service = UploadService::from(UploadIssuer::sigv4(policy, credentials)?);
//! # Ok(())
//! # }
//! ```

#[doc(no_inline)]
pub use crate::{
    Bodyless, Clock, Credentials, Identity, IssueError, Route, SystemClock, Target, Timestamp, Upload,
    UploadGrant, UploadIssuer, UploadPolicy, UploadRequest, UploadService,
};
