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

mod address;
mod arn;
mod bucket;
mod condition;
mod credentials;
mod endpoint;
mod error;
mod headers;
mod identity;
mod key;
mod lifetime;
mod operation;
mod part;
mod partition;
mod post;
mod post_form;
mod post_key;
mod profile;
mod query;
mod request;
mod resource;
mod seam;
mod target;
mod time;

pub use address::TargetBuilder;
pub use arn::{AccessPoint, InvalidArn};
pub use bucket::{Bucket, InvalidBucket, InvalidRegion, Region};
pub use condition::{Condition, InvalidLengthRange, LengthRange};
pub use credentials::{Credentials, Expiry, InvalidCredentials};
pub use endpoint::{Endpoint, InvalidEndpoint, Scheme};
pub use error::{CredentialsError, PresignError, Unsupported};
pub use headers::{InvalidHeader, SignedHeaders};
pub use identity::{Identity, InvalidIdentity, Issuer, Subject};
pub use key::{InvalidObjectKey, ObjectKey};
pub use lifetime::{Bound, ExpiresIn, InvalidExpiresIn, SAFETY_MARGIN, WhenShort};
pub use operation::{Method, Operation};
pub use part::{InvalidPartNumber, InvalidUploadId, PartNumber, UploadId};
pub use partition::Partition;
pub use post::{InvalidPost, PostPolicy, PostStyle};
pub use post_form::{PostForm, PostSigning, PresignedPost};
pub use post_key::{InvalidPostKey, PostKey};
pub use profile::{Capabilities, EndpointForm, Provider, UnknownProvider};
pub use query::{InvalidQuery, Query};
pub use request::{PresignRequest, PresignedRequest, PresignedUrl};
pub use resource::{InvalidResource, Resource};
pub use seam::{CredentialsSource, Presigner, Sign, SignPost, WithCredentials};
pub use target::{Addressing, Choice, InvalidTarget, Target};
pub use time::{Civil, InvalidTimestamp, Timestamp};
