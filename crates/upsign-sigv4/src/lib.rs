//! Pure and fast AWS Signature Version 4 for S3, in the query-string form: no clock, no I/O, no URL parser.
//!
//! [`SigV4`] signs a [`PresignRequest`](upsign_core::PresignRequest) as
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html> says, byte for byte what AWS's own
//! SDKs sign. What depends on the day and the credentials alone is kept between calls: the signing key with its HMAC
//! state, the credential scope, the percent-encoded session token.
//!
//! [`stages`] has the steps one by one, for tests, for explaining a URL and for signing anything else.
//!
//! ```
//! use upsign_core::{Credentials, ExpiresIn, Operation, PresignRequest, Sign, Target};
//! use upsign_sigv4::SigV4;
//!
//! let signer = SigV4::new();
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let request = PresignRequest::new(target, Operation::PutObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?);
//! let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let presigned = signer.sign(&request, &credentials, "2026-01-01T00:00:00Z".parse()?)?;
//! assert!(presigned.url.expose().starts_with("https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/a/b.jpg?"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod blocks;
mod date;
mod day;
mod encode;
mod hex;
mod hmac;
mod lanes;
mod parts;
mod post;
mod query;
mod second;
mod signer;
pub mod stages;
mod template;

pub use encode::{encode_key, encode_query};
pub use signer::SigV4;
pub use template::UrlTemplate;
