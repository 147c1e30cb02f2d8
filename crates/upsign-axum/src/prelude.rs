//! The names that most applications need: `use upsign_axum::prelude::*;`.
//!
//! ```
//! use upsign_axum::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let policy = UploadPolicy::builder(target, "articles/{article_id}/raw/{id}.{ext}".parse()?, Bodyless::Refuse)
//!     .content_types(["image/jpeg", "image/png"])
//!     .max_size(10 << 20)
//!     .build()?;
//! let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let api = Api::new(UploadIssuer::sigv4(policy, credentials)?, CorsOrigins::listed([]));
//! # Ok(())
//! # }
//! ```
//!
//! For handlers of your own it has [`Caller`], [`Unauthenticated`], [`UploadDescription`], [`GrantResponse`], [`GrantBody`],
//! [`ProblemResponse`], [`Problem`], [`IssueError`] and [`Uuid`]. [`UploadDescription`] contains examples.

#[doc(no_inline)]
pub use crate::{
    Api, Authentication, Authorize, AuthorizeError, AuthorizeRequest, Bodyless, Caller, CorsOrigins,
    Credentials, Decision, GrantBody, GrantResponse, Identity, IssueError, NoObserver, Problem,
    ProblemResponse, Route, Target, TrustedProxies, Unauthenticated, UploadDescription, UploadIssuer,
    UploadPolicy, UploadService, Uuid, async_trait,
};
// By the path of the function: `crate::observe` also is a private module, which rustdoc would list as public.
#[doc(no_inline)]
pub use crate::{observe::observe, router::router};
