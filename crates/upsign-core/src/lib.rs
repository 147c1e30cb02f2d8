//! The shared types and traits of upsign: what a presigned S3 request is made of, and the traits that sign it.
//!
//! A presigned request is described by values that are checked when they are created, so that every crate above this
//! one can rely on them:
//!
//! 1. A [`Target`] is a bucket or an access point, its region, and the exact host that serves it.
//! 2. A [`PresignRequest`] adds the [`Operation`], the [`ObjectKey`], the headers and query parameters to sign, and a
//!    lifetime ([`ExpiresIn`]). For browser form uploads, a [`PostPolicy`] takes its place.
//! 3. A signer ([`Sign`], [`SignPost`]) turns that description, a set of [`Credentials`] and a [`Timestamp`] into a
//!    [`PresignedRequest`] or a [`PresignedPost`].
//!
//! ```
//! use upsign_core::{ExpiresIn, InvalidObjectKey, ObjectKey, Operation, PresignRequest, SignedHeaders, Target};
//!
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let mut headers = SignedHeaders::new();
//! headers.insert("content-type", "image/jpeg")?;
//! let request = PresignRequest::new(target, Operation::PutObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?)
//!     .with_headers(headers);
//! assert_eq!(request.target().host(), "article-images-bucket.s3.ap-southeast-1.amazonaws.com");
//!
//! // A browser would rewrite this path before it sends the request, so the signature could never match.
//! assert_eq!("a/../b.jpg".parse::<ObjectKey>(), Err(InvalidObjectKey::DotSegment));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is here
//!
//! | to describe | types |
//! | --- | --- |
//! | where an object is stored | [`Bucket`], [`AccessPoint`], [`Region`], [`Endpoint`], [`Partition`], [`Provider`] → [`Target`] |
//! | a presigned URL | [`Operation`], [`ObjectKey`], [`SignedHeaders`], [`Query`], [`ExpiresIn`] → [`PresignRequest`] → [`PresignedRequest`] |
//! | a browser form | [`PostKey`], [`LengthRange`], [`Condition`] → [`PostPolicy`] → [`PresignedPost`] |
//! | a multipart upload | [`UploadId`], [`PartNumber`], [`Capabilities`] → [`MultipartPlan`] → [`PlannedPart`] |
//! | the URLs of its parts | [`PartToSign`], [`PartChecksum`] → [`PresignParts`] → [`PresignedParts`] |
//! | credentials, time, caller and allowed origins | [`Credentials`], [`Timestamp`], [`Identity`], [`CorsOrigins`] |
//! | what can fail | [`PresignError`], [`CredentialsError`], [`Unsupported`]; [`error_chain()`] prints an error with its causes |
//!
//! | extension point | input → output |
//! | --- | --- |
//! | [`Sign`] | request, credentials, time → URL; never waits |
//! | [`SignPost`] | policy, credentials, time → form; never waits |
//! | [`CredentialsSource`] | time → credentials; may wait; [`credentials_fn`] makes one of a closure |
//! | [`Presigner`] | request or policy, time → URL or form; may wait |
//! | [`WithCredentials`] | combines a `Sign` and a `CredentialsSource` into a `Presigner`; with fixed [`Credentials`] it also signs without waiting |
//!
//! Each of these traits is also implemented for `Arc<T>`, `Box<T>` and `&T`, so that an implementation can be shared, or
//! chosen at run time.
//!
//! # Features
//!
//! None is on by default. With all of them off, the crate depends on three small crates and proc macros only.
//!
//! | feature | adds | dependencies |
//! | --- | --- | --- |
//! | `serde` | `Serialize` and `Deserialize` for requests, their results and identities, through the validating constructors; the module `serialized` documents the JSON | `serde` |
//! | `renewing` | `Renewing`, which keeps the credentials of a slow source and renews them before they expire | `tokio`, `futures-util` |
//!
//! # What this crate is not
//!
//! It signs nothing itself and performs no I/O. It reads no clock, no random numbers and no environment variables:
//! callers pass the time as a [`Timestamp`]. Only [`Presigner`] and [`CredentialsSource`] have `async` methods. It needs
//! no runtime, so that it suits `wasm32-unknown-unknown`. The exception is the feature `renewing`: it starts tasks on the
//! caller's tokio runtime, and takes one random number from the standard library to spread refreshes.
//!
//! Neighboring crates: `upsign-sigv4` and `upsign-aws` implement the signing traits, `upsign-policy` decides which
//! requests may be signed, and `upsign` combines them into a service.

pub mod api_cors;
mod backoff;
mod base_path;
mod cors_origins;
mod credentials;
mod dialect;
mod error;
mod error_chain;
mod forbidden_header;
mod host;
mod http_date;
mod identity;
mod issuer_name;
mod multipart;
mod origin;
mod origin_pattern;
mod pairs;
mod post;
#[cfg(feature = "renewing")]
mod renewing;
mod request;
#[cfg(feature = "serde")]
pub mod serialized;
mod target;
mod text_type;
mod time;
mod token_header;
mod traits;

pub use async_trait::async_trait;
pub use backoff::Backoff;
pub use base_path::{BasePath, InvalidBasePath};
pub use cors_origins::CorsOrigins;
pub use credentials::{Credentials, Expiry, InvalidCredentials};
pub use dialect::{Dialect, UnknownDialect};
pub use error::{CredentialsError, PresignError, Unsupported};
pub use error_chain::error_chain;
pub use identity::{Identity, InvalidIdentity, Issuer, Subject};
pub use issuer_name::{InvalidIssuerName, IssuerName};
pub use multipart::part_size::InvalidMultipartPlan;
pub use multipart::plan::{MultipartPlan, PlannedPart};
pub use origin::{InvalidOrigin, Origin};
pub use origin_pattern::{OriginPattern, OriginWildcard, matches_cors_pattern};
pub use pairs::Pairs;
pub use post::condition::{Condition, InvalidLengthRange, LengthRange};
pub use post::field::InvalidPostPolicy;
pub use post::key::{InvalidPostKey, PostKey};
pub use post::policy::PostPolicy;
pub use post::presigned::PresignedPost;
pub use post::style::PostStyle;
pub use post::unsigned::{PostSigningFields, UnsignedPost};
#[cfg(feature = "renewing")]
pub use renewing::{RenewalError, RenewalStatus, Renewing};
pub use request::PresignRequest;
pub use request::headers::{InvalidHeader, SignedHeaders};
pub use request::key::{InvalidObjectKey, ObjectKey};
pub use request::lifetime::{ExpiresIn, ExpiryPrecision, InvalidExpiresIn, SAFETY_MARGIN, ShortCredentials};
pub use request::operation::{Method, Operation};
pub use request::part::{InvalidPartNumber, InvalidUploadId, PartNumber, UploadId};
pub use request::parts::{InvalidPartChecksum, PartChecksum, PartToSign, PresignParts, PresignedParts};
pub use request::presigned::{PresignedRequest, PresignedUrl};
pub use request::query::{InvalidQuery, Query};
pub use target::Target;
pub use target::access_point::{AccessPoint, InvalidAccessPoint};
pub use target::addressing::Addressing;
pub use target::bucket::{Bucket, InvalidBucket};
pub use target::builder::TargetBuilder;
pub use target::capabilities::{
    Capabilities, CorsWildcard, MaxSizeBinding, StorageClasses, VerifiedChecksums,
};
pub use target::endpoint::{Endpoint, InvalidEndpoint, Scheme};
pub use target::endpoint_mismatch::EndpointMismatch;
pub use target::error::InvalidTarget;
pub use target::options::EndpointOption;
pub use target::partition::Partition;
pub use target::profile::Evidence;
pub use target::provider::{Provider, UnknownProvider};
pub use target::region::{InvalidRegion, Region};
pub use target::region_rule::RegionFit;
pub use target::resource::{InvalidResource, Resource};
pub use target::signature_family::SignatureFamily;
pub use target::store_host::{BucketInEndpoint, BucketPlace, StoreHost};
pub use target::tenant::{InvalidTenantBucket, TenantBucket};
pub use time::{CivilDateTime, InvalidTimestamp, Timestamp};
pub use token_header::{InvalidTokenHeader, TokenHeader};
pub use traits::credentials::{CredentialsFn, CredentialsSource, credentials_fn};
pub use traits::presigner::Presigner;
pub use traits::sign::{Sign, SignPost};
pub use traits::with_credentials::WithCredentials;
