//! Signs URLs of CloudFront with a canned policy, for objects that are read through a distribution.
//!
//! [`CloudFrontSigner`] is a [`SignRead`](upsign::read::SignRead): the service still decides who may read which version, and the URL leads to
//! the distribution in place of the bucket.
//!
//! ```
//! use upsign::UploadService;
//! use upsign_cloudfront::{CloudFrontKey, CloudFrontSigner};
//!
//! # fn signed(service: UploadService, pem: &str) -> Result<UploadService, Box<dyn std::error::Error>> {
//! // The private key, and the id that CloudFront gave to its public key in a trusted key group.
//! let key = CloudFrontKey::from_pem(pem)?;
//! let signer = CloudFrontSigner::new("d111111abcdef8.cloudfront.net", "K2JCJMDEHXQW5F", key)?;
//! let service = service.with_read_signer(signer);
//! # Ok(service)
//! # }
//! ```
//!
//! The distribution must meet the conditions of [`CloudFrontSigner`], as that of a generated stack does.
//!
//! Signatures are those of RSA with 2048 bits or of ECDSA with the curve P-256, over SHA-256. CloudFront accepts both since it reads
//! `Hash-Algorithm=SHA256`; without it, it expects SHA-1. The cryptography is that of aws-lc-rs, which computes in constant time.
//!
//! # What this is not
//!
//! It writes no custom policies (wildcards, addresses of clients), no signed cookies, and calls no API of CloudFront. It reads no
//! configuration: `upsign-config` creates a signer from the section `[cloudfront]` of `upsign.toml`, for `upsign serve` and functions.
//!
//! Neighboring crates: `upsign-sigv4` signs URLs of the bucket itself, and `upsign-documents` describes the distribution.

mod key;
mod signer;

pub use key::{CloudFrontKey, InvalidCloudFrontKey};
pub use signer::{CloudFrontSigner, CloudFrontSigners, InvalidDistribution};
#[doc(no_inline)]
pub use upsign::{ObjectKey, PresignError, PresignedUrl, Query, Timestamp};
