//! Presigners and credentials on AWS's own crates. The other library crates of upsign use those crates only through this one.
//!
//! | feature | item | built on |
//! | --- | --- | --- |
//! | `sigv4` | [`AwsSigV4`]: presigned URLs | `aws-sigv4`, the signer inside the SDK |
//! | `sigv4a` | [`AwsSigV4a`]: presigned URLs for multi-region access points | `aws-sigv4` |
//! | `sdk` | [`SdkPresigner`]: presigned URLs | `aws-sdk-s3` |
//! | `chain` | [`ProviderChain`]: credentials of the environment or of an assumed role | `aws-config` |
//! | `secrets` | [`SecretsManager`]: secrets of AWS Secrets Manager | an HTTP client, without the SDK |
//! | `live` | [`LiveBucket`]: the current documents of a bucket | `aws-sdk-s3`, over the network |
//!
//! No feature is on by default: the SDK takes minutes to build.
//!
//! ```
//! # #[cfg(feature = "sigv4")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use upsign_aws::AwsSigV4;
//! use upsign_core::{Credentials, ExpiresIn, Operation, PresignRequest, Sign, Target};
//!
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let request = PresignRequest::new(target, Operation::PutObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?);
//! let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let presigned = AwsSigV4::new().sign(&request, &credentials, "2026-01-01T00:00:00Z".parse()?)?;
//! assert!(presigned.url.expose().contains("X-Amz-Signature="));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sigv4"))]
//! # fn main() {}
//! ```
//!
//! # Credentials that are renewed
//!
//! [`ProviderChain`] finds credentials where AWS's SDKs do, and renews them before they expire. It is a
//! [`CredentialsSource`](upsign_core::CredentialsSource): sign with it and any signer.
//!
//! ```no_run
//! # #[cfg(feature = "chain")]
//! # async fn start() -> Result<(), Box<dyn std::error::Error>> {
//! use upsign_aws::ProviderChain;
//! use upsign_core::WithCredentials;
//! use upsign_sigv4::SigV4;
//!
//! let chain = ProviderChain::load(None, &"ap-southeast-1".parse()?).await?;
//! let presigner = WithCredentials::new(SigV4::new(), chain);
//! # let _ = presigner;
//! # Ok(()) }
//! ```
//!
//! # Which presigner
//!
//! For the same request, credentials and time, [`AwsSigV4`] and [`SdkPresigner`] return the URL that `upsign_sigv4::SigV4`
//! returns, byte for byte, or an [`Unsupported`](upsign_core::Unsupported) error: a header that they would leave out of the
//! signature would be a constraint that S3 does not enforce. Prefer `upsign_sigv4::SigV4`, which is faster and much smaller.
//! Choose one of these where a policy requires AWS's code, and [`AwsSigV4a`] for multi-region access points.
//!
//! # What this crate is not
//!
//! It is not needed to sign: `upsign-sigv4` returns the same bytes without the SDK. It does not decide about uploads, which
//! `upsign` does, and it reads no `upsign.toml`: `upsign-config` does, and creates a [`ProviderChain`] from it. Around a
//! source of credentials that is not AWS's, put [`Renewing`] directly.

#[cfg(any(feature = "sigv4", feature = "sdk"))]
mod url;

#[cfg(feature = "chain")]
mod chain;
#[cfg(feature = "live")]
mod live;
#[cfg(any(feature = "chain", feature = "live"))]
mod proxy;
#[cfg(feature = "sdk")]
mod sdk;
#[cfg(feature = "sigv4")]
mod sigv4;

#[cfg(feature = "sigv4a")]
mod sigv4a;

#[cfg(feature = "secrets")]
mod secrets;

#[cfg(feature = "chain")]
pub use aws_config::SdkConfig;
#[cfg(feature = "chain")]
pub use aws_credential_types::provider::SharedCredentialsProvider;
#[cfg(feature = "chain")]
pub use chain::{AssumeRole, ProviderChain};
#[cfg(feature = "live")]
pub use live::{LiveBucket, LiveDocuments, ReadDocumentError};
#[cfg(feature = "sdk")]
pub use sdk::SdkPresigner;
#[cfg(feature = "secrets")]
pub use secrets::{ReadSecretError, SecretsManager};
#[cfg(feature = "sigv4")]
pub use sigv4::AwsSigV4;
#[cfg(feature = "sigv4a")]
pub use sigv4a::AwsSigV4a;
#[cfg(feature = "secrets")]
#[doc(no_inline)]
pub use upsign_core::Endpoint;
#[cfg(feature = "live")]
#[doc(no_inline)]
pub use upsign_core::Target;
#[cfg(feature = "chain")]
#[doc(no_inline)]
pub use upsign_core::{CredentialsError, Region, RenewalError, RenewalStatus, Renewing, Timestamp};
