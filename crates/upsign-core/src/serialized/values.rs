//! The forms of texts, numbers and names.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::identity::{Issuer, Subject};
use crate::issuer_name::IssuerName;
use crate::origin::Origin;
use crate::origin_pattern::OriginPattern;
use crate::post::style::PostStyle;
use crate::request::key::ObjectKey;
use crate::request::lifetime::{ExpiresIn, ExpiryPrecision, ShortCredentials};
use crate::request::operation::Method;
use crate::request::part::{PartNumber, UploadId};
use crate::target::access_point::AccessPoint;
use crate::target::bucket::Bucket;
use crate::target::endpoint::Endpoint;
use crate::target::region::Region;
use crate::time::Timestamp;

/// Serializes by `Display` and deserializes by `FromStr`.
macro_rules! as_text {
    ($($type:ty),+ $(,)?) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )+};
}

as_text!(
    AccessPoint,
    Bucket,
    Endpoint,
    Issuer,
    IssuerName,
    ObjectKey,
    Origin,
    OriginPattern,
    Region,
    Subject,
    Timestamp,
    UploadId
);

/// Serializes the number that `$get` returns and deserializes by `TryFrom<u64>`.
macro_rules! as_number {
    ($($type:ty: $get:ident),+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u64(self.$get().into())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::try_from(u64::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }
    )+};
}

as_number!(ExpiresIn: as_secs, PartNumber: get);

/// Serializes each variant as its name.
macro_rules! as_name {
    ($($type:ty { $($variant:ident = $name:literal),+ })+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(match self {
                    $(Self::$variant => $name,)+
                })
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match String::deserialize(deserializer)?.as_str() {
                    $($name => Ok(Self::$variant),)+
                    other => Err(D::Error::unknown_variant(other, &[$($name),+])),
                }
            }
        }
    )+};
}

as_name! {
    ExpiryPrecision { Exact = "exact", UpperBound = "upper-bound" }
    Method { Put = "PUT", Get = "GET", Head = "HEAD", Post = "POST", Delete = "DELETE" }
    PostStyle { Lower = "lower", Js = "js" }
    ShortCredentials { Clamp = "clamp", Refuse = "refuse" }
}
