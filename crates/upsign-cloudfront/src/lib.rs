//! Signs URLs of CloudFront with a canned policy, for objects that are read through a distribution.
//!
//! [`CloudFrontSigner`] is the [`SignRead`](upsign::read::SignRead) of an upload service whose `reads` are `cloudfront`: the service
//! still decides who may read which version, and the URL leads to the distribution in place of the bucket.
//!
//! Signatures are those of RSA with 2048 bits or of ECDSA with the curve P-256, over SHA-256. CloudFront accepts both since it reads
//! `Hash-Algorithm=SHA256`; without it, it expects SHA-1. The cryptography is that of aws-lc-rs, which computes in constant time.
//!
//! # What this is not
//!
//! It writes no custom policies (wildcards, addresses of clients), no signed cookies, and calls no API of CloudFront.
//!
//! Neighboring crates: `upsign-sigv4` signs URLs of the bucket itself, and `upsign-documents` describes the distribution.

mod key;
mod signer;

pub use key::{CloudFrontKey, InvalidCloudFrontKey};
pub use signer::{CloudFrontSigner, InvalidDistribution};
