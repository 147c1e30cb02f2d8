//! Words and seams of upsign: the types every other crate speaks in, and the traits at which they meet.
//!
//! Nothing here reads a clock, draws entropy, touches the environment or waits for I/O. Time is a [`Timestamp`]
//! handed in by the caller; whatever has to wait does so behind [`Presigner`] or [`CredentialsSource`].
//!
//! | words | seams |
//! | --- | --- |
//! | [`ObjectKey`], [`Bucket`], [`AccessPoint`], [`Region`], [`Target`] | [`Sign`]: request + credentials + time → URL, pure |
//! | [`Operation`], [`SignedHeaders`], [`Query`], [`ExpiresIn`] | [`CredentialsSource`]: time → credentials, may wait |
//! | [`PresignRequest`] → [`PresignedRequest`] | [`Presigner`]: request + time → URL, may wait |
//! | [`PostPolicy`] → [`PresignedPost`] | [`SignPost`]: policy + credentials + time → form, pure |
//! | [`Credentials`], [`Identity`], [`Timestamp`] | [`WithCredentials`]: `Sign` + `CredentialsSource` = `Presigner` |
//! | [`Provider`], [`Capabilities`], [`Partition`] | |

mod credentials;
mod error;
mod identity;
mod origin;
mod post;
mod request;
mod target;
mod time;
mod traits;

pub use credentials::{Credentials, Expiry, InvalidCredentials};
pub use error::{CredentialsError, PresignError, Unsupported};
pub use identity::{Identity, InvalidIdentity, Issuer, Subject};
pub use origin::{CorsOrigins, InvalidOrigin, Origin};
pub use post::condition::{Condition, InvalidLengthRange, LengthRange};
pub use post::form::{PostSigningFields, PresignedPost, UnsignedPost};
pub use post::key::{InvalidPostKey, PostKey};
pub use post::policy::{InvalidPostPolicy, PostPolicy, PostStyle};
pub use request::headers::{InvalidHeader, SignedHeaders};
pub use request::key::{InvalidObjectKey, ObjectKey};
pub use request::lifetime::{ExpiresIn, ExpiryPrecision, InvalidExpiresIn, SAFETY_MARGIN, ShortCredentials};
pub use request::operation::{Method, Operation};
pub use request::part::{InvalidPartNumber, InvalidUploadId, PartNumber, UploadId};
pub use request::query::{InvalidQuery, Query};
pub use request::{PresignRequest, PresignedRequest, PresignedUrl};
pub use target::access_point::{AccessPoint, InvalidArn};
pub use target::bucket::{Bucket, InvalidBucket};
pub use target::builder::TargetBuilder;
pub use target::endpoint::{Endpoint, InvalidEndpoint, Scheme};
pub use target::partition::Partition;
pub use target::provider::{Capabilities, EndpointKind, Provider, UnknownProvider};
pub use target::region::{InvalidRegion, Region};
pub use target::resource::{InvalidResource, Resource};
pub use target::{Addressing, EndpointOption, InvalidTarget, Target};
pub use time::{CivilDateTime, InvalidTimestamp, Timestamp};
pub use traits::{CredentialsSource, Presigner, Sign, SignPost, WithCredentials};
