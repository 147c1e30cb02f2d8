//! AWS Signature Version 4 for S3 in the query-string form: presigned URLs and POST forms, without I/O, clock or URL parser.
//!
//! [`SigV4`] signs a [`PresignRequest`] as [AWS documents
//! it](https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html). Its URLs are equal byte for byte to
//! those of AWS's own SDKs, apart from parameters that an SDK adds for itself, such as `x-id`.
//!
//! ```
//! use upsign_sigv4::{Credentials, ExpiresIn, Operation, PresignRequest, Sign, SigV4, Target};
//!
//! let signer = SigV4::new();
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let request = PresignRequest::new(target, Operation::PutObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?);
//! let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let presigned = signer.sign(&request, &credentials, "2026-01-01T00:00:00Z".parse()?)?;
//! assert!(presigned.url.expose().starts_with("https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/a/b.jpg?"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Speed
//!
//! The signer caches the values that many URLs have in common: for one day, the signing key, the credential scope and the
//! encoded session token; for one second, the date and the hash of the constant start of the string to sign. See
//! `upsign::manual::internals::performance` for the figures.
//!
//! | call | use it for |
//! | --- | --- |
//! | [`Sign::sign`] | one request, as a [`PresignedRequest`] |
//! | [`SigV4::with_credentials`] | a [`Presigner`](types::Presigner) with its own credentials, for `upsign` |
//! | [`SigV4::sign_into`] | one request, into a buffer of the caller |
//! | [`UrlTemplate`] | many URLs that differ only in their key, one by one or in batches |
//! | [`Sign::sign_parts`], [`SigV4::sign_part_urls`] | the parts of one multipart upload, as owned URLs or one by one |
//! | [`SignPost::sign_post`] | a POST form |
//! | [`JsonCall::sign`] | a call of another AWS service, in its headers |
//! | [`stages`] | the single steps, for tests, for explaining a URL, and for other services |
//!
//! The types of `upsign-core` that describe a request are re-exported here, and all of them in [`types`].
//!
//! # What this crate is not
//!
//! It does not sign with SigV4a, which multi-region access points need, signs calls of S3 in their URL and not in the
//! `Authorization` header, and does not load credentials or send requests. It reads no clock and starts no thread, neither of which
//! `wasm32-unknown-unknown` has. It does not decide which key, type and size a URL may allow.
//!
//! Neighboring crates: `upsign-policy` decides what is signed, `upsign` combines the two, and `upsign-aws` signs with SigV4a
//! and loads credentials.
//!
//! # Layout
//!
//! `text` and `hash` do not depend on other modules; [`stages`] builds on them; `state` caches the results of `stages`;
//! `canonical` writes the canonical request; `signer` and `post` sign single requests, `batch` signs many, and `call` signs
//! calls of other services.

mod batch;
mod call;
mod canonical;
mod hash;
mod post;
#[cfg(all(test, shuttle))]
mod schedules;
mod signer;
pub mod stages;
mod state;
mod sync;
mod text;

pub use batch::template::UrlTemplate;
pub use call::JsonCall;
pub use signer::SigV4;
pub use text::percent::{encode_key, encode_query};

#[doc(no_inline)]
pub use upsign_core as types;
#[doc(no_inline)]
pub use upsign_core::{
    Addressing, Credentials, CredentialsSource, Endpoint, ExpiresIn, ObjectKey, Operation, PartNumber,
    PostPolicy, PresignError, PresignParts, PresignRequest, PresignedPost, PresignedRequest, Sign, SignPost,
    SignedHeaders, Target, Timestamp, Unsupported, WithCredentials,
};
