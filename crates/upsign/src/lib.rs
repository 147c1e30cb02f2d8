//! Direct-to-S3 upload issuance: hand a verified caller the right to upload **one** object, straight to S3: one key, one
//! type, one length, a few minutes.
//!
//! Policy decides, signing obeys: an [`UploadIssuer`] asks its [`UploadPolicy`] whether this caller may upload what it
//! describes, and has a [`Presigner`](core::Presigner) sign exactly what the policy permitted.
//!
//! ```
//! use upsign::core::{Credentials, Identity, Target, WithCredentials};
//! use upsign::policy::{Bodyless, ContentRules, KeyTemplate, SizeLimit, UploadPolicy, UploadRequest};
//! use upsign::{SigV4, UploadIssuer};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let ids = ["article_id".parse()?];
//! let template = KeyTemplate::parse("articles/{article_id}/raw/{id}.{ext}", &ids)?;
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let policy = UploadPolicy::builder(target, template, Bodyless::Refuse)
//!     .content(ContentRules::of(["image/jpeg"])?)
//!     .size(SizeLimit::up_to(10 << 20)?)
//!     .build()?;
//! let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let issuer = UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials))?;
//!
//! let who = Identity::vouched("https://issuer.example", "alice")?; // whoever your framework authenticated
//! let what = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
//! let at = "2026-01-01T00:00:00Z".parse()?;
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! let grant = issuer.issue(&who, &what, at).await?;
//! assert!(grant.key.as_str().starts_with("articles/"));
//! assert_eq!(grant.expires_in.as_secs(), 900);
//! # Ok::<(), upsign::IssueError>(())
//! # })?;
//! # Ok(())
//! # }
//! ```
//!
//! The rest is in [`manual`].

mod assume;
mod authorize;
mod error;
mod grant;
mod ids;
mod issuer;
pub mod manual;
mod observe;
mod rate;
mod route;
mod service;
mod world;

pub use assume::AssumeLifetime;
pub use authorize::{Asked, Authorize, Undecided, Verdict};
pub use error::IssueError;
pub use grant::{Upload, UploadGrant};
pub use ids::{IdSource, NoEntropy};
pub use issuer::UploadIssuer;
pub use observe::{Granted, Refused, UploadObserver};
#[cfg(feature = "rate-limit")]
pub use rate::PerCaller;
pub use rate::{RateLimit, TooMany};
pub use route::{Access, InvalidRouteName, Route, RouteName};
pub use service::{InvalidService, UploadService};
pub use upsign_core as core;
pub use upsign_policy as policy;
pub use upsign_policy::UploadPolicy;
pub use upsign_sigv4 as sigv4;
pub use upsign_sigv4::SigV4;
pub use world::{Clock, RandomIds, SystemClock, TimeOrderedIds, fill_random};

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
