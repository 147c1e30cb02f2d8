//! Words and seams of upsign: the types every other crate speaks in, and the traits at which they meet.
//!
//! Nothing here reads a clock, draws entropy, touches the environment or waits for I/O. Time is a [`Timestamp`]
//! handed in by the caller; whatever has to wait does so behind [`Presigner`] or [`CredentialsSource`].
//!
//! | words | seams |
//! | --- | --- |
//! | [`ObjectKey`], [`Bucket`], [`Region`], [`Target`] | [`Sign`]: request + credentials + time → URL, pure |
//! | [`Operation`], [`SignedHeaders`], [`Query`], [`ExpiresIn`] | [`CredentialsSource`]: time → credentials, may wait |
//! | [`PresignRequest`] → [`PresignedRequest`] | [`Presigner`]: request + time → URL, may wait |
//! | [`Credentials`], [`Identity`], [`Timestamp`] | [`WithCredentials`]: `Sign` + `CredentialsSource` = `Presigner` |

mod bucket;
mod credentials;
mod endpoint;
mod error;
mod headers;
mod identity;
mod key;
mod lifetime;
mod operation;
mod query;
mod request;
mod seam;
mod target;
mod time;

pub use bucket::{Bucket, InvalidBucket, InvalidRegion, Region};
pub use credentials::{Credentials, Expiry, InvalidCredentials};
pub use endpoint::{Endpoint, InvalidEndpoint, Scheme};
pub use error::{CredentialsError, PresignError, Unsupported};
pub use headers::{InvalidHeader, SignedHeaders};
pub use identity::{Identity, InvalidIdentity, Issuer, Subject};
pub use key::{InvalidObjectKey, ObjectKey};
pub use lifetime::{Bound, ExpiresIn, InvalidExpiresIn, SAFETY_MARGIN, WhenShort};
pub use operation::{Method, Operation};
pub use query::{InvalidQuery, Query};
pub use request::{PresignRequest, PresignedRequest, PresignedUrl};
pub use seam::{CredentialsSource, Presigner, Sign, WithCredentials};
pub use target::{Addressing, InvalidTarget, Target};
pub use time::{Civil, InvalidTimestamp, Timestamp};
