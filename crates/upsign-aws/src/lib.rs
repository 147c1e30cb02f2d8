//! upsign's one door to AWS's SDK crates. Nothing else in upsign names them.
//!
//! | feature | item | built on |
//! | --- | --- | --- |
//! | `sigv4` | [`AwsSigV4`] | `aws-sigv4`, the signer inside the SDK |
//! | `sigv4a` | [`AwsSigV4a`], for multi-region access points | the same |
//! | `sdk` | [`SdkPresigner`] | `aws-sdk-s3` itself |
//! | `live` | [`LiveBucket`]: a bucket's documents as they are in use | `aws-sdk-s3`, over the network |
//! | `chain` | [`ProviderChain`] | `aws-config`, the SDK's provider chain and STS |
//!
//! [`AwsSigV4`] and [`SdkPresigner`] give byte for byte the URL of `upsign_sigv4::SigV4` for the same request,
//! credentials and time, or refuse: a header they would leave out of the signature is an
//! [`Unsupported`](upsign_core::Unsupported) error.

#[cfg(any(feature = "sigv4", feature = "sdk"))]
mod url;

#[cfg(feature = "chain")]
mod chain;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "sdk")]
mod sdk;
#[cfg(feature = "sigv4")]
mod sigv4;

#[cfg(feature = "sigv4a")]
mod sigv4a;

#[cfg(feature = "chain")]
pub use chain::{AssumeRole, ProviderChain};
#[cfg(feature = "live")]
pub use live::{LiveBucket, LiveDocuments, Unreadable};
#[cfg(feature = "sdk")]
pub use sdk::SdkPresigner;
#[cfg(feature = "sigv4")]
pub use sigv4::AwsSigV4;
#[cfg(feature = "sigv4a")]
pub use sigv4a::AwsSigV4a;
